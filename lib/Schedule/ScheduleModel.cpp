//===- ScheduleModel.cpp - Schedules as integers, and their cost ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ScheduleModel.h"

#include "lib/Solver/Solver.h"
#include "lib/Transforms/Carried.h"
#include "lib/Transforms/Segments.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::solver;

namespace {
// Vector instructions in whose time each operation of a kind is done; README.md
// says where they are from.
constexpr double stepPlain = 0.3, stepLane = 0.9, stepShared = 0.93;
constexpr double stepState = 1.7, stepWait = 4;
/// One in so many more where the states leave the first cache.
constexpr int64_t stepSpill = 16;
constexpr double rowLane = 2.6, rowShared = 1.27;
constexpr double product = 1.29, triangle = 0.77;
constexpr double score = 1.45, pair = 2.5;
constexpr double scanLane = 1.25, scanShared = 0.6;
/// More for all of a scan whose segments do not stay in the second cache.
constexpr double scanSpill = 4;
/// For each number of a state, to start a chunk and end it.
constexpr double chunkState = 2.9;
/// Before anything is done: of a step, of a row, of a parallel region.
constexpr double stepStart = 25, rowStart = 16, regionStart = 40000;
/// Steps of a sequence where their number is not known.
constexpr int64_t usualSteps = 4096;
constexpr double scale = 1024;
} // namespace

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

/// A segment is run once for each stage and once to finish.
static ScanWork measureScan(RecurrenceOp recurrence, const Workload &whole) {
  mlir::OwningOpRef<mlir::ModuleOp> scratch =
      mlir::ModuleOp::create(recurrence.getLoc());
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockBegin(scratch->getBody());
  auto copy = llvm::cast<RecurrenceOp>(builder.clone(*recurrence));
  if (hasOtherStates(copy))
    copy = splitCarried(copy).carried;
  Segments parts = llvm::cantFail(cutIntoSegments(copy));
  ScanWork work;
  auto add = [&](RecurrenceOp part) {
    Workload own = measureWorkload(part);
    double perLane = own.stepPlainPerLane + own.stepPerLane;
    // Parts without lanes of their own are repeated by every work item.
    bool hasLanes = own.lanes == whole.lanes;
    work.perLane += hasLanes ? perLane : 0;
    work.shared +=
        own.stepShared + (hasLanes ? 0 : perLane * double(own.lanes));
    double states = own.touchedPerLane * double(own.lanes);
    work.states = std::max(work.states, states);
    ++work.regions;
  };
  for (SegmentStage &stage : parts.stages) {
    add(stage.summary);
    if (stage.matrices)
      add(stage.matrices);
  }
  add(parts.finish);
  work.regions += parts.stages.size();
  return work;
}

