//===- NarrowProducts.cpp - tile-narrow-products --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Indices, and what is made of them, are f64. A product of such a number and
// one that was f32 before it was extended, rounded to f32 again, is as good a
// product of f32: each rounding adds an error relative to the result. (A sum is
// not: it may be small beside what is added. Nor are numbers of parameters,
// which may be larger than an f32.)
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"

#include "lib/Conversion/TileToVector/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lrc {
#define GEN_PASS_DEF_TILENARROWPRODUCTS
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;
using namespace lrc;

/// A tile in the element type of `like`, rounded where it is made.
static Value narrow(PatternRewriter &rewriter, Value tile, Type like) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPointAfterValue(tile);
  Type element = cast<RankedTensorType>(like).getElementType();
  return arith::TruncFOp::create(
      rewriter, tile.getLoc(),
      cast<RankedTensorType>(tile.getType()).clone(element), tile);
}

/// Whether all elements are far from the largest and the smallest f32: made of
/// indices and numbers near 1 by a few operations.
static bool isModest(Value tile, int64_t depth = 0) {
  constexpr int64_t deepest = 16;
  constexpr double large = 1 << 20;
  Operation *op = tile.getDefiningOp();
  if (!op || depth > deepest)
    return false;
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto elements = dyn_cast<DenseFPElementsAttr>(constant.getValue());
    return elements && llvm::all_of(elements, [](const APFloat &value) {
             double number = std::abs(value.convertToDouble());
             return number == 0 || (number < large && number > 1 / large);
           });
  }
  if (isa<tile::IotaOp>(op))
    return true;
  if (!isa<arith::AddFOp, arith::SubFOp, arith::NegFOp, arith::MulFOp,
           arith::RemFOp, arith::SelectOp, tile::AccessOp>(op))
    return false;
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return !isa<FloatType>(getElementTypeOrSelf(operand)) ||
           isModest(operand, depth + 1);
  });
}

namespace {
/// Rounds before what is read is repeated or reordered.
struct NarrowAccess : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    auto access = op.getIn().getDefiningOp<tile::AccessOp>();
    if (!access)
      return failure();
    rewriter.replaceOpWithNewOp<tile::AccessOp>(
        op, op.getType(), narrow(rewriter, access.getSource(), op.getType()),
        access.getMap());
    return success();
  }
};

struct NarrowProduct : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    auto product = op.getIn().getDefiningOp<arith::MulFOp>();
    if (!product || !isa<RankedTensorType>(op.getType()))
      return failure();
    auto wasNarrow = [&](Value value) {
      auto extended = value.getDefiningOp<arith::ExtFOp>();
      return extended && extended.getIn().getType() == op.getType();
    };
    Value lhs = product.getLhs(), rhs = product.getRhs();
    if (!(wasNarrow(lhs) && (wasNarrow(rhs) || isModest(rhs))) &&
        !(wasNarrow(rhs) && isModest(lhs)))
      return failure();
    rewriter.replaceOpWithNewOp<arith::MulFOp>(
        op, narrow(rewriter, product.getLhs(), op.getType()),
        narrow(rewriter, product.getRhs(), op.getType()),
        product.getFastmath());
    return success();
  }
};

struct TileNarrowProductsPass
    : public lrc::impl::TileNarrowProductsBase<TileNarrowProductsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NarrowAccess, NarrowProduct>(&getContext());
    arith::TruncFOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
