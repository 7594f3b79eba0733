//===- ScaleRanges.cpp - Between which numbers a value lies --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/ScaleRanges.h"

#include "dialects/Dsf/Functions.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Arithmetic of intervals
//===----------------------------------------------------------------------===//

/// An interval without NaN: inf - inf, or 0 * inf, tells nothing.
static ScaleInterval make(double low, double high) {
  return {std::isnan(low) ? -INFINITY : low,
          std::isnan(high) ? INFINITY : high};
}

static ScaleInterval hull(ScaleInterval a, ScaleInterval b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

static ScaleInterval add(ScaleInterval a, ScaleInterval b) {
  return make(a.low + b.low, a.high + b.high);
}

static ScaleInterval negate(ScaleInterval a) { return {-a.high, -a.low}; }

static ScaleInterval multiply(ScaleInterval a, ScaleInterval b) {
  ScaleInterval result{INFINITY, -INFINITY};
  for (double x : {a.low, a.high})
    for (double y : {b.low, b.high}) {
      // A bound that is infinite is no number: 0 times it is 0.
      double product = x == 0 || y == 0 ? 0 : x * y;
      result = hull(result, {product, product});
    }
  return result;
}

static ScaleInterval invert(ScaleInterval a) {
  if (a.low < 0 && a.high > 0)
    return {};
  // 1 / -0 is -inf, but the interval says on which side of 0 it lies.
  double high = a.low == 0 ? INFINITY : 1 / a.low;
  double low = a.high == 0 ? -INFINITY : 1 / a.high;
  return make(low, high);
}

static ScaleInterval absolute(ScaleInterval a) {
  double high = std::max(std::abs(a.low), std::abs(a.high));
  if (a.low <= 0 && a.high >= 0)
    return {0, high};
  return {std::min(std::abs(a.low), std::abs(a.high)), high};
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

bool lrc::isMaximumOf(Value larger, Value value) {
  if (larger == value)
    return true;
  auto op = larger.getDefiningOp<BinaryOp>();
  return op &&
         (op.getFn() == BinaryKind::Max ||
          op.getFn() == BinaryKind::LogAddExp) &&
         (isMaximumOf(op.getLhs(), value) || isMaximumOf(op.getRhs(), value));
}

ScaleInterval ScaleRanges::ofField(GetOp op) {
  Operation *field =
      SymbolTable::lookupNearestSymbolFrom(op, op.getFieldAttr());
  if (!isa_and_present<InOp, ParamOp>(field))
    return {};
  Attribute range = FieldOp(field).getRange();
  if (auto interval = dyn_cast_or_null<IntervalAttr>(range))
    return {interval.getLower(), interval.getUpper()};
  if (isa_and_present<UnitNormAttr>(range))
    return {-1, 1};
  if (auto choice = dyn_cast_or_null<ChoiceAttr>(range)) {
    auto [low, high] = std::minmax_element(choice.getValues().begin(),
                                           choice.getValues().end());
    return {*low, *high};
  }
  return {};
}

ScaleInterval ScaleRanges::ofUnary(UnaryOp op) {
  ScaleInterval x = of(op.getOperand());
  auto applyToBounds = [&] {
    return withUnary(op.getFn(),
                     [&](auto fn) { return make(fn(x.low), fn(x.high)); });
  };
  switch (op.getFn()) {
  case UnaryKind::Neg:
    return negate(x);
  case UnaryKind::Log:
  case UnaryKind::Log1p:
  case UnaryKind::Sqrt:
  case UnaryKind::Exp:
  case UnaryKind::Expm1:
  case UnaryKind::Sign:
  case UnaryKind::Tanh:
  case UnaryKind::Sigmoid:
  case UnaryKind::LogSigmoid:
  case UnaryKind::Softplus:
  case UnaryKind::Relu:
  case UnaryKind::Elu:
  case UnaryKind::Erf:
  case UnaryKind::Floor:
  case UnaryKind::Re:
    return applyToBounds();
  case UnaryKind::Abs:
    return absolute(x);
  case UnaryKind::Rsqrt:
    return {0, x.low > 0 ? 1 / std::sqrt(x.low) : INFINITY};
  case UnaryKind::Sin:
  case UnaryKind::Cos:
    return {-1, 1};
  case UnaryKind::Silu:
    return {-0.279, std::max(x.high, 0.0)};
  case UnaryKind::Gelu:
    return {-0.171, std::max(x.high, 0.0)};
  case UnaryKind::Tan:
  case UnaryKind::Not:
  case UnaryKind::Im:
  case UnaryKind::Conj:
    return {};
  }
  llvm_unreachable("unknown unary function");
}

ScaleInterval ScaleRanges::ofBinary(BinaryOp op) {
  ScaleInterval a = of(op.getLhs());
  ScaleInterval b = of(op.getRhs());
  switch (op.getFn()) {
  case BinaryKind::Add:
    return add(a, b);
  case BinaryKind::Sub: {
    ScaleInterval difference = add(a, negate(b));
    if (isMaximumOf(op.getRhs(), op.getLhs()))
      difference.high = std::min(difference.high, 0.0);
    return difference;
  }
  case BinaryKind::Mul: {
    ScaleInterval product = multiply(a, b);
    if (op.getLhs() == op.getRhs())
      product.low = std::max(product.low, 0.0);
    return product;
  }
  case BinaryKind::Div:
    return multiply(a, invert(b));
  case BinaryKind::Rem:
    return {std::min(b.low, 0.0), std::max(b.high, 0.0)};
  case BinaryKind::Pow:
    if (b.low == 2 && b.high == 2)
      return multiply(absolute(a), absolute(a));
    if (a.low >= 0 && a.high <= 1 && b.low >= 0)
      return {0, 1};
    return {a.low >= 0 ? 0 : -INFINITY, INFINITY};
  case BinaryKind::Min:
    return {std::min(a.low, b.low), std::min(a.high, b.high)};
  case BinaryKind::Max:
    return {std::max(a.low, b.low), std::max(a.high, b.high)};
  case BinaryKind::LogAddExp:
    return {std::max(a.low, b.low), std::max(a.high, b.high) + M_LN2};
  default:
    return {};
  }
}

ScaleInterval ScaleRanges::ofReduce(ReduceOp op) {
  ScaleInterval x = of(op.getOperand());
  ValueType type = op.getOperand().getType();
  double count = 1;
  for (auto label : op.getLabels().getAsRange<StringAttr>())
    count *=
        cast<IntegerAttr>(type.getExtents()[type.getPosition(label)]).getInt();
  switch (op.getFn()) {
  case ReduceKind::Sum:
    return multiply(x, {count, count});
  case ReduceKind::Prod:
    if (x.low >= 0 && x.high <= 1)
      return {0, 1};
    return {x.low >= 0 ? 0 : -INFINITY, INFINITY};
  case ReduceKind::Max:
  case ReduceKind::Min:
    return x;
  }
  llvm_unreachable("unknown reduction");
}

ScaleInterval ScaleRanges::compute(Operation *op) {
  return llvm::TypeSwitch<Operation *, ScaleInterval>(op)
      .Case([&](GetOp get) { return ofField(get); })
      .Case([&](ReadOp read) { return of(read.getSource()); })
      .Case([&](PackOp pack) { return of(pack.getValue()); })
      .Case([&](ConstantOp constant) {
        double value = constant.getValue().convertToDouble();
        return make(value, value);
      })
      .Case<TimeOp, HeadOp>([](auto) { return ScaleInterval{0, INFINITY}; })
      .Case([](HeadsOp) { return ScaleInterval{1, INFINITY}; })
      .Case([](IndexOp index) {
        auto extent = cast<IntegerAttr>(index.getType().getExtents().front());
        return ScaleInterval{0, double(extent.getInt() - 1)};
      })
      .Case([&](UnaryOp unary) { return ofUnary(unary); })
      .Case([&](BinaryOp binary) { return ofBinary(binary); })
      .Case([&](SelectOp select) {
        return hull(of(select.getOnTrue()), of(select.getOnFalse()));
      })
      .Case([&](ReduceOp reduce) { return ofReduce(reduce); })
      .Default([](Operation *) { return ScaleInterval(); });
}

static bool isReal(Type type) {
  if (auto value = dyn_cast<ValueType>(type))
    return value.getKind() == Kind::Real;
  auto array = dyn_cast<PositionalType>(type);
  return array && array.getKind() == Kind::Real;
}

ScaleInterval ScaleRanges::of(Value value) {
  if (!isReal(value.getType()) || !value.getDefiningOp())
    return {};
  auto it = known.find(value);
  if (it != known.end())
    return it->second;
  // Long chains, which unrolled micro-loops make, are not followed.
  constexpr unsigned maxDepth = 500;
  if (depth >= maxDepth)
    return {};
  ++depth;
  ScaleInterval result = compute(value.getDefiningOp());
  --depth;
  return known[value] = result;
}
