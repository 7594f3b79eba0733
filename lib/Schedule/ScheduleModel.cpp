//===- ScheduleModel.cpp - Schedules as integers, and their cost ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ScheduleModel.h"

#include "lib/Solver/Solver.h"
#include "lib/Transforms/Linearize.h"
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
static ScanWork measureScan(const Segments &parts, const Workload &whole) {
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
  for (const SegmentStage &stage : parts.stages) {
    add(stage.summary);
    if (stage.matrices)
      add(stage.matrices);
  }
  add(parts.finish);
  work.regions += parts.stages.size();
  return work;
}

static Workload measurePass(const Segments &parts, Kinds kinds) {
  if (!parts.pass)
    return {};
  if (kinds.splitInChunks)
    linearize(parts.pass);
  return measureWorkload(parts.pass);
}

ScheduleModel::ScheduleModel(RecurrenceOp recurrence,
                             const ScheduleRequest &request, Kinds kinds,
                             const CpuTarget &target)
    : context(recurrence.getContext()), work(measureWorkload(recurrence)),
      problem("schedule") {
  perVector = std::max<int64_t>(target.vectorBits / 8 / work.elementBytes, 1);
  if (kinds.scan)
    llvm::cantFail(inspectSegments(
        recurrence, ScheduleKind::Scan,
        [&](const Segments &parts) { scanWork = measureScan(parts, work); }));
  if (kinds.split)
    llvm::cantFail(inspectSegments(
        recurrence, ScheduleKind::Split,
        [&](const Segments &parts) { passWork = measurePass(parts, kinds); }));
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
  bool hasSteps = kinds.sequential || kinds.chunked;
  bool hasSegments = kinds.scan || kinds.split;
  bool inChunks = kinds.chunked || (kinds.split && kinds.splitInChunks);
  std::vector<int64_t> chunks;
  bool mayBeSteps = !inChunks || (kinds.split && request.chunk <= 1);
  if (kinds.sequential || kinds.scan || mayBeSteps)
    chunks.push_back(1);
  if (inChunks && request.chunk > 1)
    chunks.push_back(request.chunk);
  else if (inChunks)
    for (int64_t chunk : {8, 16, 32, 64, 128})
      chunks.push_back(chunk);
  problem.addVariable("chunk", Domain::set(chunks));

  std::vector<int64_t> lanes = laneChoices(work.lanes, perVector);
  if (request.lanes > 0)
    lanes = {request.lanes};
  problem.addVariable("lanes", Domain::set(lanes));

  if (!hasSegments)
    return;
  std::vector<int64_t> segments;
  if (hasSteps)
    segments.push_back(1);
  if (request.segments > 1)
    segments.push_back(request.segments);
  else
    for (int64_t count = 2; count <= std::max<int64_t>(2 * request.threads, 4);
         count *= 2)
      segments.push_back(count);
  problem.addVariable("segments", Domain::set(segments));
  if (!kinds.split)
    return;
  std::vector<int64_t> split = {1};
  if (hasSteps || kinds.scan)
    split.push_back(0);
  problem.addVariable("split", Domain::set(split));
}

Expr ScheduleModel::valueOr(llvm::StringRef variable, int64_t value) const {
  return problem.findExpr(variable).value_or(Expr(value));
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

/// The cost of an operation on so many elements.
Expr ScheduleModel::costOf(double count) const {
  return Expr(int64_t(std::llround(scale * count / double(perVector))));
}

/// Of a work item, for one step.
Expr ScheduleModel::stepCost(const Workload &work, const Expr &lanes,
                             const CpuTarget &target) const {
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
Expr ScheduleModel::rowCost(const Workload &work, const Expr &lanes,
                            const Expr &rows) const {
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
  Expr segments = valueOr("segments", 1);
  int64_t threads = std::max<int64_t>(request.threads, 1);
  int64_t sequences = std::max<int64_t>(request.batchHeads, 1);
  int64_t steps = request.steps > 0 ? request.steps : usualSteps;
  Expr blocks = problem.let("blocks", ceilDiv(work.lanes, lanes));
  Expr rounds =
      problem.let("rounds", ceilDiv(sequences * blocks * segments, threads));
  Expr rows = problem.let("rows", min(chunk, steps));
  Expr step = problem.let("step", stepCost(work, lanes, target));
  Expr row = problem.let("row", rowCost(work, lanes, rows));
  // Of a call, for each of its steps. A single work item needs no threads.
  auto regions = [&](int64_t count) {
    return Expr(int64_t(scale * regionStart * double(count)) / steps);
  };
  Expr total = rounds * select(chunk == 1, step, row);
  if (threads > 1 && sequences > 1)
    total = total + regions(1);
  else if (threads > 1)
    total = total + select(blocks > 1, regions(1), 0);
  if (scanWork.regions > 0) {
    Expr scan =
        problem.let("scan", costOf(scanLane * scanWork.perLane) * lanes +
                                costOf(scanShared * scanWork.shared));
    total = select(segments > 1,
                   ceilDiv(rounds * scan, segments) + regions(scanWork.regions),
                   total);
  }
  if (passWork) {
    // The states run through all segments but the last one alone, and then all
    // segments are run at once.
    Expr pass = problem.let(
        "pass", ceilDiv(sequences * blocks, threads) *
                    select(chunk == 1, stepCost(*passWork, lanes, target),
                           rowCost(*passWork, lanes, rows)));
    pass = ceilDiv(pass * (segments - 1), segments);
    Expr finish = ceilDiv(rounds * select(chunk == 1, step, row), segments);
    total = select(valueOr("split", 0) == 1,
                   pass + finish + regions(1) * (segments + 1), total);
  }
  problem.minimize(total);
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
  Expr split = valueOr("split", 0), segments = valueOr("segments", 1);
  if (kinds.scan && (kinds.chunked || kinds.splitInChunks))
    problem.constrain("scan", "a scan has chunks of 1 step, got {chunk}",
                      select(split == 1, 1, min(chunk, segments)) == 1);
  if (!kinds.split)
    return;
  problem.constrain("split", "a split has several segments, got {segments}",
                    split <= segments - 1);
  if (!kinds.scan)
    problem.constrain("pieces",
                      "{segments} segments of time, and no split to run them",
                      select(segments > 1, split, 1) == 1);
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

ScheduleAttr ScheduleModel::decode(const Assignment &assignment) const {
  int64_t chunk = problem.getValue(assignment, "chunk");
  int64_t lanes = problem.getValue(assignment, "lanes");
  auto value = [&](llvm::StringRef name, int64_t otherwise) {
    return problem.findVariable(name) ? problem.getValue(assignment, name)
                                      : otherwise;
  };
  int64_t segments = value("segments", 1);
  // The parts of a scan or split have lanes of their own.
  if (value("split", 0) == 1)
    return ScheduleAttr::get(context, ScheduleKind::Split, chunk, 0, segments,
                             BlockAttr());
  if (chunk > 1)
    return ScheduleAttr::get(context, ScheduleKind::Chunked, chunk, lanes, 1,
                             BlockAttr());
  if (segments > 1)
    return ScheduleAttr::get(context, ScheduleKind::Scan, 1, 0, segments,
                             BlockAttr());
  return ScheduleAttr::get(context, ScheduleKind::Sequential, 1,
                           work.lanes > 1 ? lanes : 0, 1, BlockAttr());
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
    if (problem.findVariable("split"))
      assignment.push_back(schedule.getKind() == ScheduleKind::Split);
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
