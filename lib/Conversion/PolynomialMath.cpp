//===- PolynomialMath.cpp - lrc-polynomial-math ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <cmath>

namespace lrc {
#define GEN_PASS_DEF_POLYNOMIALMATH
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;

/// x less the nearest multiple of 2 pi. The upstream polynomials reduce their
/// argument in f32, which loses a digit for every factor of ten in x; in f64
/// what is left is exact to f32 up to |x| of about 10^8.
static Value reduceAngle(OpBuilder &builder, Location loc, Value x) {
  Type wide = builder.getF64Type();
  if (auto vector = dyn_cast<VectorType>(x.getType()))
    wide = vector.clone(wide);
  auto constant = [&](double value) -> Value {
    TypedAttr attribute = builder.getF64FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(wide))
      attribute =
          DenseElementsAttr::get(vector, builder.getF64FloatAttr(value));
    return arith::ConstantOp::create(builder, loc, attribute);
  };
  Value angle = arith::ExtFOp::create(builder, loc, wide, x);
  Value turns = math::RoundEvenOp::create(
      builder, loc,
      arith::MulFOp::create(builder, loc, angle, constant(0.5 * M_1_PI)));
  Value rest =
      math::FmaOp::create(builder, loc, turns, constant(-2 * M_PI), angle);
  return arith::TruncFOp::create(builder, loc, x.getType(), rest);
}

namespace {
struct PolynomialMathPass
    : public lrc::impl::PolynomialMathBase<PolynomialMathPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!isa<math::SinOp, math::CosOp>(op) ||
          !getElementTypeOrSelf(op->getResult(0)).isF32())
        return;
      OpBuilder builder(op);
      op->setOperand(0, reduceAngle(builder, op->getLoc(), op->getOperand(0)));
    });
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
