//===- Ranges.h - What values a step may take -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Interval arithmetic over a step, from the ranges that inputs and parameters
// declare: exp of (-inf, 0] is in [0, 1], a sigmoid in [0, 1]. Vectors of norm
// 1 are known as such, so that sum[i] k[i] * k[i] is 1. What intervals alone
// would lose is found by shape: x - max(x, y) is never positive.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_RANGES_H
#define LRC_LIB_ANALYSIS_RANGES_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Analysis/Interval.h"

#include "llvm/ADT/DenseMap.h"

#include <optional>

namespace lrc {

/// Bounds on a number. Of real numbers, im is 0 and the modulus follows.
struct Bounds {
  Interval re;
  Interval im = Interval::point(0);
  Interval modulus{0, INFINITY};

  static Bounds real(Interval re) { return {re, Interval::point(0), abs(re)}; }
  static Bounds complex(Interval re, Interval im);
};

class Ranges {
public:
  /// Of the values of `phase`, a specialised dsf.step or dsf.form.
  Ranges(dsf::RecurrenceOp recurrence, mlir::Block &phase);

  Bounds get(mlir::Value value) const;
  Interval getReal(mlir::Value value) const { return get(value).re; }

  /// Bounds on the sum over `labels` of a product. Pairs of equal vectors of
  /// known norm count as that norm.
  Interval boundSum(llvm::ArrayRef<mlir::Value> factors,
                    llvm::ArrayRef<mlir::StringAttr> labels,
                    int64_t count) const;

  /// Bounds on the sum of squares along the one label of a vector.
  std::optional<Interval> boundSquares(mlir::Value vector) const;

private:
  Bounds visit(mlir::Operation *op) const;
  Bounds visitSource(mlir::Value array) const;
  Bounds visitUnary(dsf::UnaryOp op) const;
  Bounds visitBinary(dsf::BinaryOp op) const;
  Bounds visitReduce(dsf::ReduceOp op) const;
  Interval difference(mlir::Value a, mlir::Value b) const;

  dsf::RecurrenceOp recurrence;
  llvm::DenseMap<mlir::Value, Bounds> ranges;
};

/// Whether two values with one label each have the same elements, whatever the
/// label is called.
bool isSameVector(mlir::Value a, mlir::Value b);

/// Appends the factors of a product; numbers and negations go into `number`. A
/// vector over its norm stays whole.
void flattenProduct(mlir::Value product,
                    llvm::SmallVectorImpl<mlir::Value> &factors,
                    double &number);

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_RANGES_H
