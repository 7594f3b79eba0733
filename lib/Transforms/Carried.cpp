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
  bool isWide = llvm::any_of(
      recurrence.getBody().getOps(), [](Operation &op) {
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

CarriedParts lrc::splitCarried(RecurrenceOp recurrence) {
  CarriedParts parts;
  parts.start = copy(recurrence, ".begin");
  parts.carried = copy(recurrence, ".carried");
  parts.end = copy(recurrence, ".end");
  for (RecurrenceOp part : {parts.start, parts.carried, parts.end})
    makeVisible(part);
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
