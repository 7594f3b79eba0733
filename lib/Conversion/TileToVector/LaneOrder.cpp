//===- LaneOrder.cpp - Vectors that repeat or reorder lanes ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/LaneOrder.h"

using namespace mlir;
using namespace lrc;

std::optional<LaneOrder> lrc::orderOf(AffineExpr expr, unsigned dim,
                                      unsigned rank, int64_t width) {
  MLIRContext *context = expr.getContext();
  AffineExpr block = getAffineDimExpr(dim, context);
  LaneOrder order;
  SmallVector<int64_t> offsets;
  for (int64_t lane = 0; lane < width; ++lane) {
    AffineExpr at = expr.replace(block, block * width + lane);
    at = simplifyAffineExpr(at, rank, /*numSymbols=*/0);
    // stride * block + offset
    auto asNumber = [&](int64_t value) {
      AffineExpr known = simplifyAffineExpr(
          at.replace(block, getAffineConstantExpr(value, context)), rank, 0);
      auto number = dyn_cast<AffineConstantExpr>(known);
      return number ? std::optional(number.getValue()) : std::nullopt;
    };
    std::optional<int64_t> offset = asNumber(0), next = asNumber(1);
    if (!offset || !next)
      return std::nullopt;
    int64_t stride = *next - *offset;
    bool isLinear = simplifyAffineExpr(at - (block * stride + *offset), rank,
                                       0) == getAffineConstantExpr(0, context);
    if (!isLinear || (lane > 0 && stride != order.stride))
      return std::nullopt;
    order.stride = stride;
    offsets.push_back(*offset);
  }
  order.first = *std::min_element(offsets.begin(), offsets.end());
  for (int64_t offset : offsets)
    order.elements.push_back(offset - order.first);
  return order;
}
