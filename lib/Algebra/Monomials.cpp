//===- Monomials.cpp - A value as a sum of products -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/Monomials.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value Arithmetic::number(double value) {
  return ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
}

Value Arithmetic::add(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return BinaryOp::create(builder, loc, BinaryKind::Add, a, b);
}

Value Arithmetic::multiply(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return BinaryOp::create(builder, loc, BinaryKind::Mul, a, b);
}

Value Arithmetic::negate(Value a) {
  return a ? Value(UnaryOp::create(builder, loc, UnaryKind::Neg, a))
           : number(-1);
}

Value Arithmetic::divide(Value a, Value b) {
  return BinaryOp::create(builder, loc, BinaryKind::Div, a ? a : number(1), b);
}

Value Arithmetic::select(Value condition, Value a, Value b) {
  if (!a && !b)
    return {};
  return SelectOp::create(builder, loc, condition, a ? a : number(0),
                          b ? b : number(0));
}

Value Arithmetic::sum(Value value, const Labels &labels,
                      ValueType operandType) {
  SmallVector<Attribute> present;
  double count = 1;
  for (StringAttr label : labels) {
    if (value && cast<ValueType>(value.getType()).getPosition(label) >= 0) {
      present.push_back(label);
      continue;
    }
    int64_t position = operandType.getPosition(label);
    count *= cast<IntegerAttr>(operandType.getExtents()[position]).getInt();
  }
  if (!present.empty())
    value = ReduceOp::create(builder, loc, ReduceKind::Sum, value,
                             builder.getArrayAttr(present));
  return count == 1 ? value : multiply(value, number(count));
}

//===----------------------------------------------------------------------===//
// Relabelling
//===----------------------------------------------------------------------===//

std::optional<Relabelling> Relabelling::match(Value value) {
  auto read = value.getDefiningOp<ReadOp>();
  if (!read)
    return std::nullopt;
  auto pack = read.getSource().getDefiningOp<PackOp>();
  if (!pack)
    return std::nullopt;
  return Relabelling{pack, read};
}

StringAttr Relabelling::rename(StringAttr label) const {
  for (auto [axis, packed] :
       llvm::enumerate(PackOp(pack).getLabels().getAsRange<StringAttr>()))
    if (packed == label)
      if (auto dim =
              dyn_cast<AffineDimExpr>(ReadOp(read).getMap().getResult(axis)))
        return ReadOp(read).getType().getLabels()[dim.getPosition()];
  return {};
}

bool Relabelling::isIdentity() const {
  PackOp pack = this->pack;
  auto type = cast<ValueType>(pack.getValue().getType());
  auto readType = cast<ValueType>(ReadOp(read).getResult().getType());
  return llvm::all_of(llvm::zip_equal(type.getLabels(), type.getExtents()),
                      [&](auto axis) {
                        auto [label, extent] = axis;
                        int64_t position = readType.getPosition(label);
                        return rename(label) == label && position >= 0 &&
                               readType.getExtents()[position] == extent;
                      });
}

Value Relabelling::apply(OpBuilder &builder, Value part) const {
  if (!part)
    return part;
  PackOp pack = this->pack;
  ReadOp read = this->read;
  auto type = cast<ValueType>(part.getType());
  // The axes of the packed array that the part has, and the labels that they
  // are read under.
  SmallVector<Attribute> axes, extents, newExtents;
  SmallVector<AffineExpr> exprs;
  SmallVector<StringAttr> labels;
  for (auto [axis, label] :
       llvm::enumerate(pack.getLabels().getAsRange<StringAttr>())) {
    int64_t position = type.getPosition(label);
    if (position < 0)
      continue;
    axes.push_back(label);
    extents.push_back(type.getExtents()[position]);
    AffineExpr expr = read.getMap().getResult(axis);
    for (unsigned dim = 0; dim < read.getMap().getNumDims(); ++dim) {
      StringAttr name = read.getType().getLabels()[dim];
      if (!expr.isFunctionOfDim(dim) || llvm::is_contained(labels, name))
        continue;
      labels.push_back(name);
      newExtents.push_back(read.getType().getExtents()[dim]);
    }
    exprs.push_back(expr);
  }
  SmallVector<AffineExpr> dims(read.getMap().getNumDims(),
                               builder.getAffineConstantExpr(0));
  for (unsigned dim = 0; dim < read.getMap().getNumDims(); ++dim) {
    auto found = llvm::find(labels, read.getType().getLabels()[dim]);
    if (found != labels.end())
      dims[dim] = builder.getAffineDimExpr(found - labels.begin());
  }
  auto map =
      AffineMap::get(read.getMap().getNumDims(), read.getMap().getNumSymbols(),
                     exprs, builder.getContext())
          .replaceDimsAndSymbols(dims, {}, labels.size(), 0);
  // Labels that the packed value lacks stay as they are.
  for (auto [label, extent] :
       llvm::zip_equal(type.getLabels(), type.getExtents())) {
    if (llvm::is_contained(axes, Attribute(label)))
      continue;
    SmallVector<AffineExpr> results(map.getResults());
    results.push_back(builder.getAffineDimExpr(labels.size()));
    axes.push_back(label);
    extents.push_back(extent);
    labels.push_back(label);
    newExtents.push_back(extent);
    map = AffineMap::get(labels.size(), 0, results, builder.getContext());
  }
  Value array = PackOp::create(
      builder, read.getLoc(),
      ArrayType::get(builder.getContext(), extents, type.getKind()), part,
      builder.getArrayAttr(axes));
  return ReadOp::create(
      builder, read.getLoc(),
      ValueType::get(builder.getContext(), labels, newExtents, type.getKind()),
      array, ValueRange(), AffineMapAttr::get(map));
}

