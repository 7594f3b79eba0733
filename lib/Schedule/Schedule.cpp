//===- Schedule.cpp - How a kernel runs through time ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Schedule/Passes.h"
#include "lib/Schedule/ScheduleModel.h"
#include "lib/Transforms/Carried.h"
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

llvm::Error
lrc::inspectSegments(RecurrenceOp recurrence, ScheduleKind kind,
                     llvm::function_ref<void(const Segments &)> inspect) {
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(recurrence.getLoc());
  OpBuilder builder = OpBuilder::atBlockBegin(scratch->getBody());
  auto copy = cast<RecurrenceOp>(builder.clone(*recurrence));
  if (hasOtherStates(copy))
    copy = splitCarried(copy).carried;
  llvm::Expected<Segments> segments =
      kind == ScheduleKind::Split ? cutForSplit(copy) : cutForScan(copy);
  if (!segments)
    return segments.takeError();
  inspect(*segments);
  return llvm::Error::success();
}

/// Why a recurrence can't be cut into segments; empty when it can.
static std::string whyNotScan(RecurrenceOp recurrence) {
  return llvm::toString(
      inspectSegments(recurrence, ScheduleKind::Scan, [](const Segments &) {}));
}

std::string lrc::whyNot(ScheduleKind kind, RecurrenceOp recurrence) {
  if (kind == ScheduleKind::Chunked)
    return whyNotChunked(linearize(recurrence));
  return kind == ScheduleKind::Scan ? whyNotScan(recurrence) : "";
}

/// Facts that need no measurement, so that a choice is the same every time.
static const CpuTarget &getTarget() {
  static const CpuTarget target = inspectCpu();
  return target;
}

bool lrc::isFew(int64_t steps) {
  constexpr int64_t many = 64;
  return steps > 0 && steps < many;
}

Kinds lrc::findChoices(RecurrenceOp recurrence,
                       const ScheduleRequest &request) {
  Kinds kinds;
  kinds.sequential = true;
  if (isFew(request.steps))
    return kinds;
  // Segments are more work, and pay for threads that have nothing to do.
  kinds.split = request.maySegment && request.batchHeads < request.threads;
  kinds.scan = kinds.split && whyNotScan(recurrence).empty();
  kinds.chunked = whyNotChunked(linearize(recurrence)).empty();
  kinds.splitInChunks = kinds.split && kinds.chunked;
  return kinds;
}

llvm::Error lrc::chooseSchedule(RecurrenceOp recurrence,
                                const ScheduleRequest &request) {
  ScheduleAttr pinned = recurrence.getScheduleAttr();
  Kinds kinds;
  if (request.kind || pinned) {
    ScheduleKind kind = request.kind ? *request.kind : pinned.getKind();
    if (std::string reason = whyNot(kind, recurrence); !reason.empty())
      return llvm::createStringError("schedule " + stringifyScheduleKind(kind) +
                                     " does not apply: " + reason);
    if (!request.kind)
      return llvm::Error::success();
    kinds = {kind == ScheduleKind::Sequential, kind == ScheduleKind::Chunked,
             kind == ScheduleKind::Scan, kind == ScheduleKind::Split};
    kinds.splitInChunks =
        kinds.split && whyNot(ScheduleKind::Chunked, recurrence).empty();
  } else {
    kinds = findChoices(recurrence, request);
  }
  auto best =
      ScheduleModel(recurrence, request, kinds, getTarget()).findBest(1);
  if (!best)
    return best.takeError();
  recurrence.setScheduleAttr(best->front());
  return llvm::Error::success();
}

namespace {
struct DsfSchedulePass : public lrc::impl::DsfScheduleBase<DsfSchedulePass> {
  using Base::Base;

  void runOnOperation() override {
    ScheduleRequest request;
    request.chunk = chunk;
    request.lanes = lanes;
    request.segments = segments;
    request.maySegment = maySegment;
    request.threads = threads;
    request.batchHeads = batchHeads;
    request.steps = steps;
    request.kind = symbolizeScheduleKind(schedule);
    if (!request.kind && schedule != "auto") {
      getOperation().emitError("expected schedule auto, sequential, chunked, "
                               "scan or split, got ")
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