ScheduleModel::ScheduleModel(RecurrenceOp recurrence,
                             const ScheduleRequest &request, Kinds kinds,
                             const CpuTarget &target)
    : context(recurrence.getContext()), work(measureWorkload(recurrence)),
      problem("schedule") {
  perVector = std::max<int64_t>(target.vectorBits / 8 / work.elementBytes, 1);
  if (kinds.scan)
    scanWork = measureScan(recurrence, work);
  // Beside what they carry there is what they read and write.
  if (scanWork.states * double(work.elementBytes) >
      double(target.l2Bytes) / 4) {
    scanWork.perLane *= scanSpill;
    scanWork.shared *= scanSpill;
  }
  addVariables(request, kinds);
  addCost(request, target);
  addLimits(request, kinds, target);
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

/// Lanes that are tried: multiples of a register that divide them into nearly
/// equal blocks, and all lanes.
static std::vector<int64_t> laneChoices(int64_t lanes, int64_t unit) {
  std::vector<int64_t> choices;
  for (int64_t blocks = 1; blocks <= 64; ++blocks) {
    int64_t width = llvm::alignTo(llvm::divideCeil(lanes, blocks), unit);
    choices.push_back(std::min(width, lanes));
    if (width <= unit)
      break;
  }
  llvm::sort(choices);
  choices.erase(std::unique(choices.begin(), choices.end()), choices.end());
  return choices;
}

void ScheduleModel::addVariables(const ScheduleRequest &request, Kinds kinds) {
  std::vector<int64_t> chunks;
  if (kinds.sequential || kinds.scan)
    chunks.push_back(1);
  if (kinds.chunked && request.chunk > 1)
    chunks.push_back(request.chunk);
  else if (kinds.chunked)
    for (int64_t chunk : {8, 16, 32, 64, 128})
      chunks.push_back(chunk);
  problem.addVariable("chunk", Domain::set(chunks));

  std::vector<int64_t> lanes = laneChoices(work.lanes, perVector);
  if (request.lanes > 0)
    lanes = {request.lanes};
  problem.addVariable("lanes", Domain::set(lanes));

  if (!kinds.scan)
    return;
  std::vector<int64_t> segments;
  if (kinds.sequential || kinds.chunked)
    segments.push_back(1);
  if (request.segments > 1)
    segments.push_back(request.segments);
  else
    for (int64_t count = 2; count <= std::max<int64_t>(2 * request.threads, 4);
         count *= 2)
      segments.push_back(count);
  problem.addVariable("segments", Domain::set(segments));
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

/// The cost of an operation on so many elements.
Expr ScheduleModel::costOf(double count) const {
  return Expr(int64_t(std::llround(scale * count / double(perVector))));
}

/// Of a work item, for one step.
Expr ScheduleModel::stepCost(const Expr &lanes, const CpuTarget &target) const {
  Expr perLane =
      costOf(stepPlain * work.stepPlainPerLane + stepLane * work.stepPerLane +
             stepState * work.touchedPerLane);
  // States that leave no room in the first cache for what a step reads.
  int64_t fitting = target.l1Bytes / 3 * 2 / work.elementBytes;
  Expr numbers = Expr(int64_t(std::ceil(work.carriedPerLane))) * lanes;
  Expr spilled = floorDiv(perLane * lanes, stepSpill);
  Expr wide = perLane * lanes + select(numbers > fitting, spilled, 0);
  // Each sum waits for itself, which wide blocks hide.
  Expr narrow = costOf(stepWait * work.touchedPerLane * double(perVector));
  return max(wide, narrow) +
         costOf(stepShared * work.stepShared + stepStart * double(perVector));
}

/// Of a work item, for one row of a chunk.
Expr ScheduleModel::rowCost(const Expr &lanes, const Expr &rows) const {
  Expr perLane =
      costOf(rowLane * work.rowPerLane + product * work.productPerLane) +
      costOf(triangle * work.productPerLaneStep) * rows +
      ceilDiv(costOf(chunkState * work.statePerLane), rows);
  Expr perStep = costOf(score * work.scorePerStep + pair * work.pairPerStep);
  return perLane * lanes + perStep * rows +
         costOf(rowShared * work.rowShared + product * work.productShared +
                rowStart * double(perVector));
}

void ScheduleModel::addCost(const ScheduleRequest &request,
                            const CpuTarget &target) {
  Expr chunk = *problem.findExpr("chunk"), lanes = *problem.findExpr("lanes");
  Expr segments = problem.findExpr("segments").value_or(Expr(1));
  int64_t threads = std::max<int64_t>(request.threads, 1);
  int64_t sequences = std::max<int64_t>(request.batchHeads, 1);
  int64_t steps = request.steps > 0 ? request.steps : usualSteps;
  Expr blocks = problem.let("blocks", ceilDiv(work.lanes, lanes));
  Expr rounds =
      problem.let("rounds", ceilDiv(sequences * blocks * segments, threads));
  Expr rows = problem.let("rows", min(chunk, steps));
  Expr step = problem.let("step", stepCost(lanes, target));
  Expr row = problem.let("row", rowCost(lanes, rows));
  // Of a call, for each of its steps. A single work item needs no threads.
  auto regions = [&](int64_t count) {
    return Expr(int64_t(scale * regionStart * double(count)) / steps);
  };
  Expr total = rounds * select(chunk == 1, step, row);
  if (threads > 1 && sequences > 1)
    total = total + regions(1);
  else if (threads > 1)
    total = total + select(blocks > 1, regions(1), 0);
  if (scanWork.regions == 0)
    return problem.minimize(total);
  Expr scan = problem.let("scan", costOf(scanLane * scanWork.perLane) * lanes +
                                      costOf(scanShared * scanWork.shared));
  problem.minimize(select(
      segments > 1,
      ceilDiv(rounds * scan, segments) + regions(scanWork.regions), total));
}

//===----------------------------------------------------------------------===//
// Limits
//===----------------------------------------------------------------------===//

void ScheduleModel::addLimits(const ScheduleRequest &request, Kinds kinds,
                              const CpuTarget &target) {
  /// Bytes that a work item may take from the heap.
  constexpr int64_t mostBytes = int64_t(1) << 28;
  Expr chunk = *problem.findExpr("chunk"), lanes = *problem.findExpr("lanes");
  auto whole = [](double count) { return Expr(int64_t(std::ceil(count))); };
  Expr numbers = whole(work.kept) + whole(work.statePerLane) * lanes +
                 chunk * (whole(work.keptPerRow) +
                          whole(work.keptPerRowLane) * lanes + chunk);
  Expr bytes =
      problem.let("bytes", select(chunk == 1, 0, work.elementBytes * numbers));
  auto spell = [](int64_t count) { return "{" + std::to_string(count) + "}"; };
  // What a user asks for may be slow.
  if (request.chunk == 0 && kinds.sequential && kinds.chunked)
    problem.constrain("cache",
                      "second cache: {bytes} bytes needed for state and "
                      "chunk, " +
                          spell(target.l2Bytes) + " available",
                      bytes <= target.l2Bytes);
  else if (request.chunk > 0)
    problem.constrain("memory",
                      "scratch memory: {bytes} bytes needed for state and "
                      "chunk of a work item, " +
                          spell(mostBytes) + " available",
                      bytes <= mostBytes);
  if (request.lanes > 0)
    problem.constrain("lanes",
                      "lanes of a work item: {lanes} asked for, " +
                          spell(work.lanes) + " in the recurrence",
                      lanes <= work.lanes);
  if (kinds.scan && kinds.chunked)
    problem.constrain("scan", "a scan has chunks of 1 step, got {chunk}",
                      min(chunk, *problem.findExpr("segments")) == 1);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

ScheduleAttr ScheduleModel::decode(const Assignment &assignment) const {
  int64_t chunk = problem.getValue(assignment, "chunk");
  int64_t lanes = problem.getValue(assignment, "lanes");
  int64_t segments = problem.findVariable("segments")
                         ? problem.getValue(assignment, "segments")
                         : 1;
  if (chunk > 1)
    return ScheduleAttr::get(context, ScheduleKind::Chunked, chunk, lanes, 1);
  // The parts of a scan have lanes of their own.
  if (segments > 1)
    return ScheduleAttr::get(context, ScheduleKind::Scan, 1, 0, segments);
  return ScheduleAttr::get(context, ScheduleKind::Sequential, 1,
                           work.lanes > 1 ? lanes : 0, 1);
}

llvm::Expected<llvm::SmallVector<ScheduleAttr>>
ScheduleModel::findBest(unsigned count) const {
  // Assignments that differ in nothing but the lanes of steps are one schedule.
  constexpr unsigned mostAlike = 8;
  llvm::Expected<std::vector<Solution>> solutions =
      createGecodeSolver()->solveBest(problem,
                                      count == 1 ? 1 : count * mostAlike);
  if (!solutions)
    return solutions.takeError();
  llvm::SmallVector<ScheduleAttr> best;
  for (const Solution &solution : *solutions) {
    ScheduleAttr schedule = decode(solution.assignment);
    if (best.size() < count && !llvm::is_contained(best, schedule))
      best.push_back(schedule);
  }
  return best;
}

double ScheduleModel::countInstructions(ScheduleAttr schedule) const {
  auto cost = [&](int64_t lanes) {
    Assignment assignment = {schedule.getChunk(), lanes};
    if (problem.findVariable("segments"))
      assignment.push_back(schedule.getSegments());
    std::optional<int64_t> value =
        evaluate(*problem.getObjective(), assignment);
    return value ? double(*value) / scale : 0;
  };
  if (schedule.getLanes() > 0)
    return cost(schedule.getLanes());
  double best = 0;
  for (int64_t lanes : laneChoices(work.lanes, perVector))
    if (double own = cost(lanes); best == 0 || own < best)
      best = own;
  return best;
}
