//===- ScaledUpdate.cpp - The next value of a state, taken apart ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The second half of ScaledStep: next value = decay * old value + rest, and the
// logarithm of the decay.
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/ScaledStep.h"

#include <cmath>

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

SmallVector<Scale> StateUpdate::scales() const {
  SmallVector<Scale> list;
  if (hasOwn)
    list.push_back(logDecay);
  for (const Term &term : rest)
    list.push_back(term.scale);
  return list;
}

//===----------------------------------------------------------------------===//
// decay * old value + rest
//===----------------------------------------------------------------------===//

bool ScaledStep::readsOwn(Value value) { return ownValues.contains(value); }

FailureOr<StateUpdate> ScaledStep::analyse(StateOp state) {
  auto outerOwn = own;
  auto outerLabels = ownLabels;
  auto outerValues = std::move(ownValues);
  SetOp set = sets.lookup(state);
  own = state;
  ownLabels = set.getLabels();
  ownValues.clear();
  for (Operation &op : block) {
    auto get = dyn_cast<GetOp>(op);
    bool isOwn = get && get.getField() == state.getSymName();
    if (isOwn || llvm::any_of(op.getOperands(),
                              [&](Value operand) { return readsOwn(operand); }))
      for (Value result : op.getResults())
        ownValues.insert(result);
  }
  FailureOr<StateUpdate> update = split(set.getValue());
  if (succeeded(update)) {
    update->set = set;
    Term decay = logOf(update->decay);
    update->sign = decay.mantissa;
    update->logDecay = decay.scale;
  }
  own = outerOwn;
  ownLabels = outerLabels;
  ownValues = std::move(outerValues);
  return update;
}

/// Whether `op` reads `state` at `labels`, as its dsf.set names them.
static bool readsAtLabels(ReadOp op, StateOp state, ArrayAttr labels) {
  auto get = op.getSource().getDefiningOp<GetOp>();
  if (!get || get.getField() != state.getSymName())
    return false;
  for (auto [expr, label] : llvm::zip_equal(op.getMap().getResults(), labels)) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || op.getType().getLabels()[dim.getPosition()] != label)
      return false;
  }
  return true;
}

FailureOr<StateUpdate> ScaledStep::splitRest(Value value) {
  // What the state is set to is not yet known as a scaled number.
  auto update = updates.find(value);
  bool isOwn = update != updates.end() && update->second == own;
  Result terms = isOwn ? evalOp(value) : eval(value);
  if (failed(terms))
    return failure();
  StateUpdate result;
  result.rest = *terms;
  return result;
}

FailureOr<StateUpdate> ScaledStep::split(Value value) {
  constexpr unsigned maxDepth = 400;
  if (!readsOwn(value) || depth >= maxDepth)
    return splitRest(value);
  if (auto read = value.getDefiningOp<ReadOp>()) {
    if (!readsAtLabels(read, own, ownLabels))
      return splitRest(value);
    StateUpdate result;
    result.hasOwn = true;
    return result;
  }
  ++depth;
  FailureOr<StateUpdate> result = failure();
  auto unary = value.getDefiningOp<UnaryOp>();
  if (auto binary = value.getDefiningOp<BinaryOp>()) {
    result = splitBinary(binary);
  } else if (auto select = value.getDefiningOp<SelectOp>()) {
    result = splitSelect(select);
  } else if (unary && unary.getFn() == UnaryKind::Neg) {
    result = split(unary.getOperand());
    if (succeeded(result)) {
      result->decay = ops.unary(UnaryKind::Neg, ops.orOne(result->decay));
      for (Term &term : result->rest)
        term.mantissa = ops.unary(UnaryKind::Neg, ops.orOne(term.mantissa));
    }
  } else {
    result = splitRest(value);
  }
  --depth;
  return result;
}