//===----------------------------------------------------------------------===//
// Monomials
//===----------------------------------------------------------------------===//

bool lrc::isPure(Value value, const Labels &keys) {
  bool hasKey = false;
  bool hasOther = false;
  for (StringAttr label : cast<ValueType>(value.getType()).getLabels())
    (keys.contains(label) ? hasKey : hasOther) = true;
  return !hasKey || !hasOther;
}

namespace {
class Separator {
public:
  Separator(OpBuilder &builder, const Labels &keys)
      : builder(builder), keys(keys) {}

  using Sum = std::optional<SmallVector<Monomial>>;

  Sum run(Value value) {
    if (isPure(value, keys))
      return SmallVector<Monomial>{{value}};
    // Sums multiply out; nobody needs thousands of outer products.
    constexpr unsigned maxDepth = 200;
    if (++depth > maxDepth)
      return std::nullopt;
    Sum result = runMixed(value);
    --depth;
    if (result && result->size() > 64)
      return std::nullopt;
    return result;
  }

private:
  Sum runMixed(Value value) {
    if (auto binary = value.getDefiningOp<BinaryOp>())
      return runBinary(binary);
    if (auto unary = value.getDefiningOp<UnaryOp>()) {
      if (unary.getFn() != UnaryKind::Neg)
        return std::nullopt;
      return negated(run(unary.getOperand()), unary.getLoc());
    }
    if (auto select = value.getDefiningOp<SelectOp>())
      return runSelect(select);
    if (auto relabelling = Relabelling::match(value))
      return runRelabelled(*relabelling);
    return std::nullopt;
  }

  Sum negated(Sum sum, Location loc) {
    if (sum)
      for (Monomial &monomial : *sum)
        monomial.front() = Arithmetic(builder, loc).negate(monomial.front());
    return sum;
  }

  Sum runBinary(BinaryOp op) {
    Arithmetic arithmetic(builder, op.getLoc());
    if (op.getFn() == BinaryKind::Div) {
      if (!isPure(op.getRhs(), keys))
        return std::nullopt;
      Sum sum = run(op.getLhs());
      if (sum)
        for (Monomial &monomial : *sum)
          monomial.push_back(arithmetic.divide({}, op.getRhs()));
      return sum;
    }
    Sum lhs = run(op.getLhs());
    Sum rhs = run(op.getRhs());
    if (!lhs || !rhs)
      return std::nullopt;
    switch (op.getFn()) {
    case BinaryKind::Sub:
      rhs = negated(std::move(rhs), op.getLoc());
      [[fallthrough]];
    case BinaryKind::Add:
      llvm::append_range(*lhs, *rhs);
      return lhs;
    case BinaryKind::Mul: {
      SmallVector<Monomial> products;
      for (const Monomial &a : *lhs)
        for (const Monomial &b : *rhs) {
          Monomial &product = products.emplace_back(a);
          llvm::append_range(product, b);
        }
      return products;
    }
    default:
      return std::nullopt;
    }
  }

  /// select(c, a, b) = select(c, a, 0) + select(c, 0, b), where every product
  /// is selected through one of its factors.
  Sum runSelect(SelectOp op) {
    if (op.getType().getKind() == Kind::Bool ||
        !isPure(op.getCondition(), keys))
      return std::nullopt;
    Sum sum = run(op.getOnTrue());
    Sum others = run(op.getOnFalse());
    if (!sum || !others)
      return std::nullopt;
    Arithmetic arithmetic(builder, op.getLoc());
    for (Monomial &monomial : *sum)
      choose(monomial, op.getCondition(), arithmetic, true);
    for (Monomial &monomial : *others)
      choose(monomial, op.getCondition(), arithmetic, false);
    llvm::append_range(*sum, *others);
    return sum;
  }

  void choose(Monomial &monomial, Value condition, Arithmetic &arithmetic,
              bool onTrue) {
    for (Value &factor : monomial) {
      Value chosen = arithmetic.select(condition, onTrue ? factor : Value(),
                                       onTrue ? Value() : factor);
      if (!isPure(chosen, keys))
        continue;
      factor = chosen;
      return;
    }
    monomial.push_back(arithmetic.select(condition,
                                         arithmetic.number(onTrue ? 1 : 0),
                                         arithmetic.number(onTrue ? 0 : 1)));
  }

  Sum runRelabelled(const Relabelling &relabelling) {
    Labels inner;
    for (auto label :
         PackOp(relabelling.pack).getLabels().getAsRange<StringAttr>()) {
      StringAttr outer = relabelling.rename(label);
      if (!outer)
        return std::nullopt;
      if (keys.contains(outer))
        inner.insert(label);
    }
    Sum sum =
        Separator(builder, inner).run(PackOp(relabelling.pack).getValue());
    if (sum)
      for (Monomial &monomial : *sum)
        for (Value &factor : monomial)
          factor = relabelling.apply(builder, factor);
    return sum;
  }

  OpBuilder &builder;
  const Labels &keys;
  unsigned depth = 0;
};
} // namespace

std::optional<SmallVector<Monomial>>
lrc::separate(OpBuilder &builder, Value value, const Labels &keys) {
  return Separator(builder, keys).run(value);
}
