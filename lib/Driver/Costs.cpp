//===- Costs.cpp - What one step costs ------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Costs.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::driver;
using dsf::BinaryKind;
using dsf::UnaryKind;

namespace {
class Counter {
public:
  explicit Counter(dsf::RecurrenceOp recurrence) : recurrence(recurrence) {}
  Costs run();

private:
  bool isOnce(Operation *op);
  void visit(Operation *op);
  void visitUnary(dsf::UnaryOp op);
  void visitBinary(dsf::BinaryOp op);

  dsf::RecurrenceOp recurrence;
  /// Values that are the same in every step.
  llvm::DenseSet<Value> once;
  Costs costs;
};
} // namespace

static int64_t countElements(Value value) {
  int64_t count = 1;
  for (Attribute extent : cast<dsf::ValueType>(value.getType()).getExtents())
    count *= cast<IntegerAttr>(extent).getInt();
  return count;
}

static bool isComplexValue(Value value) {
  return cast<dsf::ValueType>(value.getType()).getKind() == dsf::Kind::Complex;
}

static bool isTranscendental(UnaryKind fn) {
  switch (fn) {
  case UnaryKind::Exp:
  case UnaryKind::Log:
  case UnaryKind::Expm1:
  case UnaryKind::Log1p:
  case UnaryKind::Sin:
  case UnaryKind::Cos:
  case UnaryKind::Tan:
  case UnaryKind::Tanh:
  case UnaryKind::Sigmoid:
  case UnaryKind::LogSigmoid:
  case UnaryKind::Softplus:
  case UnaryKind::Silu:
  case UnaryKind::Gelu:
  case UnaryKind::Elu:
  case UnaryKind::Erf:
    return true;
  default:
    return false;
  }
}

void Counter::visitUnary(dsf::UnaryOp op) {
  int64_t count = countElements(op.getResult());
  bool complex = isComplexValue(op.getOperand());
  if (isTranscendental(op.getFn()))
    // exp(x + i y) takes exp x, cos y and sin y.
    costs.transcendentals += complex ? 3 * count : count;
  else if (op.getFn() != UnaryKind::Re && op.getFn() != UnaryKind::Im)
    costs.flops += complex ? 2 * count : count;
}

void Counter::visitBinary(dsf::BinaryOp op) {
  int64_t count = countElements(op.getResult());
  bool left = isComplexValue(op.getLhs()), right = isComplexValue(op.getRhs());
  switch (op.getFn()) {
  case BinaryKind::Pow:
  case BinaryKind::LogAddExp:
    costs.transcendentals += count;
    return;
  case BinaryKind::Complex:
    return;
  case BinaryKind::Mul:
    costs.flops += count * (left && right ? 6 : left || right ? 2 : 1);
    return;
  case BinaryKind::Div:
    costs.flops += count * (right ? 11 : left ? 2 : 1);
    return;
  default:
    costs.flops += count * (left || right ? 2 : 1);
  }
}

void Counter::visit(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](dsf::UnaryOp unary) { visitUnary(unary); })
      .Case([&](dsf::BinaryOp binary) { visitBinary(binary); })
      .Case([&](dsf::SelectOp select) {
        costs.flops += countElements(select.getResult());
      })
      .Case([&](dsf::ReduceOp reduce) {
        costs.flops += countElements(reduce.getOperand()) *
                       (isComplexValue(reduce.getOperand()) ? 2 : 1);
      });
}

bool Counter::isOnce(Operation *op) {
  if (auto get = dyn_cast<dsf::GetOp>(op))
    return isa<dsf::ParamOp>(recurrence.lookupSymbol(get.getField()));
  if (isa<dsf::TimeOp>(op))
    return false;
  return llvm::all_of(op->getOperands(),
                      [&](Value value) { return once.contains(value); });
}

Costs Counter::run() {
  for (Operation &phase : recurrence.getBody().getOps()) {
    if (!isa<dsf::StepOp, dsf::InputOp, dsf::TransitionOp, dsf::ReadoutOp>(
            phase))
      continue;
    for (Operation &op : phase.getRegion(0).front()) {
      if (op.getNumResults() > 0 && isOnce(&op))
        once.insert(op.result_begin(), op.result_end());
      else
        visit(&op);
    }
  }
  return costs;
}

Costs driver::countStep(dsf::RecurrenceOp recurrence) {
  return Counter(recurrence).run();
}
