//===- LaneOrderTest.cpp - Vectors that repeat or reorder lanes -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/LaneOrder.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace lrc;

namespace {
class LaneOrderTest : public ::testing::Test {
protected:
  /// What lane `lane` of vector `vector` reads, by the order and by itself.
  void expectSame(AffineExpr expr, int64_t width) {
    std::optional<LaneOrder> order = orderOf(expr, 1, 2, width);
    ASSERT_TRUE(order);
    for (int64_t vector = 0; vector < 5; ++vector)
      for (int64_t lane = 0; lane < width; ++lane) {
        AffineExpr at = expr.replace(
            getAffineDimExpr(1, &context),
            getAffineConstantExpr(vector * width + lane, &context));
        at = simplifyAffineExpr(at, 2, 0);
        EXPECT_EQ(cast<AffineConstantExpr>(at).getValue(),
                  order->stride * vector + order->first +
                      order->elements[lane]);
      }
  }

  MLIRContext context;
  AffineExpr lane = getAffineDimExpr(1, &context);
};
} // namespace

TEST_F(LaneOrderTest, Pairs) {
  for (int64_t width : {2, 4, 8, 16}) {
    expectSame(lane.floorDiv(2), width);
    expectSame(lane - (lane % 2) * 2 + 1, width);
  }
  std::optional<LaneOrder> halves = orderOf(lane.floorDiv(2), 1, 2, 8);
  ASSERT_TRUE(halves);
  EXPECT_EQ(halves->stride, 4);
  EXPECT_EQ(halves->count(), 4);
}

TEST_F(LaneOrderTest, ShiftsAndReversals) {
  expectSame(lane + 3, 4);
  expectSame(100 - lane, 4);
}

TEST_F(LaneOrderTest, VectorsThatDiffer) {
  // Every third lane: vectors of 4 begin elsewhere in a group of three.
  EXPECT_FALSE(orderOf(lane.floorDiv(3), 1, 2, 4));
  EXPECT_FALSE(orderOf(lane % 6, 1, 2, 4));
  // More than one axis.
  EXPECT_FALSE(orderOf(lane + getAffineDimExpr(0, &context), 1, 2, 4));
}
