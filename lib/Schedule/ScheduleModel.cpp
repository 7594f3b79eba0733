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
/// Vector instructions for each operation, README.md says where they are from.
constexpr double stepInstructions = 1.6;
constexpr double rowInstructions = 2;
constexpr double productInstructions = 1.35;
constexpr double scoreInstructions = 1.8;
/// Vector instructions in whose time a loop nest starts and ends.
constexpr double nestInstructions = 80;
/// Vector instructions in whose time a parallel region starts and ends.
constexpr double regionInstructions = 20000;
/// Steps of a sequence where their number is not known.
constexpr int64_t usualSteps = 4096;
constexpr double scale = 64;
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
    // Parts without lanes of their own are repeated by every work item.
    bool hasLanes = own.lanes == whole.lanes;
    work.perLane += hasLanes ? own.stepPerLane : 0;
    work.shared += own.stepShared + (hasLanes ? 0 : own.stepPerLane * own.lanes);
    ++work.regions;
  };
  for (SegmentStage &stage : parts.stages)
    add(stage.summary);
  add(parts.finish);
  work.regions += parts.stages.size();
  return work;
}

ScheduleModel::ScheduleModel(RecurrenceOp recurrence,
                             const ScheduleRequest &request, Kinds kinds,
                             const CpuTarget &target)
    : context(recurrence.getContext()), work(measureWorkload(recurrence)),
      askedLanes(request.lanes), problem("schedule") {
  perVector = std::max<int64_t>(target.vectorBits / 8 / work.elementBytes, 1);
  if (kinds.scan)
    scanWork = measureScan(recurrence, work);
  addVariables(request, kinds);
  addCost(request);
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

  std::vector<int64_t> segments;
  if (kinds.sequential || kinds.chunked)
    segments.push_back(1);
  if (kinds.scan && request.segments > 1)
    segments.push_back(request.segments);
  else if (kinds.scan)
    for (int64_t count = 2; count <= std::max<int64_t>(2 * request.threads, 4);
         count *= 2)
      segments.push_back(count);
  problem.addVariable("segments", Domain::set(segments));
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

void ScheduleModel::addCost(const ScheduleRequest &request) {
  Expr chunk = *problem.findExpr("chunk"), lanes = *problem.findExpr("lanes");
  Expr segments = *problem.findExpr("segments");
  auto number = [&](double count) {
    return Expr(int64_t(std::llround(scale * count / perVector)));
  };
  int64_t threads = std::max<int64_t>(request.threads, 1);
  int64_t sequences = std::max<int64_t>(request.batchHeads, 1);
  int64_t steps = request.steps > 1 ? request.steps : usualSteps;
  Expr blocks = problem.let("blocks", ceilDiv(work.lanes, lanes));
  Expr rounds =
      problem.let("rounds", ceilDiv(sequences * blocks * segments, threads));

  Expr step = number(stepInstructions * work.stepPerLane) * lanes +
              number(stepInstructions * work.stepShared);
  Expr perLane = number(rowInstructions * work.rowPerLane +
                        productInstructions * work.productPerLane) +
                 number(productInstructions * work.productPerLaneStep) * chunk;
  Expr shared = number(rowInstructions * work.rowShared +
                       productInstructions * work.productShared) +
                number(scoreInstructions * work.scorePerStep) * chunk;
  Expr start = Expr(int64_t(scale * nestInstructions * work.nests));
  Expr row = perLane * lanes + shared + ceilDiv(start, chunk);
  Expr scan = number(stepInstructions * scanWork.perLane) * lanes +
              number(stepInstructions * scanWork.shared);
  // Of a call, for each of its steps.
  Expr regions = Expr(int64_t(scale * regionInstructions *
                              std::max<int64_t>(scanWork.regions - 1, 0) /
                              steps));
  Expr item = problem.let(
      "item", select(segments > 1, scan, select(chunk == 1, step, row)));
  problem.minimize(select(segments > 1,
                          ceilDiv(rounds * item, segments) + regions,
                          rounds * item));
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
  Expr numbers = whole(work.statePerLane) * lanes +
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
  if (kinds.scan && (kinds.chunked || kinds.sequential))
    problem.constrain("scan", "a scan has chunks of 1 step, got {chunk}",
                      min(chunk, *problem.findExpr("segments")) == 1);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

ScheduleAttr ScheduleModel::decode(const Assignment &assignment) const {
  int64_t chunk = problem.getValue(assignment, "chunk");
  int64_t lanes = problem.getValue(assignment, "lanes");
  int64_t segments = problem.getValue(assignment, "segments");
  if (chunk > 1)
    return ScheduleAttr::get(context, ScheduleKind::Chunked, chunk, lanes, 1);
  return ScheduleAttr::get(
      context, segments > 1 ? ScheduleKind::Scan : ScheduleKind::Sequential, 1,
      askedLanes, segments);
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
    std::optional<int64_t> value =
        evaluate(*problem.getObjective(),
                 {schedule.getChunk(), lanes, schedule.getSegments()});
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

int64_t ScheduleModel::countRegions(ScheduleAttr schedule) const {
  return schedule.getKind() == ScheduleKind::Scan ? scanWork.regions : 1;
}
