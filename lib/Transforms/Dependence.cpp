//===- Dependence.cpp - What a value of a step depends on -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Dependence.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Number of axes of a value or array.
static size_t rankOf(Value value) {
  if (auto type = dyn_cast<ValueType>(value.getType()))
    return type.getLabels().size();
  if (auto type = dyn_cast<PositionalType>(value.getType()))
    return type.getExtents().size();
  return 0;
}

/// Labels of operands are among those of a pointwise result: the rank tells
/// which is larger. A read may take a part of its source.
bool Dependence::isWiderThanOperands(Operation *op) const {
  if (!isa<UnaryOp, BinaryOp, SelectOp, PackOp, ReadOp>(op))
    return false;
  size_t rank = rankOf(op->getResult(0));
  return llvm::none_of(op->getOperands(), [&](Value operand) {
    const Facts &fact = facts.at(operand);
    return rankOf(operand) > rank ||
           (fact.onTime && !fact.wide && rankOf(operand) == rank);
  });
}

Dependence::Facts Dependence::classify(Operation *op) const {
  Facts result;
  if (auto get = dyn_cast<GetOp>(op)) {
    Operation *field =
        SymbolTable::lookupNearestSymbolFrom(op, get.getFieldAttr());
    result.onState = isa<StateOp>(field);
    result.onTime = !isa<ParamOp>(field);
    return result;
  }
  result.onTime = isa<TimeOp>(op);
  for (Value operand : op->getOperands()) {
    result.onState |= facts.at(operand).onState;
    result.onTime |= facts.at(operand).onTime;
  }
  // The leaves have no operand to be wider than.
  result.wide =
      result.onTime && op->getNumOperands() > 0 && isWiderThanOperands(op);
  return result;
}

Dependence::Dependence(Block &phase) {
  for (Operation &op : phase)
    for (Value result : op.getResults())
      facts[result] = classify(&op);
}
