//===- LaneOrder.h - Vectors that repeat or reorder lanes -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_LANEORDER_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_LANEORDER_H

#include "mlir/IR/AffineExpr.h"

#include <optional>

namespace lrc {

/// What the lanes of a vector read of an axis: those of pairs, say, that
/// l floordiv 2 or l - 2 (l mod 2) + 1 make of lane l.
struct LaneOrder {
  /// Elements from what one whole vector reads to what the next reads.
  int64_t stride = 0;
  /// The first that the first vector reads, and from there, that of each lane.
  int64_t first = 0;
  llvm::SmallVector<int64_t> elements;

  int64_t count() const {
    return *std::max_element(elements.begin(), elements.end()) + 1;
  }
};

/// The order in which a vector of `width` lanes, at a multiple of that along
/// `dim` of `rank`, reads an axis at `expr`, which has no other dim; nothing if
/// vectors differ in it.
std::optional<LaneOrder> orderOf(mlir::AffineExpr expr, unsigned dim,
                                 unsigned rank, int64_t width);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_LANEORDER_H
