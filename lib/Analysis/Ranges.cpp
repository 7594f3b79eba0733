//===- Ranges.cpp - What values a step may take ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/Ranges.h"

#include "dialects/Dsf/Functions.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

Bounds Bounds::complex(Interval re, Interval im) {
  Interval squares = square(re) + square(im);
  return {re, im, {std::sqrt(squares.lower), std::sqrt(squares.upper)}};
}

Ranges::Ranges(RecurrenceOp recurrence, Block &phase) : recurrence(recurrence) {
  for (Operation &op : phase)
    for (Value result : op.getResults())
      ranges[result] = visit(&op);
}

Bounds Ranges::get(Value value) const {
  auto it = ranges.find(value);
  if (it != ranges.end())
    return it->second;
  // A value that is newer than the analysis.
  Operation *op = value.getDefiningOp();
  return op ? visit(op) : Bounds{{}, {}, {0, INFINITY}};
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

static Interval declaredInterval(Attribute range) {
  if (auto interval = dyn_cast_or_null<IntervalAttr>(range))
    return {interval.getLower(), interval.getUpper()};
  if (auto choice = dyn_cast_or_null<ChoiceAttr>(range)) {
    Interval result = Interval::point(choice.getValues().front());
    for (double value : choice.getValues())
      result = hull(result, Interval::point(value));
    return result;
  }
  if (isa_and_present<UnitNormAttr>(range))
    return {-1, 1};
  return {};
}

Bounds Ranges::visitSource(Value array) const {
  auto type = cast<PositionalType>(array.getType());
  Bounds any = type.getKind() == Kind::Complex ? Bounds{{}, {}, {0, INFINITY}}
                                               : Bounds::real({});
  if (type.getKind() == Kind::Bool)
    return Bounds::real({0, 1});
  Operation *op = array.getDefiningOp();
  if (auto pack = dyn_cast_or_null<PackOp>(op))
    return get(pack.getValue());
  auto get = dyn_cast_or_null<GetOp>(op);
  Operation *field =
      get ? RecurrenceOp(recurrence).lookupSymbol(get.getField()) : nullptr;
  if (!field || type.getKind() != Kind::Real)
    return any;
  return Bounds::real(declaredInterval(FieldOp(field).getRange()));
}

//===----------------------------------------------------------------------===//
// Functions of one number
//===----------------------------------------------------------------------===//

/// Of a function that does not decrease on its domain.
static Interval increasing(UnaryKind fn, Interval x) {
  return withUnary(fn, [&](auto f) -> Interval {
    double lower = f(x.lower), upper = f(x.upper);
    return {std::isnan(lower) ? -INFINITY : lower,
            std::isnan(upper) ? INFINITY : upper};
  });
}

static Interval applyUnary(UnaryKind fn, Interval x) {
  switch (fn) {
  case UnaryKind::Neg:
    return -x;
  case UnaryKind::Exp:
  case UnaryKind::Expm1:
  case UnaryKind::Sign:
  case UnaryKind::Tanh:
  case UnaryKind::Sigmoid:
  case UnaryKind::Relu:
  case UnaryKind::Elu:
  case UnaryKind::Erf:
  case UnaryKind::Floor:
  case UnaryKind::Log1p:
    return increasing(fn, x);
  case UnaryKind::Softplus:
    // -inf + log1p(exp(-inf)) is 0, and so is the limit.
    return {std::isinf(x.lower) ? 0 : softplus(x.lower), softplus(x.upper)};
  case UnaryKind::LogSigmoid:
    return -applyUnary(UnaryKind::Softplus, -x);
  case UnaryKind::Log:
  case UnaryKind::Sqrt:
    return increasing(fn, {std::max(x.lower, 0.0), std::max(x.upper, 0.0)});
  case UnaryKind::Rsqrt:
    return {1 / std::sqrt(std::max(x.upper, 0.0)),
            1 / std::sqrt(std::max(x.lower, 0.0))};
  case UnaryKind::Abs:
    return abs(x);
  case UnaryKind::Sin:
  case UnaryKind::Cos:
    return {-1, 1};
  case UnaryKind::Silu:
  case UnaryKind::Gelu: {
    // Both fall to a minimum below 0, then rise.
    double least =
               fn == UnaryKind::Silu ? -0.27846454276107380 : -0.16997120747,
           upper = std::max(x.upper, 0.0);
    return {x.isNonNegative() ? increasing(fn, x).lower : least,
            increasing(fn, {upper, upper}).upper};
  }
  case UnaryKind::Not:
    return {0, 1};
  case UnaryKind::Re:
  case UnaryKind::Conj:
    return x;
  case UnaryKind::Im:
    return Interval::point(0);
  case UnaryKind::Tan:
    return {};
  }
  llvm_unreachable("unknown unary function");
}

Bounds Ranges::visitUnary(UnaryOp op) const {
  Bounds x = get(op.getOperand());
  if (cast<ValueType>(op.getOperand().getType()).getKind() != Kind::Complex)
    return Bounds::real(applyUnary(op.getFn(), x.re));
  switch (op.getFn()) {
  case UnaryKind::Neg:
    return {-x.re, -x.im, x.modulus};
  case UnaryKind::Conj:
    return {x.re, -x.im, x.modulus};
  case UnaryKind::Re:
    return Bounds::real(x.re);
  case UnaryKind::Im:
    return Bounds::real(x.im);
  case UnaryKind::Abs:
    return Bounds::real(x.modulus);
  case UnaryKind::Exp: {
    Interval modulus = applyUnary(UnaryKind::Exp, x.re);
    Interval part{-modulus.upper, modulus.upper};
    return {part, x.im == Interval::point(0) ? Interval::point(0) : part,
            modulus};
  }
  default:
    return {{}, {}, {0, INFINITY}};
  }
}

//===----------------------------------------------------------------------===//
// Functions of two numbers
//===----------------------------------------------------------------------===//

static Interval power(Interval x, Interval y) {
  if (y == Interval::point(2))
    return square(x);
  if (!x.isNonNegative())
    return {};
  Interval corners = Interval::point(std::pow(x.lower, y.lower));
  for (double base : {x.lower, x.upper})
    for (double exponent : {y.lower, y.upper})
      corners = hull(corners, Interval::point(std::pow(base, exponent)));
  // Between the corners it is monotonic in each on both sides of a base of 1.
  return x.contains(1) ? hull(corners, Interval::point(1)) : corners;
}

/// a - b, where b = max(a, ..) and the like bounds a.
Interval Ranges::difference(Value a, Value b) const {
  if (a == b)
    return Interval::point(0);
  Interval result = getReal(a) - getReal(b);
  auto bounds = [](Value bound, Value x, bool above) {
    auto binary = bound.getDefiningOp<BinaryOp>();
    if (!binary || (binary.getLhs() != x && binary.getRhs() != x))
      return false;
    return above ? binary.getFn() == BinaryKind::Max ||
                       binary.getFn() == BinaryKind::LogAddExp
                 : binary.getFn() == BinaryKind::Min;
  };
  if (bounds(b, a, true) || bounds(a, b, false))
    result.upper = std::min(result.upper, 0.0);
  if (bounds(b, a, false) || bounds(a, b, true))
    result.lower = std::max(result.lower, 0.0);
  return result;
}

static Bounds complexBinary(BinaryKind fn, const Bounds &a, const Bounds &b) {
  auto withModulus = [](Interval re, Interval im, Interval modulus) {
    return Bounds{re, im, modulus};
  };
  switch (fn) {
  case BinaryKind::Complex:
    return Bounds::complex(a.re, b.re);
  case BinaryKind::Add:
    return Bounds::complex(a.re + b.re, a.im + b.im);
  case BinaryKind::Sub:
    return Bounds::complex(a.re - b.re, a.im - b.im);
  case BinaryKind::Mul:
    return withModulus(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re,
                       a.modulus * b.modulus);
  case BinaryKind::Div:
    return withModulus({}, {}, a.modulus / b.modulus);
  default:
    return withModulus({}, {}, {0, INFINITY});
  }
}

Bounds Ranges::visitBinary(BinaryOp op) const {
  if (op.getType().getKind() == Kind::Complex)
    return complexBinary(op.getFn(), get(op.getLhs()), get(op.getRhs()));
  Interval a = getReal(op.getLhs()), b = getReal(op.getRhs());
  switch (op.getFn()) {
  case BinaryKind::Add:
    return Bounds::real(a + b);
  case BinaryKind::Sub:
    return Bounds::real(difference(op.getLhs(), op.getRhs()));
  case BinaryKind::Mul:
    return Bounds::real(op.getLhs() == op.getRhs() ? square(a) : a * b);
  case BinaryKind::Div:
    return Bounds::real(op.getLhs() == op.getRhs() ? Interval::point(1)
                                                   : a / b);
  case BinaryKind::Pow:
    return Bounds::real(power(a, b));
  case BinaryKind::Min:
    return Bounds::real(
        {std::min(a.lower, b.lower), std::min(a.upper, b.upper)});
  case BinaryKind::Max:
    return Bounds::real(
        {std::max(a.lower, b.lower), std::max(a.upper, b.upper)});
  case BinaryKind::LogAddExp:
    return Bounds::real(
        {logAddExp(a.lower, b.lower), logAddExp(a.upper, b.upper)});
  case BinaryKind::Rem:
    return Bounds::real(b.lower > 0 ? Interval{0, b.upper} : Interval{});
  default: // comparisons and connectives
    return Bounds::real({0, 1});
  }
}

//===----------------------------------------------------------------------===//
// Reductions and norms
//===----------------------------------------------------------------------===//

/// x * rsqrt(..), which may be a vector over its norm.
static bool isNormalized(BinaryOp product) {
  auto isRoot = [](Value value) {
    auto unary = value.getDefiningOp<UnaryOp>();
    return unary && unary.getFn() == UnaryKind::Rsqrt;
  };
  return isRoot(product.getLhs()) || isRoot(product.getRhs());
}

void lrc::flattenProduct(Value product, SmallVectorImpl<Value> &factors,
                         double &number) {
  SmallVector<Value> worklist{product};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    auto binary = value.getDefiningOp<BinaryOp>();
    auto unary = value.getDefiningOp<UnaryOp>();
    if (binary && binary.getFn() == BinaryKind::Mul && !isNormalized(binary)) {
      worklist.push_back(binary.getRhs());
      worklist.push_back(binary.getLhs());
    } else if (unary && unary.getFn() == UnaryKind::Neg) {
      number = -number;
      worklist.push_back(unary.getOperand());
    } else if (auto constant = value.getDefiningOp<ConstantOp>()) {
      number *= constant.getValue().convertToDouble();
    } else {
      factors.push_back(value);
    }
  }
}

