//===- Carried.cpp - States as they are carried ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Carried.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

bool lrc::hasOtherStates(RecurrenceOp recurrence) {
  return llvm::any_of(recurrence.getBody().getOps<StateOp>(),
                      [](StateOp state) {
                        return state.getLocal() || !state.getFinal().empty();
                      });
}

static RecurrenceOp copy(RecurrenceOp recurrence, StringRef suffix) {
  OpBuilder builder(recurrence);
  auto result = cast<RecurrenceOp>(builder.clone(*recurrence));
  result.setSymName((recurrence.getSymName() + suffix).str());
  if (auto form = result.getPhase<FormOp>())
    form.erase();
  return result;
}

/// Local states get a place among the arguments, in the type of arithmetic.
static void makeVisible(RecurrenceOp recurrence) {
  Builder builder(recurrence.getContext());
  bool isWide = llvm::any_of(recurrence.getBody().getOps(), [](Operation &op) {
    if (!FieldOp::classof(&op))
      return false;
    Type storage = FieldOp(&op).getStorage();
    if (auto complex = dyn_cast<ComplexType>(storage))
      storage = complex.getElementType();
    return storage.isF64();
  });
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (!state.getLocal())
      continue;
    state.setLocal(false);
    state.setHidden(true);
    if (isWide)
      state.setStorageAttr(TypeAttr::get(builder.getF64Type()));
  }
}

static void drop(Region &region) { region.getBlocks().clear(); }

/// Leaves states and parameters: every state stays what it is.
static void dropSteps(RecurrenceOp recurrence) {
  auto step = recurrence.getPhase<StepOp>();
  drop(step.getBody());
  OpBuilder builder = OpBuilder::atBlockEnd(&step.getBody().emplaceBlock());
  for (Operation &op :
       llvm::make_early_inc_range(recurrence.getBody().getOps()))
    if (isa<InOp, OutOp>(op))
      op.erase();
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    PositionalType type = FieldOp(state).getType();
    SmallVector<StringAttr> labels;
    for (size_t axis = 0; axis < type.getExtents().size(); ++axis)
      labels.push_back(builder.getStringAttr("i" + Twine(axis)));
    auto map = builder.getMultiDimIdentityMap(labels.size());
    Value array =
        GetOp::create(builder, state.getLoc(), type, state.getSymName());
    Value value =
        ReadOp::create(builder, state.getLoc(),
                       ValueType::get(builder.getContext(), labels,
                                      type.getExtents(), type.getKind()),
                       array, ValueRange(), AffineMapAttr::get(map));
    SetOp::create(builder, state.getLoc(), state.getSymName(), value,
                  builder.getArrayAttr(
                      SmallVector<Attribute>(labels.begin(), labels.end())));
  }
}

CarriedParts lrc::splitCarried(RecurrenceOp recurrence) {
  CarriedParts parts;
  parts.start = copy(recurrence, ".begin");
  parts.carried = copy(recurrence, ".carried");
  parts.end = copy(recurrence, ".end");
  for (RecurrenceOp part : {parts.start, parts.carried, parts.end})
    makeVisible(part);
  dropSteps(parts.start);
  dropSteps(parts.end);
  parts.start.setFinalsAttr(nullptr);
  parts.carried.setFinalsAttr(nullptr);
  for (StateOp state : parts.start.getBody().getOps<StateOp>())
    drop(state.getFinal());
  for (StateOp state : parts.carried.getBody().getOps<StateOp>()) {
    drop(state.getInit());
    drop(state.getFinal());
  }
  for (StateOp state : parts.end.getBody().getOps<StateOp>())
    drop(state.getInit());
  return parts;
}