FailureOr<StateUpdate> ScaledStep::splitBinary(BinaryOp op) {
  BinaryKind fn = op.getFn();
  bool isSum = fn == BinaryKind::Add || fn == BinaryKind::Sub;
  bool isProduct = fn == BinaryKind::Mul &&
                   !(readsOwn(op.getLhs()) && readsOwn(op.getRhs()));
  bool isQuotient = fn == BinaryKind::Div && !readsOwn(op.getRhs());
  if (isSum) {
    FailureOr<StateUpdate> a = split(op.getLhs());
    FailureOr<StateUpdate> b = split(op.getRhs());
    if (failed(a) || failed(b))
      return failure();
    auto withSign = [&](Value x) -> Value {
      return fn == BinaryKind::Sub ? ops.unary(UnaryKind::Neg, ops.orOne(x))
                                   : x;
    };
    if (a->hasOwn && b->hasOwn)
      a->decay = ops.add(ops.orOne(a->decay), ops.orOne(withSign(b->decay)));
    else if (b->hasOwn)
      a->decay = withSign(b->decay);
    a->hasOwn |= b->hasOwn;
    for (Term &term : b->rest)
      math.add(a->rest, {withSign(term.mantissa), term.scale});
    return a;
  }
  if (!isProduct && !isQuotient)
    return splitRest(op.getResult());
  bool isLeft = readsOwn(op.getLhs());
  FailureOr<StateUpdate> update = split(isLeft ? op.getLhs() : op.getRhs());
  Value other = isLeft ? op.getRhs() : op.getLhs();
  if (failed(update))
    return failure();
  if (update->hasOwn) {
    Value factor = plain(other);
    if (!factor)
      return failure();
    update->decay = isProduct ? ops.multiply(update->decay, factor)
                              : ops.binary(BinaryKind::Div,
                                           ops.orOne(update->decay), factor);
  }
  if (update->rest.empty())
    return update;
  Result factor = eval(other);
  if (failed(factor))
    return failure();
  update->rest = isProduct ? math.multiply(update->rest, *factor)
                           : math.divide(update->rest, *factor);
  return update;
}

FailureOr<StateUpdate> ScaledStep::splitSelect(SelectOp op) {
  Value chosen = condition(op.getCondition());
  FailureOr<StateUpdate> a = split(op.getOnTrue());
  FailureOr<StateUpdate> b = split(op.getOnFalse());
  if (!chosen || failed(a) || failed(b))
    return failure();
  StateUpdate result;
  result.hasOwn = a->hasOwn || b->hasOwn;
  auto decayOf = [&](const StateUpdate &update) -> Value {
    return update.hasOwn ? ops.orOne(update.decay) : ops.number(0);
  };
  if (result.hasOwn)
    result.decay = ops.select(chosen, decayOf(*a), decayOf(*b));
  result.rest = math.select(chosen, a->rest, b->rest);
  return result;
}

//===----------------------------------------------------------------------===//
// Logarithms of decays
//===----------------------------------------------------------------------===//

static Term logOfNumber(UniqueOps &ops, double value) {
  Term term;
  if (value < 0)
    term.mantissa = ops.number(-1);
  if (value == 0)
    term.scale.add(ops.number(ScaleMath::lowest), 1);
  else if (std::abs(value) != 1)
    term.scale.add(ops.number(std::log(std::abs(value))), 1);
  return term;
}

/// decay = mantissa * exp(scale), with a mantissa that is null or a sign.
Term ScaledStep::logOf(Value decay, unsigned depth) {
  constexpr unsigned maxDepth = 100;
  if (!decay)
    return {};
  if (auto constant = decay.getDefiningOp<ConstantOp>())
    return logOfNumber(ops, constant.getValue().convertToDouble());
  auto unary = depth < maxDepth ? decay.getDefiningOp<UnaryOp>() : UnaryOp();
  auto binary = depth < maxDepth ? decay.getDefiningOp<BinaryOp>() : BinaryOp();
  auto select = depth < maxDepth ? decay.getDefiningOp<SelectOp>() : SelectOp();
  if (unary && unary.getFn() == UnaryKind::Exp)
    return {Value(), flatten(unary.getOperand())};
  if (unary && unary.getFn() == UnaryKind::Sigmoid)
    return {Value(),
            Scale(ops.unary(UnaryKind::LogSigmoid, unary.getOperand()))};
  if (unary && unary.getFn() == UnaryKind::Neg) {
    Term term = logOf(unary.getOperand(), depth + 1);
    return {ops.unary(UnaryKind::Neg, ops.orOne(term.mantissa)), term.scale};
  }
  bool isProduct = binary && binary.getFn() == BinaryKind::Mul;
  if (isProduct || (binary && binary.getFn() == BinaryKind::Div)) {
    Term a = logOf(binary.getLhs(), depth + 1);
    Term b = logOf(binary.getRhs(), depth + 1);
    a.mantissa = ops.multiply(a.mantissa, b.mantissa);
    a.scale.add(b.scale, isProduct ? 1 : -1);
    return a;
  }
  if (select) {
    Term a = logOf(select.getOnTrue(), depth + 1);
    Term b = logOf(select.getOnFalse(), depth + 1);
    Value chosen = select.getCondition();
    Value mantissa;
    if (a.mantissa || b.mantissa)
      mantissa =
          ops.select(chosen, ops.orOne(a.mantissa), ops.orOne(b.mantissa));
    return {mantissa, math.choose(chosen, a.scale, b.scale)};
  }
  if (ranges.of(decay).isNonNegative())
    return {Value(), Scale(ops.unary(UnaryKind::Log, decay))};
  return {ops.unary(UnaryKind::Sign, decay),
          Scale(ops.unary(UnaryKind::Log, ops.unary(UnaryKind::Abs, decay)))};
}
