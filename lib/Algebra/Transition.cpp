//===- Transition.cpp - A transition as a product of factors --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/Transition.h"

#include "lib/Analysis/Ranges.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
class Factorizer {
public:
  Factorizer(const StateGroups &groups, const StateGroups::Group &group)
      : groups(groups), group(group) {}

  std::optional<TransitionFactors> run(Value value);

private:
  bool depends(Value value) const { return groups.dependsOn(value, group); }
  bool isState(Value value) const;
  bool collect(Value value);
  Value findBase(ReduceOp op) const;
  bool expand(Value value, Product coefficient);
  bool addRank(ReduceOp op, Product along);

  const StateGroups &groups;
  const StateGroups::Group &group;
  /// Of the factor at hand: values that are added up, and sums among them.
  llvm::DenseSet<Value> added;
  SmallVector<ReduceOp> sums;
  Value base;
  TransitionFactor factor;
  unsigned steps = 0;
};
} // namespace

/// What a read of a packed value reads, and the array of a state for its reads.
static Value resolve(Value value) {
  while (auto read = value.getDefiningOp<ReadOp>()) {
    Operation *source = read.getSource().getDefiningOp();
    if (auto pack = dyn_cast_or_null<PackOp>(source)) {
      bool plain = llvm::all_of(read.getMap().getResults(), [](AffineExpr e) {
        return isa<AffineDimExpr>(e);
      });
      if (!plain)
        return value;
      value = pack.getValue();
      continue;
    }
    return isa_and_present<GetOp>(source) &&
                   isa<StateType>(read.getSource().getType())
               ? read.getSource()
               : value;
  }
  return value;
}

bool Factorizer::isState(Value value) const {
  return isa<StateType>(value.getType());
}

/// Of a product with one side that depends on the state, that side.
static std::pair<Value, Value> splitProduct(BinaryOp op, bool leftDepends) {
  return leftDepends ? std::pair(op.getLhs(), op.getRhs())
                     : std::pair(op.getRhs(), op.getLhs());
}

/// Walks what is added up in `value`.
bool Factorizer::collect(Value value) {
  if (++steps > 10000)
    return false;
  if (!depends(value))
    return true;
  value = resolve(value);
  if (!added.insert(value).second || isState(value))
    return true;
  Operation *op = value.getDefiningOp();
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    sums.push_back(reduce);
    return reduce.getFn() == ReduceKind::Sum;
  }
  if (auto unary = dyn_cast<UnaryOp>(op))
    return unary.getFn() == UnaryKind::Neg && collect(unary.getOperand());
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary)
    return false;
  bool left = depends(binary.getLhs()), right = depends(binary.getRhs());
  switch (binary.getFn()) {
  case BinaryKind::Add:
  case BinaryKind::Sub:
    return collect(binary.getLhs()) && collect(binary.getRhs());
  case BinaryKind::Mul:
    return left != right && collect(splitProduct(binary, left).first);
  case BinaryKind::Div:
    return !right && collect(binary.getLhs());
  default:
    return false;
  }
}

/// The matrix that a sum contracts: the outermost one that is added up, too.
Value Factorizer::findBase(ReduceOp op) const {
  Value value = resolve(op.getOperand());
  while (true) {
    if (added.contains(value) || isState(value))
      return value;
    auto binary = value.getDefiningOp<BinaryOp>();
    if (!binary || binary.getFn() != BinaryKind::Mul)
      return {};
    bool left = depends(binary.getLhs());
    if (left == depends(binary.getRhs()))
      return {};
    value = resolve(splitProduct(binary, left).first);
  }
}

bool Factorizer::addRank(ReduceOp op, Product along) {
  RankOne rank{std::move(along), {}, op};
  Value value = resolve(op.getOperand());
  while (value != base) {
    auto binary = value.getDefiningOp<BinaryOp>();
    if (!binary || binary.getFn() != BinaryKind::Mul)
      return false;
    auto [inner, other] = splitProduct(binary, depends(binary.getLhs()));
    flattenProduct(other, rank.weight.factors, rank.weight.number);
    value = resolve(inner);
  }
  factor.ranks.push_back(std::move(rank));
  return factor.ranks.size() <= 16;
}

bool Factorizer::expand(Value value, Product coefficient) {
  if (!depends(value))
    return true;
  if (++steps > 10000)
    return false;
  value = resolve(value);
  if (value == base) {
    auto isNumber = [](const Product &product) {
      return product.factors.empty() && product.divisors.empty();
    };
    for (Product &known : factor.decays)
      if (isNumber(known) && isNumber(coefficient)) {
        known.number += coefficient.number;
        return true;
      }
    factor.decays.push_back(std::move(coefficient));
    return factor.decays.size() <= 16;
  }
  if (isState(value))
    return false;
  Operation *op = value.getDefiningOp();
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return addRank(reduce, std::move(coefficient));
  if (auto unary = dyn_cast<UnaryOp>(op)) {
    coefficient.number = -coefficient.number;
    return expand(unary.getOperand(), std::move(coefficient));
  }
  auto binary = cast<BinaryOp>(op);
  switch (binary.getFn()) {
  case BinaryKind::Mul: {
    auto [inner, other] = splitProduct(binary, depends(binary.getLhs()));
    flattenProduct(other, coefficient.factors, coefficient.number);
    return expand(inner, std::move(coefficient));
  }
  case BinaryKind::Div:
    coefficient.divisors.push_back(binary.getRhs());
    return expand(binary.getLhs(), std::move(coefficient));
  default: {
    Product right = coefficient;
    if (binary.getFn() == BinaryKind::Sub)
      right.number = -right.number;
    return expand(binary.getLhs(), std::move(coefficient)) &&
           expand(binary.getRhs(), std::move(right));
  }
  }
}

std::optional<TransitionFactors> Factorizer::run(Value value) {
  TransitionFactors factors;
  while (true) {
    added.clear();
    sums.clear();
    base = {};
    if (!collect(value))
      return std::nullopt;
    Value top = resolve(value);
    // Of sums over earlier factors the matrix is defined earlier.
    for (ReduceOp sum : sums) {
      Value found = findBase(sum);
      if (!found || found == top)
        return std::nullopt;
      if (!base || base.getDefiningOp()->isBeforeInBlock(found.getDefiningOp()))
        base = found;
    }
    if (sums.empty())
      for (Value one : added)
        if (isState(one))
          base = one;
    if (!base)
      return std::nullopt;
    factor = {};
    if (!expand(value, {}))
      return std::nullopt;
    factors.push_back(factor);
    if (isState(base))
      break;
    value = base;
  }
  std::reverse(factors.begin(), factors.end());
  llvm::erase_if(factors,
                 [](const TransitionFactor &one) { return one.isIdentity(); });
  return factors;
}

std::optional<TransitionFactors>
lrc::factorize(const StateGroups &groups, const StateGroups::Group &group) {
  auto set = group.size() == 1
                 ? dyn_cast_or_null<SetOp>(groups.getDefinition(group.front()))
                 : SetOp();
  if (!set || !groups.dependsOn(set.getValue(), group))
    return std::nullopt;
  return Factorizer(groups, group).run(set.getValue());
}
