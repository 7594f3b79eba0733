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

static bool isWide(Operation &op) {
  if (!isa<InOp, ParamOp, StateOp, OutOp>(op))
    return false;
  Type storage = FieldOp(&op).getStorage();
  if (auto complex = dyn_cast<ComplexType>(storage))
    storage = complex.getElementType();
  return storage.isF64();
}

void lrc::storeAsComputed(RecurrenceOp recurrence) {
  if (llvm::none_of(recurrence.getBody().getOps(), isWide))
    return;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (FieldOp(state).getStorageAttr())
      continue;
    Type storage = Float64Type::get(state.getContext());
    if (FieldOp(state).getType().getKind() == Kind::Complex)
      storage = ComplexType::get(storage);
    state.setStorageAttr(TypeAttr::get(storage));
  }
}

/// Local states get a place among the arguments.
static void makeVisible(RecurrenceOp recurrence) {
  storeAsComputed(recurrence);
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (!state.getLocal())
      continue;
    state.setLocal(false);
    state.setHidden(true);
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
