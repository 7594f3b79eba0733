//===- Layout.h - From elements of one value to another ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values are dense in C order of their labels. How elements of two values
// belong together is worked out once, before the first step.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_INTERP_LAYOUT_H
#define LRC_LIB_INTERP_LAYOUT_H

#include "dialects/Dsf/Dsf.h"

#include <vector>

namespace lrc::interp {

/// For each element of one value the element of another; empty is identity.
class IndexMap {
public:
  IndexMap() = default;
  explicit IndexMap(std::vector<int32_t> positions);
  bool isIdentity() const { return positions.empty(); }
  int64_t operator[](int64_t i) const {
    return positions.empty() ? i : positions[i];
  }

private:
  std::vector<int32_t> positions;
};

/// Labels with their sizes.
struct Axes {
  llvm::SmallVector<mlir::StringAttr> labels;
  llvm::SmallVector<int64_t> sizes;

  static Axes of(dsf::ValueType type);
  static Axes of(mlir::ArrayAttr labels, dsf::PositionalType type);
};

int64_t countElements(llvm::ArrayRef<int64_t> sizes);
int64_t countElements(mlir::Type type);

/// The element of `part`, whose labels are among those of `whole`, for each
/// element of `whole`: broadcast, and the target of a reduction.
IndexMap projectOnto(const Axes &whole, const Axes &part);

/// The element of the source for each element of the result.
IndexMap gatherOf(dsf::ReadOp read);

} // namespace lrc::interp

#endif // LRC_LIB_INTERP_LAYOUT_H
