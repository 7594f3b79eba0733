//===- Tangent.cpp - What a step does to the states it starts from --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Tangent.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

bool Tangent::refuse(const Twine &why) {
  reason = why.str();
  return false;
}

bool Tangent::visitRead(ReadOp op) {
  if (auto get = op.getSource().getDefiningOp<GetOp>()) {
    auto state = dyn_cast<StateOp>(recurrence.lookupSymbol(get.getField()));
    Value value = state ? direction(state, op) : Value();
    if (value)
      tangents[op.getResult()] = value;
    return true;
  }
  auto relabelling = Relabelling::match(op.getResult());
  if (!relabelling)
    return true;
  if (Value packed = of(PackOp(relabelling->pack).getValue()))
    tangents[op.getResult()] = relabelling->apply(builder, packed);
  return true;
}

bool Tangent::visitBinary(BinaryOp op) {
  Value lhs = of(op.getLhs());
  Value rhs = of(op.getRhs());
  if (!lhs && !rhs)
    return true;
  Arithmetic arithmetic(builder, op.getLoc());
  switch (op.getFn()) {
  case BinaryKind::Add:
    tangents[op.getResult()] = arithmetic.add(lhs, rhs);
    return true;
  case BinaryKind::Sub:
    tangents[op.getResult()] =
        arithmetic.add(lhs, rhs ? arithmetic.negate(rhs) : Value());
    return true;
  case BinaryKind::Mul:
    if (lhs && rhs)
      return refuse("the step multiplies states with each other");
    tangents[op.getResult()] = lhs ? arithmetic.multiply(lhs, op.getRhs())
                                   : arithmetic.multiply(op.getLhs(), rhs);
    return true;
  case BinaryKind::Div:
    if (rhs)
      return refuse("the step divides by a state");
    tangents[op.getResult()] = arithmetic.divide(lhs, op.getRhs());
    return true;
  default:
    return refuse(Twine("the step takes ") + stringifyBinaryKind(op.getFn()) +
                  " of a state");
  }
}

bool Tangent::visit(Operation *op) {
  if (auto read = dyn_cast<ReadOp>(op))
    return visitRead(read);
  if (auto binary = dyn_cast<BinaryOp>(op))
    return visitBinary(binary);
  bool depends = llvm::any_of(op->getOperands(),
                              [&](Value operand) { return bool(of(operand)); });
  if (!depends || isa<PackOp, SetOp>(op))
    return true;
  Arithmetic arithmetic(builder, op->getLoc());
  if (auto unary = dyn_cast<UnaryOp>(op); unary &&
                                          unary.getFn() == UnaryKind::Neg) {
    tangents[unary.getResult()] = arithmetic.negate(of(unary.getOperand()));
    return true;
  }
  if (auto select = dyn_cast<SelectOp>(op); select &&
                                            !of(select.getCondition())) {
    tangents[select.getResult()] =
        arithmetic.select(select.getCondition(), of(select.getOnTrue()),
                          of(select.getOnFalse()));
    return true;
  }
  if (auto reduce = dyn_cast<ReduceOp>(op); reduce &&
                                            reduce.getFn() == ReduceKind::Sum) {
    Labels labels;
    for (auto label : reduce.getLabels().getAsRange<StringAttr>())
      labels.insert(label);
    tangents[reduce.getResult()] = arithmetic.sum(
        of(reduce.getOperand()), labels, reduce.getOperand().getType());
    return true;
  }
  return refuse("the step is not affine in its states: " +
                op->getName().getStringRef());
}

bool Tangent::run() {
  SmallVector<Operation *> ops;
  for (Operation &op : phase)
    ops.push_back(&op);
  for (Operation *op : ops) {
    if (op->hasTrait<OpTrait::IsTerminator>() || isa<SetOp>(op))
      continue;
    builder.setInsertionPointAfter(op);
    if (!visit(op))
      return false;
  }
  return true;
}
