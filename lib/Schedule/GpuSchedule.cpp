//===- GpuSchedule.cpp - How a GPU kernel runs through time ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/GpuSchedule.h"

#include "lib/Analysis/Lanes.h"
#include "lib/Transforms/Segments.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Elements of all states along each lane.
static int64_t stateElements(RecurrenceOp recurrence, const Lanes &lanes) {
  int64_t elements = 0;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    int64_t count = 1;
    for (int64_t size : FieldOp(state).getType().getShape())
      count *= size;
    if (lanes.getAxis(state.getOperation()) >= 0)
      elements += count / std::max<int64_t>(lanes.getExtent(), 1);
  }
  return elements;
}

/// Whether a chunk saves nothing over its steps: no state is a product of
/// matrices, and a step has enough to do for each lane.
static bool isStepwise(RecurrenceOp recurrence) {
  constexpr int64_t manyElements = 4;
  auto form = recurrence.getPhase<FormOp>();
  return form && form.getBody().front().getOps<EvolveOp>().empty() &&
         stateElements(recurrence, Lanes(recurrence)) >= manyElements;
}

/// The lanes of a block: a divisor of the axis, so that no block has an edge;
/// as many as a block takes at most, unless multiprocessors would be idle.
static int64_t chooseLanes(RecurrenceOp recurrence, ScheduleKind kind,
                           const GpuScheduleRequest &request) {
  Lanes lanes(recurrence);
  int64_t extent = lanes.getExtent();
  if (extent <= 0)
    return 0;
  // In chunks states of a matrix fill shared memory, those of a vector a
  // block's threads. Step by step many small blocks hide each other's waiting.
  int64_t stateElementsOfBlock =
      kind == ScheduleKind::Sequential ? 64 * 64 : 128 * 128;
  constexpr int64_t mostLanes = 256;
  bool isStepwise = kind == ScheduleKind::Sequential;
  int64_t fewestLanes = isStepwise ? 8 : 32;
  int64_t group = isStepwise ? 8 : 16;
  int64_t perLane = std::max<int64_t>(stateElements(recurrence, lanes), 1);
  int64_t limit =
      std::clamp<int64_t>(stateElementsOfBlock / perLane, 1, mostLanes);
  if (request.mostLanes > 0)
    limit = std::min(limit, request.mostLanes);
  int64_t best = 0;
  for (int64_t width = std::min(limit, extent); width > 0; --width) {
    if (extent % width != 0)
      continue;
    if (best && (width < fewestLanes || width % group != 0))
      continue;
    best = width;
    // A last wave that is nearly full costs less than narrower blocks.
    if (4 * request.batchHeads * (extent / width) >=
        3 * request.multiprocessors)
      break;
  }
  return best;
}

constexpr int64_t usualChunk = 64;

/// Whether a value is made of a field of a kind: an input, a state.
template <typename FieldT>
static bool isMadeOf(Value value, RecurrenceOp recurrence,
                     llvm::DenseSet<Value> &visited) {
  Operation *op = value.getDefiningOp();
  if (!op || !visited.insert(value).second)
    return false;
  if (auto get = dyn_cast<GetOp>(op))
    return isa_and_present<FieldT>(recurrence.lookupSymbol(get.getField()));
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    return isMadeOf<FieldT>(operand, recurrence, visited);
  });
}

template <typename FieldT>
static bool isMadeOf(Value value, RecurrenceOp recurrence) {
  llvm::DenseSet<Value> visited;
  return isMadeOf<FieldT>(value, recurrence, visited);
}

/// Steps of a chunk. All pairs of them have a product of decays, which costs
/// more for each step the longer the chunk is: half as many are faster where
/// that is much beside the products of matrices. Those are few with small
/// states, and where no state is read back; and where each element of the keys
/// decays by itself, more rows mean more levels of decayed rows (see
/// lib/Conversion/TileToGpu). Where some warps prepare chunks for others, they
/// are behind with longer ones unless scores are all that they make.
static int64_t chunkFor(RecurrenceOp recurrence, int64_t lanes, bool hasTeams) {
  constexpr int64_t fewElements = 64 * 64;
  auto form = recurrence.getPhase<FormOp>();
  if (!form)
    return usualChunk;
  bool isSmall = stateElements(recurrence, Lanes(recurrence)) *
                     std::max<int64_t>(lanes, 1) <=
                 fewElements;
  auto prefersHalf = [&](EvolveOp op) {
    bool readsBack = llvm::any_of(op.getWrites(), [&](Value write) {
      return isMadeOf<StateOp>(write, recurrence);
    });
    if (hasTeams)
      return readsBack || op.getDecay();
    if (!op.getDecay())
      return false;
    bool isKeyed =
        !cast<ValueType>(op.getDecay().getType()).getLabels().empty();
    return isKeyed || isSmall ||
           (isMadeOf<InOp>(op.getDecay(), recurrence) && !readsBack);
  };
  return llvm::any_of(form.getBody().front().getOps<EvolveOp>(), prefersHalf)
             ? usualChunk / 2
             : usualChunk;
}

