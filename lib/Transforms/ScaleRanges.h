//===- ScaleRanges.h - Between which numbers a value lies ------------*- C++ -*-===//
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

#ifndef LRC_LIB_TRANSFORMS_SCALERANGES_H
#define LRC_LIB_TRANSFORMS_SCALERANGES_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/DenseMap.h"

#include <cmath>

namespace lrc {

/// The numbers from `low` to `high`, both included.
struct ScaleInterval {
  double low = -INFINITY;
  double high = INFINITY;

  bool isWithin(double bound) const { return low >= -bound && high <= bound; }
  bool isNonNegative() const { return low >= 0; }
};

class ScaleRanges {
public:
  /// Of a real value of a step that is specialised; of others all numbers.
  ScaleInterval of(mlir::Value value);

private:
  ScaleInterval compute(mlir::Operation *op);
  ScaleInterval ofField(dsf::GetOp op);
  ScaleInterval ofUnary(dsf::UnaryOp op);
  ScaleInterval ofBinary(dsf::BinaryOp op);
  ScaleInterval ofReduce(dsf::ReduceOp op);

  llvm::DenseMap<mlir::Value, ScaleInterval> known;
  unsigned depth = 0;
};

/// Whether `larger` is a maximum, or a sum of exponentials in log space, of
/// `value` and others: not below it, whatever the numbers are.
bool isMaximumOf(mlir::Value larger, mlir::Value value);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SCALERANGES_H
