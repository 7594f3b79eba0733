//===- Schedule.cpp - How a kernel runs through time ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Schedule.h"

#include "lib/Schedule/ChunkProblem.h"
#include "lib/Schedule/Passes.h"
#include "lib/Solver/Solver.h"
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

/// Why a recurrence can't be cut into segments; empty when it can.
static std::string whyNotScan(RecurrenceOp recurrence) {
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(recurrence.getLoc());
  OpBuilder builder = OpBuilder::atBlockBegin(scratch->getBody());
  auto copy = cast<RecurrenceOp>(builder.clone(*recurrence));
  if (hasOtherStates(copy))
    copy = splitCarried(copy).carried;
  llvm::Expected<Segments> segments = cutIntoSegments(copy);
  return segments ? "" : llvm::toString(segments.takeError());
}

/// Facts that need no measurement, so that a choice is the same every time.
static const CpuTarget &getTarget() {
  static const CpuTarget target = inspectCpu();
  return target;
}

/// Sets chunk and lanes to what costs least under the model.
static llvm::Error chooseChunk(RecurrenceOp recurrence, ScheduleKind kind,
                               const ScheduleRequest &request,
                               bool mayStep) {
  ChunkRequest wanted;
  wanted.mayChunk = true;
  wanted.mayStep = mayStep;
  wanted.chunk = request.chunk;
  wanted.threads = request.threads;
  wanted.batchHeads = request.batchHeads;
  solver::Problem problem =
      makeChunkProblem(measureWorkload(recurrence), getTarget(), wanted);
  llvm::Expected<solver::Solution> best =
      solver::createGecodeSolver()->solve(problem);
  if (!best)
    return best.takeError();
  int64_t chunk = problem.getValue(best->assignment, "chunk");
  int64_t lanes = problem.getValue(best->assignment, "lanes");
  if (chunk == 1)
    std::tie(kind, lanes) = std::pair(ScheduleKind::Sequential, 0);
  recurrence.setScheduleAttr(
      ScheduleAttr::get(recurrence.getContext(), kind, chunk, lanes, 1));
  return llvm::Error::success();
}

static void setSchedule(RecurrenceOp recurrence, ScheduleKind kind,
                        int64_t chunk, int64_t segments) {
  recurrence.setScheduleAttr(ScheduleAttr::get(recurrence.getContext(), kind,
                                               chunk, 0, segments));
}

/// Fewer steps than two usual chunks are not worth the code of chunks.
static constexpr int64_t manySteps = 64;

static llvm::Error chooseFreely(RecurrenceOp recurrence,
                                const ScheduleRequest &request) {
  bool isShort = request.steps > 0 && request.steps < manySteps;
  if (isShort || !whyNotChunked(linearize(recurrence)).empty()) {
    setSchedule(recurrence, ScheduleKind::Sequential, 1, 1);
    return llvm::Error::success();
  }
  return chooseChunk(recurrence, ScheduleKind::Chunked, request,
                     /*mayStep=*/true);
}

llvm::Error lrc::chooseSchedule(RecurrenceOp recurrence,
                                const ScheduleRequest &request) {
  ScheduleAttr pinned = recurrence.getScheduleAttr();
  if (!request.kind && !pinned)
    return chooseFreely(recurrence, request);
  ScheduleKind kind = request.kind ? *request.kind : pinned.getKind();
  std::string reason;
  if (kind == ScheduleKind::Scan)
    reason = whyNotScan(recurrence);
  if (kind == ScheduleKind::Chunked)
    reason = whyNotChunked(linearize(recurrence));
  if (!reason.empty())
    return llvm::createStringError("schedule " + stringifyScheduleKind(kind) +
                                   " does not apply: " + reason);
  if (!request.kind)
    return llvm::Error::success();
  if (kind == ScheduleKind::Chunked)
    return chooseChunk(recurrence, kind, request, /*mayStep=*/false);
  if (kind == ScheduleKind::Scan)
    setSchedule(recurrence, kind, std::max<int64_t>(request.chunk, 1), 4);
  else
    setSchedule(recurrence, kind, 1, 1);
  return llvm::Error::success();
}

namespace {
struct DsfSchedulePass : public lrc::impl::DsfScheduleBase<DsfSchedulePass> {
  using Base::Base;

  void runOnOperation() override {
    ScheduleRequest request;
    request.chunk = chunk;
    request.threads = threads;
    request.batchHeads = batchHeads;
    request.steps = steps;
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
