//===- Pointwise.cpp - Functions of numbers on tiles ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/Pointwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {

/// Real arithmetic on tiles of one type.
class Real {
public:
  explicit Real(TileBuilder &builder) : builder(builder) {}

  // `contract` lets a product and a sum become one fused operation.
  template <typename OpT> Value arith2(Value x, Value y) {
    return OpT::create(builder.at({x, y}), builder.getLocation(), x, y,
                       arith::FastMathFlags::contract);
  }
  template <typename OpT> Value math1(Value x) {
    return OpT::create(builder.at(x), builder.getLocation(), x,
                       arith::FastMathFlags::contract);
  }
  Value add(Value x, Value y) { return arith2<arith::AddFOp>(x, y); }
  Value sub(Value x, Value y) { return arith2<arith::SubFOp>(x, y); }
  Value mul(Value x, Value y) { return arith2<arith::MulFOp>(x, y); }
  Value div(Value x, Value y) { return arith2<arith::DivFOp>(x, y); }
  Value min(Value x, Value y) { return arith2<arith::MinimumFOp>(x, y); }
  Value max(Value x, Value y) { return arith2<arith::MaximumFOp>(x, y); }
  Value neg(Value x) { return math1<arith::NegFOp>(x); }
  Value exp(Value x) { return math1<math::ExpOp>(x); }
  Value abs(Value x) { return math1<math::AbsFOp>(x); }
  Value log1p(Value x) { return math1<math::Log1pOp>(x); }
  Value sqrt(Value x) { return math1<math::SqrtOp>(x); }
  Value constant(Value like, double value) {
    return builder.constantLike(like, value);
  }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(builder.at({x, y}), builder.getLocation(),
                                 predicate, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(builder.at({condition, x, y}),
                                   builder.getLocation(), condition, x, y);
  }

  Value unary(UnaryKind fn, Value x);
  Value binary(BinaryKind fn, Value x, Value y);
  Value power(Value x, Value y);

private:
  /// log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|))
  Value softplus(Value x) {
    return add(max(x, constant(x, 0)), log1p(exp(neg(abs(x)))));
  }
  Value sigmoid(Value x) {
    Value one = constant(x, 1);
    return div(one, add(one, exp(neg(x))));
  }
  Value sign(Value x);
  Value remainder(Value x, Value y);
  Value logAddExp(Value x, Value y);

  TileBuilder &builder;
};

} // namespace

/// -1, 0 or 1; NaN for NaN.
Value Real::sign(Value x) {
  Value zero = constant(x, 0);
  Value negative = compare(arith::CmpFPredicate::OLT, x, zero);
  Value positive = compare(arith::CmpFPredicate::OGT, x, zero);
  return select(positive, constant(x, 1), select(negative, constant(x, -1), x));
}

/// Has the sign of y.
Value Real::remainder(Value x, Value y) {
  Value r = arith2<arith::RemFOp>(x, y);
  Value zero = constant(x, 0);
  Value differs =
      compare(arith::CmpFPredicate::OLT, mul(sign(r), sign(y)), zero);
  return select(differs, add(r, y), r);
}

/// max(x, y) + log1p(exp(-|x - y|)), where two equal infinities differ by 0.
Value Real::logAddExp(Value x, Value y) {
  Value equal = compare(arith::CmpFPredicate::OEQ, x, y);
  Value distance = select(equal, constant(x, 0), abs(sub(x, y)));
  return add(max(x, y), log1p(exp(neg(distance))));
}