bool lrc::isSameVector(Value a, Value b) {
  if (a == b)
    return true;
  auto x = a.getDefiningOp<ReadOp>(), y = b.getDefiningOp<ReadOp>();
  return x && y && x.getSource() == y.getSource() && x.getMap() == y.getMap() &&
         x.getSymbols() == y.getSymbols() &&
         x.getType().getExtents() == y.getType().getExtents();
}

/// Whether `value` is the sum of the squares of `vector`.
static bool isSumOfSquares(Value value, Value vector) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  auto product =
      reduce ? reduce.getOperand().getDefiningOp<BinaryOp>() : BinaryOp();
  if (!product || reduce.getFn() != ReduceKind::Sum ||
      !reduce.getType().getLabels().empty() ||
      !isSameVector(product.getLhs(), vector))
    return false;
  if (product.getFn() == BinaryKind::Mul)
    return isSameVector(product.getRhs(), vector);
  auto exponent = product.getRhs().getDefiningOp<ConstantOp>();
  return product.getFn() == BinaryKind::Pow && exponent &&
         exponent.getValue().convertToDouble() == 2;
}

std::optional<Interval> Ranges::boundSquares(Value vector) const {
  auto type = cast<ValueType>(vector.getType());
  if (type.getLabels().size() != 1 || type.getKind() != Kind::Real)
    return std::nullopt;
  if (auto read = vector.getDefiningOp<ReadOp>()) {
    auto get = read.getSource().getDefiningOp<GetOp>();
    Operation *field =
        get ? RecurrenceOp(recurrence).lookupSymbol(get.getField()) : nullptr;
    if (!field || !isa_and_present<UnitNormAttr>(FieldOp(field).getRange()))
      return std::nullopt;
    AffineMap map = read.getMap();
    auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
    bool whole = last && type.getExtents().front() ==
                             FieldOp(field).getType().getExtents().back();
    for (AffineExpr expr : map.getResults().drop_back())
      whole &= !expr.isFunctionOfDim(0);
    return whole ? std::optional(Interval::point(1)) : std::nullopt;
  }
  // x over its own norm, perhaps kept away from 0.
  auto binary = vector.getDefiningOp<BinaryOp>();
  if (!binary)
    return std::nullopt;
  UnaryKind root;
  if (binary.getFn() == BinaryKind::Div)
    root = UnaryKind::Sqrt;
  else if (binary.getFn() == BinaryKind::Mul)
    root = UnaryKind::Rsqrt;
  else
    return std::nullopt;
  for (auto [x, norm] : {std::pair(binary.getLhs(), binary.getRhs()),
                         std::pair(binary.getRhs(), binary.getLhs())}) {
    if (binary.getFn() == BinaryKind::Div && x != binary.getLhs())
      continue;
    bool exact = true;
    Value length = norm;
    if (auto max = length.getDefiningOp<BinaryOp>();
        max && max.getFn() == BinaryKind::Max && root == UnaryKind::Sqrt) {
      exact = false;
      length =
          max.getLhs().getDefiningOp<UnaryOp>() ? max.getLhs() : max.getRhs();
    }
    auto unary = length.getDefiningOp<UnaryOp>();
    if (!unary || unary.getFn() != root)
      continue;
    Value squares = unary.getOperand();
    if (auto sum = squares.getDefiningOp<BinaryOp>();
        sum && sum.getFn() == BinaryKind::Add) {
      exact = false;
      bool onLeft = isSumOfSquares(sum.getLhs(), x);
      if (!getReal(onLeft ? sum.getRhs() : sum.getLhs()).isNonNegative())
        continue;
      squares = onLeft ? sum.getLhs() : sum.getRhs();
    }
    if (isSumOfSquares(squares, x))
      return exact ? Interval::point(1) : Interval{0, 1};
  }
  return std::nullopt;
}

