//===- AffineStep.cpp - A step as an affine map of its states -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/AffineStep.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

bool AffineStep::refuse(const Twine &why) {
  reason = why.str();
  return false;
}

AffineValue AffineStep::getValue(Value value) const {
  auto it = values.find(value);
  return it == values.end() ? AffineValue{{}, value} : it->second;
}

/// Terms of one state at equal labels are one term.
void AffineStep::addTerm(AffineValue &value, StateTerm term, Location loc) {
  Arithmetic arithmetic(builder, loc);
  for (StateTerm &known : value.terms)
    if (known.state == term.state && known.labels == term.labels) {
      Value a = known.coefficient ? known.coefficient : arithmetic.number(1);
      Value b = term.coefficient ? term.coefficient : arithmetic.number(1);
      known.coefficient = arithmetic.add(a, b);
      return;
    }
  value.terms.push_back(std::move(term));
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

bool AffineStep::visitGet(GetOp op) {
  auto state =
      dyn_cast_or_null<StateOp>(recurrence.lookupSymbol(op.getField()));
  if (state && llvm::is_contained(group, state))
    stateArrays[op.getResult()] = state;
  return true;
}

bool AffineStep::visitRead(ReadOp op) {
  if (StateOp state = stateArrays.lookup(op.getSource())) {
    StateTerm term{state, {}, {}};
    PositionalType type = FieldOp(state).getType();
    for (auto [axis, expr] : llvm::enumerate(op.getMap().getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      StringAttr label =
          dim ? op.getType().getLabels()[dim.getPosition()] : StringAttr();
      if (!label || llvm::is_contained(term.labels, label) ||
          op.getType().getExtents()[dim.getPosition()] !=
              type.getExtents()[axis])
        return refuse("state " + state.getSymName() +
                      " is read at other than plain, distinct indices");
      term.labels.push_back(label);
    }
    values[op.getResult()] = {{term}, {}};
    return true;
  }
  auto pack = op.getSource().getDefiningOp<PackOp>();
  auto packed = pack ? values.find(pack.getValue()) : values.end();
  if (packed == values.end() || packed->second.terms.empty())
    return true;
  Relabelling relabelling{pack, op};
  AffineValue source = packed->second;
  AffineValue result;
  for (StateTerm term : source.terms) {
    for (StringAttr &label : term.labels) {
      label = relabelling.rename(label);
      if (!label)
        return refuse("state " + term.state.getSymName() +
                      " is read at other than plain indices");
    }
    term.coefficient = relabelling.apply(builder, term.coefficient);
    result.terms.push_back(term);
  }
  result.offset = relabelling.apply(builder, source.offset);
  values[op.getResult()] = result;
  return true;
}

//===----------------------------------------------------------------------===//
// Pointwise
//===----------------------------------------------------------------------===//

bool AffineStep::visitBinary(BinaryOp op) {
  AffineValue lhs = getValue(op.getLhs());
  AffineValue rhs = getValue(op.getRhs());
  if (lhs.terms.empty() && rhs.terms.empty())
    return true;
  Arithmetic arithmetic(builder, op.getLoc());
  AffineValue result;
  switch (op.getFn()) {
  case BinaryKind::Sub:
    for (StateTerm &term : rhs.terms)
      term.coefficient = arithmetic.negate(term.coefficient);
    if (rhs.offset)
      rhs.offset = arithmetic.negate(rhs.offset);
    [[fallthrough]];
  case BinaryKind::Add:
    result = lhs;
    for (StateTerm &term : rhs.terms)
      addTerm(result, term, op.getLoc());
    result.offset = arithmetic.add(lhs.offset, rhs.offset);
    break;
  case BinaryKind::Mul:
    if (!lhs.terms.empty() && !rhs.terms.empty())
      return refuse("the step multiplies states with each other");
    if (lhs.terms.empty())
      std::swap(lhs, rhs);
    for (StateTerm &term : lhs.terms)
      term.coefficient = arithmetic.multiply(term.coefficient, rhs.offset);
    result = lhs;
    if (lhs.offset)
      result.offset = arithmetic.multiply(lhs.offset, rhs.offset);
    break;
  case BinaryKind::Div:
    if (!rhs.terms.empty())
      return refuse("the step divides by a state");
    for (StateTerm &term : lhs.terms)
      term.coefficient = arithmetic.divide(term.coefficient, rhs.offset);
    result = lhs;
    if (lhs.offset)
      result.offset = arithmetic.divide(lhs.offset, rhs.offset);
    break;
  default:
    return refuse(Twine("the step takes ") + stringifyBinaryKind(op.getFn()) +
                  " of a state");
  }
  values[op.getResult()] = result;
  return true;
}

bool AffineStep::visitSelect(SelectOp op) {
  if (!getValue(op.getCondition()).terms.empty())
    return refuse("a condition depends on a state");
  AffineValue onTrue = getValue(op.getOnTrue());
  AffineValue onFalse = getValue(op.getOnFalse());
  if (onTrue.terms.empty() && onFalse.terms.empty())
    return true;
  Arithmetic arithmetic(builder, op.getLoc());
  AffineValue result;
  auto choose = [&](AffineValue &side, bool isTrue) {
    for (StateTerm term : side.terms) {
      Value one = term.coefficient ? term.coefficient : arithmetic.number(1);
      term.coefficient = arithmetic.select(
          op.getCondition(), isTrue ? one : Value(), isTrue ? Value() : one);
      addTerm(result, term, op.getLoc());
    }
  };
  choose(onTrue, true);
  choose(onFalse, false);
  result.offset =
      arithmetic.select(op.getCondition(), onTrue.offset, onFalse.offset);
  values[op.getResult()] = result;
  return true;
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

/// sum over `labels` of coefficient * S_old[...]: contractions whose weights
/// have no other labels, each times what does not depend on `labels`.
Value AffineStep::contract(const StateTerm &term, const Labels &labels,
                           ValueType operandType) {
  StateOp state = term.state;
  PositionalType type = FieldOp(state).getType();
  Location loc = builder.getUnknownLoc();
  if (term.coefficient)
    loc = term.coefficient.getLoc();
  Value array = GetOp::create(builder, loc, type, state.getSymName());
  Value read = ReadOp::create(
      builder, loc,
      ValueType::get(builder.getContext(), term.labels, type.getExtents(),
                     type.getKind()),
      array, ValueRange(),
      AffineMapAttr::get(builder.getMultiDimIdentityMap(term.labels.size())));
  Arithmetic arithmetic(builder, loc);
  if (!term.coefficient)
    return arithmetic.sum(read, labels, operandType);
  auto monomials = separate(builder, term.coefficient, labels);
  if (!monomials && scope == Scope::Definitions)
    return arithmetic.sum(arithmetic.multiply(term.coefficient, read), labels,
                          operandType);
  if (!monomials) {
    refuse("the step mixes the axes of state " + state.getSymName() +
           " densely");
    return {};
  }
  Value total;
  for (const Monomial &monomial : *monomials) {
    Value weight, outside;
    for (Value factor : monomial) {
      bool has = llvm::any_of(
          cast<ValueType>(factor.getType()).getLabels(),
          [&](StringAttr label) { return labels.contains(label); });
      Value &side = has ? weight : outside;
      side = arithmetic.multiply(side, factor);
    }
    Value sum =
        arithmetic.sum(arithmetic.multiply(weight, read), labels, operandType);
    total = arithmetic.add(total, arithmetic.multiply(sum, outside));
  }
  return total;
}

/// sum over `labels` of the offset: what does not have them stays outside.
Value AffineStep::sumOffset(Value offset, Value coefficient,
                            const Labels &labels, ValueType operandType) {
  if (!offset)
    return {};
  Arithmetic arithmetic(builder, offset.getLoc());
  auto monomials = separate(builder, offset, labels);
  if (!monomials)
    return arithmetic.sum(arithmetic.multiply(coefficient, offset), labels,
                          operandType);
  Value total;
  for (const Monomial &monomial : *monomials) {
    Value inner = coefficient;
    Value outer;
    for (Value factor : monomial) {
      bool has = llvm::any_of(
          cast<ValueType>(factor.getType()).getLabels(),
          [&](StringAttr label) { return labels.contains(label); });
      Value &side = has ? inner : outer;
      side = arithmetic.multiply(side, factor);
    }
    if (!inner)
      inner = arithmetic.number(1);
    total = arithmetic.add(
        total,
        arithmetic.multiply(arithmetic.sum(inner, labels, operandType), outer));
  }
  return total;
}

bool AffineStep::visitReduce(ReduceOp op) {
  AffineValue operand = getValue(op.getOperand());
  if (operand.terms.empty())
    return true;
  if (op.getFn() != ReduceKind::Sum)
    return refuse(Twine("the step takes the ") +
                  stringifyReduceKind(op.getFn()) + " of a state");
  Labels labels;
  for (auto label : op.getLabels().getAsRange<StringAttr>())
    labels.insert(label);
  ValueType type = op.getOperand().getType();
  Arithmetic arithmetic(builder, op.getLoc());
  AffineValue result;
  Value contractions;
  for (StateTerm term : operand.terms) {
    SmallVector<int64_t> axes;
    for (auto [axis, label] : llvm::enumerate(term.labels))
      if (labels.contains(label))
        axes.push_back(axis);
    if (axes.empty()) {
      term.coefficient = arithmetic.sum(term.coefficient, labels, type);
      addTerm(result, term, op.getLoc());
      continue;
    }
    auto [known, isNew] = contracted.try_emplace(term.state, axes);
    if (!isNew && known->second != axes)
      return refuse("state " + term.state.getSymName() +
                    " is contracted over different axes");
    Value value = contract(term, labels, type);
    if (!value)
      return false;
    contractions = arithmetic.add(contractions, value);
  }
  result.offset =
      arithmetic.add(contractions, sumOffset(operand.offset, {}, labels, type));
  values[op.getResult()] = result;
  if (!result.terms.empty())
    return true;
  op.getResult().replaceAllUsesWith(result.offset);
  values[result.offset] = {{}, result.offset};
  return true;
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

bool AffineStep::visit(Operation *op) {
  auto hasTerms = [&](Value operand) {
    return stateArrays.contains(operand) || !getValue(operand).terms.empty();
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](GetOp get) { return visitGet(get); })
      .Case([&](ReadOp read) { return visitRead(read); })
      .Case([&](BinaryOp binary) { return visitBinary(binary); })
      .Case([&](SelectOp select) { return visitSelect(select); })
      .Case([&](ReduceOp reduce) { return visitReduce(reduce); })
      // A packed value is found through the pack.
      .Case([&](PackOp) { return true; })
      .Case([&](UnaryOp unary) {
        AffineValue operand = getValue(unary.getOperand());
        if (operand.terms.empty())
          return true;
        if (unary.getFn() != UnaryKind::Neg)
          return refuse(Twine("the step takes ") +
                        stringifyUnaryKind(unary.getFn()) + " of a state");
        Arithmetic arithmetic(builder, unary.getLoc());
        for (StateTerm &term : operand.terms)
          term.coefficient = arithmetic.negate(term.coefficient);
        if (operand.offset)
          operand.offset = arithmetic.negate(operand.offset);
        values[unary.getResult()] = operand;
        return true;
      })
      .Case([&](SetOp set) {
        Operation *field = recurrence.lookupSymbol(set.getField());
        auto state = dyn_cast<StateOp>(field);
        if ((state && llvm::is_contained(group, state)) ||
            !hasTerms(set.getValue()))
          return true;
        return refuse((state ? "state " : "output ") + set.getField() +
                      " is a state, or made of one without a contraction");
      })
      .Default([&](Operation *other) {
        if (llvm::none_of(other->getOperands(), hasTerms))
          return true;
        return refuse("the step passes a state to " +
                      other->getName().getStringRef());
      });
}

/// The ops of the step, or those that the group's next states are made of.
SmallVector<Operation *> AffineStep::findOps() {
  llvm::DenseSet<Operation *> needed;
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(phase)) {
    auto set = dyn_cast<SetOp>(op);
    bool isDefinition =
        set &&
        llvm::is_contained(group, recurrence.lookupSymbol(set.getField()));
    if (scope == Scope::Definitions && !isDefinition && !needed.contains(&op))
      continue;
    ops.push_back(&op);
    for (Value operand : op.getOperands())
      needed.insert(operand.getDefiningOp());
  }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

bool AffineStep::run() {
  for (StateOp state : group)
    if (FieldOp(state).getType().getKind() != Kind::Real)
      return refuse("state " + state.getSymName() + " is complex");
  for (Operation *op : findOps()) {
    builder.setInsertionPointAfter(op);
    if (isa<SetOp>(op))
      builder.setInsertionPoint(op);
    if (!visit(op))
      return false;
  }
  return true;
}