Value Real::unary(UnaryKind fn, Value x) {
  switch (fn) {
  case UnaryKind::Neg:
    return neg(x);
  case UnaryKind::Exp:
    return exp(x);
  case UnaryKind::Log:
    return math1<math::LogOp>(x);
  case UnaryKind::Expm1:
    return math1<math::ExpM1Op>(x);
  case UnaryKind::Log1p:
    return log1p(x);
  case UnaryKind::Sqrt:
    return sqrt(x);
  case UnaryKind::Rsqrt:
    return div(constant(x, 1), sqrt(x));
  case UnaryKind::Abs:
    return abs(x);
  case UnaryKind::Sign:
    return sign(x);
  case UnaryKind::Sin:
    return math1<math::SinOp>(x);
  case UnaryKind::Cos:
    return math1<math::CosOp>(x);
  case UnaryKind::Tan:
    return div(math1<math::SinOp>(x), math1<math::CosOp>(x));
  case UnaryKind::Tanh:
    return math1<math::TanhOp>(x);
  case UnaryKind::Sigmoid:
    return sigmoid(x);
  case UnaryKind::LogSigmoid:
    return neg(softplus(neg(x)));
  case UnaryKind::Softplus:
    return softplus(x);
  case UnaryKind::Silu:
    return mul(x, sigmoid(x));
  case UnaryKind::Gelu: {
    Value phi = add(constant(x, 1),
                    math1<math::ErfOp>(mul(x, constant(x, std::sqrt(0.5)))));
    return mul(mul(x, constant(x, 0.5)), phi);
  }
  case UnaryKind::Relu:
    return max(x, constant(x, 0));
  case UnaryKind::Elu: {
    Value zero = constant(x, 0);
    return select(compare(arith::CmpFPredicate::OGT, x, zero), x,
                  math1<math::ExpM1Op>(min(x, zero)));
  }
  case UnaryKind::Erf:
    return math1<math::ErfOp>(x);
  case UnaryKind::Floor:
    return math1<math::FloorOp>(x);
  case UnaryKind::Re:
  case UnaryKind::Conj:
    return x;
  case UnaryKind::Im:
    return constant(x, 0);
  case UnaryKind::Not:
    break;
  }
  llvm_unreachable("not a function of a real number");
}

static std::optional<arith::CmpFPredicate> getPredicate(BinaryKind fn) {
  switch (fn) {
  case BinaryKind::Lt:
    return arith::CmpFPredicate::OLT;
  case BinaryKind::Le:
    return arith::CmpFPredicate::OLE;
  case BinaryKind::Gt:
    return arith::CmpFPredicate::OGT;
  case BinaryKind::Ge:
    return arith::CmpFPredicate::OGE;
  case BinaryKind::Eq:
    return arith::CmpFPredicate::OEQ;
  case BinaryKind::Ne:
    return arith::CmpFPredicate::UNE;
  default:
    return std::nullopt;
  }
}

/// Small integer exponents become products, 1/2 a root.
Value Real::power(Value x, Value y) {
  DenseElementsAttr constants;
  if (matchPattern(y, m_Constant(&constants)) && constants.isSplat()) {
    double exponent = constants.getSplatValue<APFloat>().convertToDouble();
    if (exponent == 0.5)
      return sqrt(x);
    if (exponent == 1)
      return x;
    if (exponent == 2)
      return mul(x, x);
    if (exponent == 3)
      return mul(mul(x, x), x);
    if (exponent == 4)
      return mul(mul(x, x), mul(x, x));
    if (exponent == -1)
      return div(constant(x, 1), x);
  }
  return arith2<math::PowFOp>(x, y);
}

Value Real::binary(BinaryKind fn, Value x, Value y) {
  if (std::optional<arith::CmpFPredicate> predicate = getPredicate(fn))
    return compare(*predicate, x, y);
  switch (fn) {
  case BinaryKind::Add:
    return add(x, y);
  case BinaryKind::Sub:
    return sub(x, y);
  case BinaryKind::Mul:
    return mul(x, y);
  case BinaryKind::Div:
    return div(x, y);
  case BinaryKind::Rem:
    return remainder(x, y);
  case BinaryKind::Pow:
    return power(x, y);
  case BinaryKind::Min:
    return min(x, y);
  case BinaryKind::Max:
    return max(x, y);
  case BinaryKind::LogAddExp:
    return logAddExp(x, y);
  default:
    llvm_unreachable("not a function of two real numbers");
  }
}

//===----------------------------------------------------------------------===//
// Complex numbers
//===----------------------------------------------------------------------===//

static TileValue emitComplexUnary(Real real, UnaryKind fn, TileValue x) {
  switch (fn) {
  case UnaryKind::Neg:
    return {real.neg(x.re), real.neg(x.im), x.uniform};
  case UnaryKind::Conj:
    return {x.re, real.neg(x.im), x.uniform};
  case UnaryKind::Re:
    return {x.re, nullptr, x.uniform};
  case UnaryKind::Im:
    return {x.im, nullptr, x.uniform};
  case UnaryKind::Abs:
    return {real.sqrt(real.add(real.mul(x.re, x.re), real.mul(x.im, x.im))),
            nullptr, x.uniform};
  case UnaryKind::Exp: {
    Value size = real.exp(x.re);
    return {real.mul(size, real.unary(UnaryKind::Cos, x.im)),
            real.mul(size, real.unary(UnaryKind::Sin, x.im)), x.uniform};
  }
  default:
    llvm_unreachable("not a function of a complex number");
  }
}