Interval Ranges::boundSum(ArrayRef<Value> factors, ArrayRef<StringAttr> labels,
                          int64_t count) const {
  Interval outside = Interval::point(1);
  SmallVector<Value> inside;
  for (Value factor : factors) {
    bool has = llvm::any_of(
        cast<ValueType>(factor.getType()).getLabels(),
        [&](StringAttr label) { return llvm::is_contained(labels, label); });
    if (has)
      inside.push_back(factor);
    else
      outside = outside * getReal(factor);
  }
  for (size_t i = 0; i < inside.size(); ++i)
    for (size_t j = i + 1; j < inside.size(); ++j) {
      if (!isSameVector(inside[i], inside[j]))
        continue;
      std::optional<Interval> squares = boundSquares(inside[i]);
      if (!squares)
        continue;
      Interval rest = outside * *squares;
      for (auto [index, factor] : llvm::enumerate(inside))
        if (index != i && index != j)
          rest = rest * getReal(factor);
      return rest;
    }
  // The inequality of Cauchy and Schwarz.
  if (inside.size() == 2) {
    std::optional<Interval> a = boundSquares(inside[0]);
    std::optional<Interval> b = boundSquares(inside[1]);
    if (a && b) {
      double bound = std::sqrt(a->upper * b->upper);
      return outside * Interval{-bound, bound};
    }
  }
  Interval product = outside * Interval::point(double(count));
  for (size_t i = 0; i < inside.size(); ++i) {
    // A square is not negative.
    auto same = llvm::find(llvm::ArrayRef(inside).drop_front(i + 1), inside[i]);
    if (same != inside.end()) {
      product = product * square(getReal(inside[i]));
      inside.erase(inside.begin() + (same - inside.begin()));
      continue;
    }
    product = product * getReal(inside[i]);
  }
  return product;
}

