//===- Ranges.h - Between which numbers a value lies ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Intervals, from the ranges that inputs and parameters declare and from what
// functions make of them. Nothing is known of states.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_RANGES_H
#define LRC_LIB_ANALYSIS_RANGES_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/DenseMap.h"

#include <cmath>

namespace lrc {

/// The numbers from `low` to `high`, both included.
struct Interval {
  double low = -INFINITY;
  double high = INFINITY;

  bool isWithin(double bound) const { return low >= -bound && high <= bound; }
  bool isNonNegative() const { return low >= 0; }
};

class Ranges {
public:
  /// Of a real value of a step that is specialised; of others all numbers.
  Interval of(mlir::Value value);

private:
  Interval compute(mlir::Operation *op);
  Interval ofField(dsf::GetOp op);
  Interval ofUnary(dsf::UnaryOp op);
  Interval ofBinary(dsf::BinaryOp op);
  Interval ofReduce(dsf::ReduceOp op);

  llvm::DenseMap<mlir::Value, Interval> known;
  unsigned depth = 0;
};

/// Whether `larger` is a maximum, or a sum of exponentials in log space, of
/// `value` and others: not below it, whatever the numbers are.
bool isMaximumOf(mlir::Value larger, mlir::Value value);

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_RANGES_H