llvm::SmallVector<GpuScheduleRequest>
lrc::teamRequests(const GpuScheduleRequest &request) {
  llvm::SmallVector<GpuScheduleRequest> requests(2, request);
  requests[1].mostLanes = 64;
  for (GpuScheduleRequest &each : requests) {
    each.hasTeams = true;
    each.isLast = false;
  }
  return requests;
}

llvm::SmallVector<GpuScheduleRequest>
lrc::fittingRequests(const GpuScheduleRequest &request) {
  llvm::SmallVector<GpuScheduleRequest> requests;
  auto add = [&](int64_t halvings, int64_t lanes) {
    requests.push_back(request);
    requests.back().halvings = halvings;
    requests.back().mostLanes = lanes;
    requests.back().isLast = false;
  };
  for (int64_t lanes : {0, 64})
    add(0, lanes);
  // A chunk that can be shorter is, before lanes are very few.
  bool isFree = request.chunk == 0;
  if (isFree)
    for (int64_t lanes : {0, 64})
      add(1, lanes);
  add(isFree ? 1 : 0, 32);
  requests.back().isLast = true;
  return requests;
}

/// How many multiprocessors there must be for each block before segments are
/// run: a second pass over the inputs pays for three; three passes, where what
/// a segment does to a state is a matrix, for six. Nothing where states have no
/// sums.
static std::optional<int64_t> idleForSegments(RecurrenceOp recurrence) {
  constexpr int64_t forNumbers = 3;
  constexpr int64_t forMatrices = 6;
  std::optional<int64_t> wanted;
  llvm::consumeError(inspectSegments(
      recurrence, ScheduleKind::Scan, [&](const Segments &segments) {
        bool mixes =
            llvm::any_of(segments.stages,
                         [](const SegmentStage &stage) { return stage.mixes; });
        wanted = mixes ? forMatrices : forNumbers;
      }));
  return wanted;
}

int64_t lrc::chooseSegments(RecurrenceOp recurrence,
                            const GpuScheduleRequest &request) {
  constexpr int64_t manySteps = 1024;
  bool isWanted = request.kind && hasSegments(*request.kind);
  if (request.kind && !isWanted)
    return 1;
  if (isWanted && request.segments > 0)
    return request.segments;
  int64_t extent = Lanes(recurrence).getExtent();
  // Segments keep what narrower blocks would do again.
  GpuScheduleRequest widest = request;
  widest.multiprocessors = 1;
  int64_t lanes = chooseLanes(recurrence, ScheduleKind::Chunked, widest);
  int64_t blocks = request.batchHeads * (lanes > 0 ? extent / lanes : 1);
  int64_t segments = request.multiprocessors / std::max<int64_t>(blocks, 1);
  if (isWanted)
    return std::max<int64_t>(segments, 2);
  bool isLong = request.steps == 0 || request.steps >= manySteps;
  if (!isLong || segments <= 1 || request.chunk > 0)
    return 1;
  std::optional<int64_t> wanted = idleForSegments(recurrence);
  return wanted && segments >= *wanted ? segments : 1;
}

llvm::Error lrc::chooseGpuSchedule(RecurrenceOp recurrence,
                                   const GpuScheduleRequest &request) {
  if (request.kind && hasSegments(*request.kind))
    return refuseSegments(*request.kind);
  if (recurrence.getScheduleAttr())
    return llvm::Error::success();
  bool isFree = !request.kind;
  bool isShort = request.steps > 0 && request.steps < usualChunk;
  ScheduleRequest general;
  general.kind = request.kind;
  general.steps = request.steps;
  general.chunk = request.chunk ? request.chunk : usualChunk;
  if (isFree)
    general.kind = isShort ? ScheduleKind::Sequential : ScheduleKind::Chunked;
  llvm::Error error = chooseSchedule(recurrence, general);
  if (error && isFree) {
    llvm::consumeError(std::move(error));
    general.kind = ScheduleKind::Sequential;
    error = chooseSchedule(recurrence, general);
  }
  if (error)
    return error;
  ScheduleKind kind = recurrence.getScheduleAttr().getKind();
  if (isFree && request.chunk == 0 && isStepwise(recurrence)) {
    recurrence.getPhase<FormOp>().erase();
    kind = ScheduleKind::Sequential;
  }
  int64_t lanes = chooseLanes(recurrence, kind, request);
  if (request.chunk == 0)
    general.chunk =
        chunkFor(recurrence, lanes, request.hasTeams) >> request.halvings;
  recurrence.setScheduleAttr(ScheduleAttr::get(
      recurrence.getContext(), kind,
      kind == ScheduleKind::Chunked ? general.chunk : 1, lanes, 1));
  return llvm::Error::success();
}
