//===- PolynomialMath.cpp - lrc-polynomial-math ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/WideSinCos.h"

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

//===----------------------------------------------------------------------===//
// sin and cos in f64
//===----------------------------------------------------------------------===//

namespace {
/// Arithmetic on f64 or on a vector of it.
class Wide {
public:
  Wide(OpBuilder &builder, Location loc, Type type)
      : builder(builder), loc(loc), type(type) {}

  Value constant(double value) {
    TypedAttr attribute = builder.getF64FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(type))
      attribute =
          DenseElementsAttr::get(vector, builder.getF64FloatAttr(value));
    return arith::ConstantOp::create(builder, loc, attribute);
  }
  Value multiply(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }
  Value multiplyAdd(Value a, Value b, Value c) {
    return math::FmaOp::create(builder, loc, a, b, c);
  }
  Value choose(Value condition, Value a, Value b) {
    return arith::SelectOp::create(builder, loc, condition, a, b);
  }
  /// Whether a whole number is odd; false for NaN.
  Value isOdd(Value whole) {
    Value half =
        math::FloorOp::create(builder, loc, multiply(whole, constant(0.5)));
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ONE,
                                 multiplyAdd(half, constant(-2), whole),
                                 constant(0));
  }
  /// The sum of x^n / (first + 2 n)! with alternating signs, from n = 0.
  Value series(Value x, int first) {
    constexpr int terms = 8;
    double factorials[terms];
    double factorial = 1;
    for (int i = 2, next = 0; next < terms; ++i) {
      factorial *= i;
      if (i >= first && (i - first) % 2 == 0)
        factorials[next++] = factorial;
    }
    Value sum = constant(-1 / factorials[terms - 1]);
    for (int n = terms - 2; n >= 0; --n)
      sum = multiplyAdd(sum, x, constant((n % 2 ? -1 : 1) / factorials[n]));
    return sum;
  }

private:
  OpBuilder &builder;
  Location loc;
  Type type;
};
} // namespace

/// x is n quarters of a turn and a rest of at most an eighth. Of the rest,
/// Taylor's series end below the last bit; pi / 2 in two parts keeps them exact
/// up to |x| of about 10^15.
static Value expandSinCos(OpBuilder &builder, Location loc, Value x,
                          bool isCos) {
  constexpr double quarterTail = 6.123233995736766e-17;
  Wide wide(builder, loc, x.getType());
  Value quarters = math::RoundEvenOp::create(
      builder, loc, wide.multiply(x, wide.constant(M_2_PI)));
  Value rest = wide.multiplyAdd(quarters, wide.constant(-M_PI_2), x);
  rest = wide.multiplyAdd(quarters, wide.constant(-quarterTail), rest);
  Value square = wide.multiply(rest, rest);
  // r - r^3 / 3! + .., 1 - r^2 / 2! + ..
  Value negative = wide.multiply(square, wide.constant(-1));
  Value sine = wide.multiplyAdd(wide.multiply(rest, negative),
                                wide.series(square, 3), rest);
  Value cosine =
      wide.multiplyAdd(negative, wide.series(square, 2), wide.constant(1));
  // cos x = sin (x + pi / 2)
  if (isCos)
    quarters = arith::AddFOp::create(builder, loc, quarters, wide.constant(1));
  Value half = math::FloorOp::create(
      builder, loc, wide.multiply(quarters, wide.constant(0.5)));
  Value result = wide.choose(wide.isOdd(quarters), cosine, sine);
  Value sign =
      wide.choose(wide.isOdd(half), wide.constant(-1), wide.constant(1));
  return wide.multiply(result, sign);
}

/// Rotations by the position in time are computed in f64, where upstream has no
/// polynomials; the library function takes one element after the other.
void lrc::expandWideSinCos(Operation *op) {
  OpBuilder builder(op);
  Value result = expandSinCos(builder, op->getLoc(), op->getOperand(0),
                              isa<math::CosOp>(op));
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
}

namespace {
struct PolynomialMathPass
    : public lrc::impl::PolynomialMathBase<PolynomialMathPass> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!isa<math::SinOp, math::CosOp>(op))
        return;
      if (getElementTypeOrSelf(op->getResult(0)).isF64())
        return lrc::expandWideSinCos(op);
      if (!getElementTypeOrSelf(op->getResult(0)).isF32())
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
