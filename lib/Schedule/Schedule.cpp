//===- Schedule.cpp - How a kernel runs through time ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Schedule/Passes.h"
#include "lib/Transforms/Linearize.h"
#include "lib/Transforms/Segments.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace lrc {
#define GEN_PASS_DEF_DSFSCHEDULE
#include "lib/Schedule/Passes.h.inc"
} // namespace lrc

using namespace lrc;
using namespace lrc::dsf;

/// Why a recurrence can't be run in chunks; empty when it can.
static std::string whyNotChunked(ArrayRef<GroupForm> groups) {
  for (const GroupForm &group : groups)
    if (group.kind == GroupKind::Sequential)
      return (group.states.size() > 1 ? "states " : "state ") +
             llvm::join(group.states, ", ") + ": " + group.reason;
  return "";
}

/// Why a recurrence can't be cut into segments; empty when it can.
static std::string whyNotScan(RecurrenceOp recurrence) {
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(recurrence.getLoc());
  OpBuilder builder = OpBuilder::atBlockBegin(scratch->getBody());
  auto copy = cast<RecurrenceOp>(builder.clone(*recurrence));
  llvm::Expected<Segments> segments = cutIntoSegments(copy);
  return segments ? "" : llvm::toString(segments.takeError());
}

llvm::Error lrc::chooseSchedule(RecurrenceOp recurrence,
                          const ScheduleRequest &request) {
  if (recurrence.getSchedule() && !request.kind)
    return llvm::Error::success();
  ScheduleKind kind = request.kind.value_or(ScheduleKind::Sequential);
  int64_t chunk = 1;
  if (kind != ScheduleKind::Sequential) {
    std::string reason = kind == ScheduleKind::Scan
                             ? whyNotScan(recurrence)
                             : whyNotChunked(linearize(recurrence));
    if (!reason.empty())
      return llvm::createStringError("schedule " +
                                     stringifyScheduleKind(kind) +
                                     " does not apply: " + reason);
    chunk = request.chunk ? request.chunk : 32;
  }
  int64_t segments = kind == ScheduleKind::Scan ? 4 : 1;
  recurrence.setScheduleAttr(ScheduleAttr::get(recurrence.getContext(), kind,
                                               chunk, 0, segments));
  return llvm::Error::success();
}

namespace {
struct DsfSchedulePass : public lrc::impl::DsfScheduleBase<DsfSchedulePass> {
  using Base::Base;

  void runOnOperation() override {
    ScheduleRequest request;
    request.chunk = chunk;
    request.kind = symbolizeScheduleKind(schedule);
    if (!request.kind && schedule != "auto") {
      getOperation().emitError("expected schedule auto, sequential, chunked or "
                               "scan, got ")
          << schedule;
      return signalPassFailure();
    }
    if (llvm::Error error = lrc::chooseSchedule(getOperation(), request)) {
      getOperation().emitError(llvm::toString(std::move(error)));
      return signalPassFailure();
    }
  }
};
} // namespace