Bounds Ranges::visitReduce(ReduceOp op) const {
  Bounds x = get(op.getOperand());
  ValueType type = op.getOperand().getType();
  int64_t count = 1;
  SmallVector<StringAttr> labels(op.getLabels().getAsRange<StringAttr>());
  for (StringAttr label : labels) {
    Attribute extent = type.getExtents()[type.getPosition(label)];
    count *= cast<IntegerAttr>(extent).getInt();
  }
  if (type.getKind() == Kind::Complex)
    return {{}, {}, {0, INFINITY}};
  switch (op.getFn()) {
  case ReduceKind::Sum: {
    SmallVector<Value> factors;
    double number = 1;
    flattenProduct(op.getOperand(), factors, number);
    Interval plain = x.re * Interval::point(double(count));
    Interval sum = boundSum(factors, labels, count) * Interval::point(number);
    return Bounds::real(
        {std::max(plain.lower, sum.lower), std::min(plain.upper, sum.upper)});
  }
  case ReduceKind::Max:
  case ReduceKind::Min:
    return Bounds::real(x.re);
  case ReduceKind::Prod:
    if (abs(x.re).upper <= 1)
      return Bounds::real(x.re.isNonNegative() ? Interval{0, 1}
                                               : Interval{-1, 1});
    return Bounds::real({});
  }
  llvm_unreachable("unknown reduction");
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

Bounds Ranges::visit(Operation *op) const {
  return llvm::TypeSwitch<Operation *, Bounds>(op)
      .Case([&](ReadOp read) { return visitSource(read.getSource()); })
      .Case([&](UnaryOp unary) { return visitUnary(unary); })
      .Case([&](BinaryOp binary) { return visitBinary(binary); })
      .Case([&](ReduceOp reduce) { return visitReduce(reduce); })
      .Case([&](SelectOp select) {
        Bounds a = get(select.getOnTrue()), b = get(select.getOnFalse());
        return Bounds{hull(a.re, b.re), hull(a.im, b.im),
                      hull(a.modulus, b.modulus)};
      })
      .Case([](ConstantOp constant) {
        return Bounds::real(
            Interval::point(constant.getValue().convertToDouble()));
      })
      .Case<TimeOp, HeadOp>([](auto) { return Bounds::real({0, INFINITY}); })
      .Case([](HeadsOp) { return Bounds::real({1, INFINITY}); })
      .Case([](IndexOp index) {
        Attribute extent = index.getType().getExtents().front();
        return Bounds::real(
            {0, double(cast<IntegerAttr>(extent).getInt() - 1)});
      })
      .Default([](Operation *) { return Bounds{{}, {}, {0, INFINITY}}; });
}
