//===- PseudoValues.cpp - Writes as sums over contractions ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/PseudoValues.h"

#include "lib/Algebra/Monomials.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
class Expander {
public:
  Expander(OpBuilder &builder, const StateGroups &groups,
           const StateGroups::Group &group)
      : builder(builder), groups(groups), group(group) {}

  std::optional<PseudoValue> run(Value value) {
    auto known = memo.find(value);
    if (known != memo.end())
      return known->second;
    std::optional<PseudoValue> result = compute(value);
    memo[value] = result;
    return result;
  }

private:
  std::optional<PseudoValue> compute(Value value) {
    PseudoValue result;
    if (!groups.dependsOn(value, group)) {
      result.offset = value;
      return result;
    }
    Operation *op = value.getDefiningOp();
    if (auto reduce = dyn_cast<ReduceOp>(op)) {
      // What AffineStep left are contractions, or sums of pseudo-values over
      // labels of their own.
      if (!isContraction(reduce))
        return std::nullopt;
      result.terms[value] = Value();
      return result;
    }
    if (auto binary = dyn_cast<BinaryOp>(op))
      return computeBinary(binary);
    if (auto unary = dyn_cast<UnaryOp>(op))
      if (unary.getFn() == UnaryKind::Neg)
        return scale(run(unary.getOperand()), op->getLoc(),
                     [](Arithmetic &a, Value c) { return a.negate(c); });
    if (auto select = dyn_cast<SelectOp>(op))
      return computeSelect(select);
    if (auto named = Relabelling::match(value); named && named->isIdentity())
      return run(named->pack.getValue());
    return std::nullopt;
  }

  /// Whether a sum reads a state itself.
  static bool isContraction(ReduceOp reduce) {
    auto readsState = [](Value value) {
      auto read = value.getDefiningOp<ReadOp>();
      auto get = read ? read.getSource().getDefiningOp<GetOp>() : GetOp();
      return get && isa<StateType>(get.getType());
    };
    if (readsState(reduce.getOperand()))
      return true;
    auto product = reduce.getOperand().getDefiningOp<BinaryOp>();
    return product && product.getFn() == BinaryKind::Mul &&
           (readsState(product.getLhs()) || readsState(product.getRhs()));
  }

  template <typename FnT>
  std::optional<PseudoValue> scale(std::optional<PseudoValue> sum, Location loc,
                                   FnT fn) {
    if (!sum)
      return sum;
    Arithmetic arithmetic(builder, loc);
    for (auto &[contraction, coefficient] : sum->terms)
      coefficient = fn(arithmetic, coefficient);
    if (sum->offset)
      sum->offset = fn(arithmetic, sum->offset);
    return sum;
  }

  std::optional<PseudoValue> computeBinary(BinaryOp op) {
    std::optional<PseudoValue> lhs = run(op.getLhs());
    std::optional<PseudoValue> rhs = run(op.getRhs());
    if (!lhs || !rhs)
      return std::nullopt;
    auto multiply = [](Value factor) {
      return [factor](Arithmetic &a, Value c) { return a.multiply(c, factor); };
    };
    switch (op.getFn()) {
    case BinaryKind::Sub:
      rhs = scale(std::move(rhs), op.getLoc(),
                  [](Arithmetic &a, Value c) { return a.negate(c); });
      [[fallthrough]];
    case BinaryKind::Add:
      return add(std::move(*lhs), *rhs, op.getLoc());
    case BinaryKind::Mul:
      if (!lhs->terms.empty() && !rhs->terms.empty())
        return std::nullopt;
      if (lhs->terms.empty())
        return scale(std::move(rhs), op.getLoc(), multiply(lhs->offset));
      return scale(std::move(lhs), op.getLoc(), multiply(rhs->offset));
    case BinaryKind::Div:
      if (!rhs->terms.empty())
        return std::nullopt;
      return scale(std::move(lhs), op.getLoc(), [&](Arithmetic &a, Value c) {
        return a.divide(c, rhs->offset);
      });
    default:
      return std::nullopt;
    }
  }

  PseudoValue add(PseudoValue lhs, const PseudoValue &rhs, Location loc) {
    Arithmetic arithmetic(builder, loc);
    for (auto [contraction, coefficient] : rhs.terms) {
      auto [it, isNew] = lhs.terms.try_emplace(contraction, coefficient);
      if (isNew)
        continue;
      Value one = it->second ? it->second : arithmetic.number(1);
      it->second =
          arithmetic.add(one, coefficient ? coefficient : arithmetic.number(1));
    }
    lhs.offset = arithmetic.add(lhs.offset, rhs.offset);
    return lhs;
  }

  std::optional<PseudoValue> computeSelect(SelectOp op) {
    if (groups.dependsOn(op.getCondition(), group))
      return std::nullopt;
    auto choose = [&](bool onTrue) {
      return [&, onTrue](Arithmetic &a, Value c) {
        Value one = c ? c : a.number(1);
        return a.select(op.getCondition(), onTrue ? one : Value(),
                        onTrue ? Value() : one);
      };
    };
    auto lhs = scale(run(op.getOnTrue()), op.getLoc(), choose(true));
    auto rhs = scale(run(op.getOnFalse()), op.getLoc(), choose(false));
    if (!lhs || !rhs)
      return std::nullopt;
    return add(std::move(*lhs), *rhs, op.getLoc());
  }

  OpBuilder &builder;
  const StateGroups &groups;
  const StateGroups::Group &group;
  llvm::DenseMap<Value, std::optional<PseudoValue>> memo;
};
} // namespace

std::optional<PseudoValue>
lrc::expandPseudoValue(OpBuilder &builder, Value write,
                       const StateGroups &groups,
                       const StateGroups::Group &group) {
  return Expander(builder, groups, group).run(write);
}
