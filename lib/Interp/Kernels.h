//===- Kernels.h - What each dsf op does to its operands --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One function per op. Each returns the action that computes a cell from the
// cells of the operands; what it needs to know of labels it works out before.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_INTERP_KERNELS_H
#define LRC_LIB_INTERP_KERNELS_H

#include "lib/Interp/Layout.h"

#include <complex>
#include <functional>
#include <vector>

namespace lrc::interp {

/// The elements of one value, array or declaration.
struct Cell {
  Cell(int64_t size, dsf::Kind kind) : kind(kind) {
    if (kind == dsf::Kind::Complex)
      complexes.resize(size);
    else
      reals.resize(size);
  }
  bool isComplex() const { return kind == dsf::Kind::Complex; }
  int64_t size() const { return isComplex() ? complexes.size() : reals.size(); }
  template <typename T> T *data() {
    if constexpr (std::is_same_v<T, double>)
      return reals.data();
    else
      return complexes.data();
  }

  dsf::Kind kind;
  /// Whether it may change from one step to the next.
  bool varies = false;
  /// Real numbers and bools, which are 0 or 1.
  std::vector<double> reals;
  std::vector<std::complex<double>> complexes;
};

using Action = std::function<void()>;

/// out = in, element by element; a real `in` is widened for a complex `out`.
Action makeCopy(Cell &out, Cell &in, IndexMap map);

Action makeUnary(dsf::UnaryOp op, Cell &out, Cell &operand);
/// Operands of arithmetic have the kind of the result.
Action makeBinary(dsf::BinaryOp op, Cell &out, Cell &lhs, Cell &rhs);
/// Both choices have the kind of the result.
Action makeSelect(dsf::SelectOp op, Cell &out, Cell &condition, Cell &onTrue,
                  Cell &onFalse);
Action makeReduce(dsf::ReduceOp op, Cell &out, Cell &operand);
Action makeShift(Cell &out, Cell &past, Cell &value);
/// The inverse of each of the size x size matrices in a cell (Inverse.cpp).
Action makeInverse(Cell &out, Cell &matrix, int64_t size);

} // namespace lrc::interp

#endif // LRC_LIB_INTERP_KERNELS_H