static TileValue emitProduct(Real real, TileValue x, TileValue y) {
  bool uniform = x.uniform && y.uniform;
  if (!y.im)
    std::swap(x, y);
  if (!x.im)
    return {real.mul(x.re, y.re), real.mul(x.re, y.im), uniform};
  return {real.sub(real.mul(x.re, y.re), real.mul(x.im, y.im)),
          real.add(real.mul(x.re, y.im), real.mul(x.im, y.re)), uniform};
}

/// x / y = x conj(y) / |y|^2
static TileValue emitQuotient(Real real, TileValue x, TileValue y) {
  bool uniform = x.uniform && y.uniform;
  if (!y.im)
    return {real.div(x.re, y.re), real.div(x.im, y.re), uniform};
  Value norm = real.add(real.mul(y.re, y.re), real.mul(y.im, y.im));
  TileValue product = emitProduct(real, x, {y.re, real.neg(y.im), y.uniform});
  return {real.div(product.re, norm), real.div(product.im, norm), uniform};
}

static TileValue emitComplexBinary(Real real, BinaryKind fn, TileValue x,
                                   TileValue y) {
  bool uniform = x.uniform && y.uniform;
  switch (fn) {
  case BinaryKind::Add:
    return {real.add(x.re, y.re),
            x.im && y.im ? real.add(x.im, y.im) : (x.im ? x.im : y.im),
            uniform};
  case BinaryKind::Sub:
    return {real.sub(x.re, y.re),
            x.im && y.im ? real.sub(x.im, y.im)
                         : (x.im ? x.im : real.neg(y.im)),
            uniform};
  case BinaryKind::Mul:
    return emitProduct(real, x, y);
  case BinaryKind::Div:
    return emitQuotient(real, x, y);
  default:
    llvm_unreachable("not a function of two complex numbers");
  }
}

//===----------------------------------------------------------------------===//
// Interface
//===----------------------------------------------------------------------===//

static Value emitLogic(TileBuilder &builder, BinaryKind fn, Value x, Value y) {
  OpBuilder &at = builder.at({x, y});
  if (fn == BinaryKind::And)
    return arith::AndIOp::create(at, builder.getLocation(), x, y);
  return arith::OrIOp::create(at, builder.getLocation(), x, y);
}

static Value emitNot(TileBuilder &builder, Value x) {
  auto type = cast<RankedTensorType>(x.getType());
  Value ones = arith::ConstantOp::create(
      builder.beforeLoop(), builder.getLocation(),
      DenseElementsAttr::get(type, builder.beforeLoop().getBoolAttr(true)));
  return arith::XOrIOp::create(builder.at(x), builder.getLocation(), x, ones);
}

TileValue lrc::emitUnary(TileBuilder &builder, UnaryKind fn, TileValue x) {
  if (fn == UnaryKind::Not)
    return {emitNot(builder, x.re), nullptr, x.uniform};
  x = builder.coerce(x, x.uniform);
  if (x.isComplex())
    return emitComplexUnary(Real(builder), fn, x);
  return {Real(builder).unary(fn, x.re), nullptr, x.uniform};
}

TileValue lrc::emitBinary(TileBuilder &builder, BinaryKind fn, TileValue x,
                          TileValue y) {
  bool uniform = x.uniform && y.uniform;
  if (fn == BinaryKind::And || fn == BinaryKind::Or)
    return {emitLogic(builder, fn, x.re, y.re), nullptr, uniform};
  x = builder.coerce(x, uniform);
  y = builder.coerce(y, uniform);
  if (fn == BinaryKind::Complex)
    return {x.re, y.re, uniform};
  if (x.isComplex() || y.isComplex())
    return emitComplexBinary(Real(builder), fn, x, y);
  return {Real(builder).binary(fn, x.re, y.re), nullptr, uniform};
}

TileValue lrc::emitSelect(TileBuilder &builder, TileValue condition,
                          TileValue x, TileValue y) {
  bool uniform = condition.uniform && x.uniform && y.uniform;
  x = builder.coerce(x, uniform);
  y = builder.coerce(y, uniform);
  Real real(builder);
  TileValue result{real.select(condition.re, x.re, y.re), nullptr, uniform};
  if (x.im || y.im) {
    Value zero = builder.constantLike(x.im ? x.im : y.im, 0);
    result.im =
        real.select(condition.re, x.im ? x.im : zero, y.im ? y.im : zero);
  }
  return result;
}
