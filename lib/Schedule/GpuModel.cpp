//===- GpuModel.cpp - Kernels of a GPU as integers, and their cost --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/GpuModel.h"

#include "lib/Solver/Solver.h"
#include "lib/Transforms/Segments.h"

#include <cmath>

using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::solver;

namespace {
/// Steps of a sequence where they are known to be many only.
constexpr int64_t usualSteps = 8192;
/// Fewer are not worth segments.
constexpr int64_t manySteps = 1024, fewestSteps = 256;
constexpr int64_t mostLanes = 256, mostSteps = 1024;
/// Rows of a tensor core's product, and lanes of a warp of carriers.
constexpr int64_t fragment = 16;
constexpr int64_t warp = 32;
/// Of costs, which are whole numbers.
constexpr double scale = 16384;
// Cycles; README.md says where they are from. Of a chunk's part that preparers
// have, for each multiply-add of scores, of scores with a decay for each key,
// for each decayed score, operation on rows, and in any case.
constexpr double scorePrice = 0.00079, keyedPrice = 0.0537, keyedStart = 183;
constexpr double decayPrice = 0.0252, rowPrice = 0.003, solveStart = 122;
// Of the part that carriers have: multiply-adds with states and of scores with
// rows, numbers of states, operations on rows.
constexpr double productPrice = 0.00016, trianglePrice = 0.00042;
constexpr double statePrice = 0.00085, movePrice = 0.06, lanePrice = 0.002;
// Before anything is done, and for 128 more preparers, or one form of a state.
constexpr double teamStart = 1100, prepareStart = 1125, carryStart = 1283;
constexpr double preparersStart = 118, formStart = 493, stageStart = 60;
/// What one team takes for the work of both, more with 128 threads; and what a
/// multiprocessor does at most.
constexpr double teamFactor = 3.31, narrowFactor = 0.32, busyFactor = 3.75;
/// Threads that the prices are for.
constexpr int64_t pricedThreads = 128;
/// Multiply-adds of a cycle without tensor cores, and cycles of a score.
constexpr double plainProducts = 20, plainScore = 20;
/// A step of the sequential kernel, and a number of its states.
constexpr double stepStart = 250, stepPrice = 0.08;
/// A block of it.
constexpr double blockStart = 100;
/// What the kernels of segments take: of a kernel that needs none, in tenths,
/// and four times as long step by step; before and between them; for each
/// segment, to combine it with those before.
struct SegmentPrice {
  int64_t tenths;
  double start, each;
};
/// Where what a segment does to a state is numbers, or a matrix.
constexpr SegmentPrice ofNumbers{14, 80000, 500}, ofMatrices{22, 96000, 18000};
} // namespace

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

std::map<std::string, int64_t> lrc::toMap(BlockAttr block) {
  return {
      {"threads", block.getThreads()},   {"preparers", block.getPreparers()},
      {"resident", block.getResident()}, {"stages", block.getStages()},
      {"forms", block.getForms()},       {"cores", block.getCores()}};
}

BlockAttr lrc::toBlock(mlir::MLIRContext *context,
                       const std::map<std::string, int64_t> &values) {
  auto value = [&](const char *name, int64_t otherwise) {
    auto found = values.find(name);
    return found == values.end() ? otherwise : found->second;
  };
  return BlockAttr::get(context, value("threads", 0), value("preparers", 0),
                        value("resident", 1), value("stages", 0),
                        value("forms", 1), value("cores", 1));
}

static bool isHalf(mlir::Type type) {
  if (auto complex = llvm::dyn_cast_if_present<mlir::ComplexType>(type))
    type = complex.getElementType();
  return type && (type.isBF16() || type.isF16());
}

bool lrc::hasHalfTensors(RecurrenceOp recurrence) {
  return llvm::any_of(recurrence.getBody().getOps(), [](mlir::Operation &op) {
    return llvm::isa<InOp, OutOp, ParamOp, StateOp>(op) &&
           isHalf(FieldOp(&op).getStorage());
  });
}

/// Whether what a segment of a scan does to a state is a matrix; nothing where
/// there is no scan, or no state.
static std::optional<bool> mixesSegments(RecurrenceOp recurrence) {
  std::optional<bool> mixes;
  llvm::consumeError(inspectSegments(
      recurrence, ScheduleKind::Scan, [&](const Segments &segments) {
        if (!segments.stages.empty())
          mixes = llvm::any_of(segments.stages, [](const SegmentStage &stage) {
            return stage.mixes;
          });
      }));
  return mixes;
}

llvm::Expected<GpuModel> GpuModel::create(RecurrenceOp recurrence,
                                          const GpuRequest &request,
                                          const GpuTarget &target) {
  std::optional<ScheduleKind> kind = request.kind;
  if (ScheduleAttr pinned = recurrence.getScheduleAttr(); pinned && !kind)
    kind = pinned.getKind();
  if (kind)
    if (std::string reason = whyNot(*kind, recurrence); !reason.empty())
      return llvm::createStringError("schedule " +
                                     stringifyScheduleKind(*kind) +
                                     " does not apply: " + reason);
  return GpuModel(recurrence, request, target);
}

GpuModel::GpuModel(RecurrenceOp recurrence, const GpuRequest &asked,
                   const GpuTarget &target)
    : context(recurrence.getContext()), request(asked), target(&target),
      problem("gpu") {
  if (ScheduleAttr pinned = recurrence.getScheduleAttr();
      pinned && !request.kind) {
    request.kind = pinned.getKind();
    if (pinned.getChunk() > 1)
      request.chunk = pinned.getChunk();
    request.lanes = pinned.getLanes();
    if (pinned.getSegments() > 1)
      request.segments = pinned.getSegments();
    if (BlockAttr block = pinned.getBlock())
      request.block = toMap(block);
    // What a block does not name has defaults, which are not for all kernels.
    if (request.block.count("threads") && request.block["threads"] == 0)
      request.block.erase("threads");
    if (!lrc::hasHalfTensors(recurrence) ||
        request.kind == ScheduleKind::Sequential)
      request.block.erase("cores");
  }
  // Chunks are what segments are run in.
  bool isFree = !request.kind || hasSegments(*request.kind);
  bool isChunked = request.kind == ScheduleKind::Chunked;
  kinds.chunked = (isChunked || (isFree && !isFew(request.steps))) &&
                  whyNot(ScheduleKind::Chunked, recurrence).empty();
  kinds.sequential = !isChunked;
  hasHalves = lrc::hasHalfTensors(recurrence);
  if (auto form = recurrence.getPhase<FormOp>())
    hasProducts = !form.getBody().front().getOps<EvolveOp>().empty();
  work = measureWorkload(recurrence);
  // A chunk saves nothing over its steps then.
  if (kinds.sequential && request.chunk <= 1 && isStepwise())
    kinds.chunked = false;
  addVariables(recurrence);
  addShapes();
  addMemory();
  addCost();
  for (const auto &[name, value] : request.block)
    problem.pin(name, value);
}

/// Whether no state is a product of matrices, and a step has enough to do for
/// each lane.
bool GpuModel::isStepwise() const {
  constexpr double manyElements = 4;
  return !hasProducts && work.carriedPerLane >= manyElements;
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

Expr GpuModel::var(llvm::StringRef name) const {
  return *problem.findExpr(name);
}

void GpuModel::addVariables(RecurrenceOp recurrence) {
  std::vector<int64_t> chunks;
  if (kinds.sequential && !(kinds.chunked && request.chunk > 1))
    chunks.push_back(1);
  if (kinds.chunked && request.chunk > 1)
    chunks.push_back(request.chunk);
  else if (kinds.chunked)
    for (int64_t chunk : {16, 32, 64})
      chunks.push_back(chunk);
  problem.addVariable("chunk", Domain::set(chunks));
  addLanes();
  addSegments(recurrence);
  bool canCores = hasHalves;
  problem.addVariable("cores", Domain::set(canCores ? std::vector<int64_t>{0, 1}
                                                    : std::vector<int64_t>{0}));
  bool canTeams = canCores && kinds.chunked && hasProducts &&
                  request.hasTeams.value_or(true);
  problem.addVariable("preparers",
                      Domain::set(canTeams ? std::vector<int64_t>{0, 128, 256}
                                           : std::vector<int64_t>{0}));
  std::vector<int64_t> threads = {128, 256};
  if (canTeams)
    for (int64_t lanes : problem.getChoices(*problem.findVariable("lanes")))
      if (lanes % fragment == 0 && lanes <= mostLanes)
        threads.push_back(lanes / fragment * warp);
  problem.addVariable("threads", Domain::set(threads));
  problem.addVariable("resident", Domain::set({1, 2}));
  problem.addVariable("stages", Domain::range(0, 2));
  problem.addVariable("forms", Domain::range(1, 2));
}

/// Divisors of the axis, so that no block has an edge; multiples of a tensor
/// core's rows, or of a few, as far as there are any.
void GpuModel::addLanes() {
  constexpr int64_t few = 8;
  std::vector<int64_t> widths;
  for (int64_t unit : {few, int64_t(1)}) {
    for (int64_t width = unit; width <= std::min(work.lanes, mostLanes);
         width += unit)
      if (work.lanes % width == 0)
        widths.push_back(width);
    if (!widths.empty())
      break;
  }
  // Blocks of a lane or two would do nothing but begin.
  if (widths.back() >= few)
    llvm::erase_if(widths, [&](int64_t width) { return width < few; });
  else
    widths = {widths.back()};
  if (request.lanes > 0)
    widths = {request.lanes};
  problem.addVariable("lanes", Domain::set(widths));
}

void GpuModel::addSegments(RecurrenceOp recurrence) {
  bool isWanted = request.kind && hasSegments(*request.kind);
  bool isLong = request.steps == 0 || request.steps >= manySteps;
  // Kernels of segments have blocks of their own.
  bool isFree = request.maySegment && !request.kind && request.chunk == 0 &&
                request.lanes == 0 && request.block.empty();
  std::vector<int64_t> segments;
  if (!isWanted)
    segments.push_back(1);
  std::optional<bool> mixes;
  if (isWanted || isFree)
    mixes = mixesSegments(recurrence);
  mixesStates = mixes.value_or(false);
  if ((isWanted || (isFree && mixes)) && request.segments > 1) {
    segments.push_back(request.segments);
  } else if (isWanted || (isFree && mixes && isLong)) {
    int64_t whole =
        target->multiprocessors / std::max<int64_t>(request.batchHeads, 1);
    for (int64_t blocks : {1, 2, 4, 8}) {
      int64_t count = whole / blocks;
      bool isShort = request.steps > 0 && request.steps / fewestSteps < count;
      if (count > 1 && (isWanted || !isShort))
        segments.push_back(count);
    }
    if (segments.empty())
      segments.push_back(2);
  }
  problem.addVariable("segments", Domain::set(segments));
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

static Expr implies(const Expr &condition, const Expr &comparison) {
  return select(condition, select(comparison, 1, 0), 1) == 1;
}

static std::string spell(int64_t number) {
  return "{" + std::to_string(number) + "}";
}

/// What kernels there are.
void GpuModel::addShapes() {
  constexpr int64_t oneTeam = 256, fewThreads = 128;
  Expr chunk = var("chunk"), lanes = var("lanes"), cores = var("cores"),
       preparers = var("preparers"), threads = var("threads"),
       stages = var("stages"), forms = var("forms"), resident = var("resident");
  Expr isPlain = select(cores == 1, select(chunk > 1, 0, 1), 1) == 1;
  problem.constrain(
      "plain",
      "without tensor cores, and step by step, a block has "
      "{256} threads and loads nothing ahead: {threads} threads, "
      "{preparers} preparers, {stages} stages, {forms} forms",
      implies(isPlain, max(max(preparers, stages),
                           max(forms - 1, max(threads, oneTeam) -
                                              min(threads, oneTeam))) == 0));
  problem.constrain("cores",
                    "steps have no products for tensor cores, got {cores}",
                    implies(chunk == 1, cores == 0));
  problem.constrain("forms",
                    "two forms of a state go with two stages and one team, got "
                    "{stages} stages, {preparers} preparers",
                    implies(forms == 2, stages + min(preparers, 1) * 4 == 2));
  problem.constrain("steps", "one block of steps is resident, got {resident}",
                    implies(chunk == 1, resident == 1));
  if (work.keyedPerStep > 0)
    problem.constrain("keyed",
                      "with a decay for each key, scores are most of the work: "
                      "no preparers, got {preparers}",
                      preparers == 0);
  problem.constrain("ahead", "preparers go with two stages, got {stages}",
                    implies(preparers > 0, stages == 2));
  problem.constrain("carriers",
                    "a warp carries " + spell(fragment) +
                        " lanes beside preparers: {threads} threads, {lanes} "
                        "lanes",
                    implies(preparers > 0, threads * fragment == lanes * warp));
  problem.constrain(
      "team", "a block of one team has {128} or {256} threads, got {threads}",
      implies(preparers == 0,
              (threads - fewThreads) * (threads - oneTeam) == 0));
  problem.constrain(
      "waves",
      "where each block has a multiprocessor to itself one is "
      "resident, got {resident}",
      implies(problem.let("blocks", ceilDiv(work.lanes, lanes) *
                                        request.batchHeads * var("segments")) <=
                  target->multiprocessors,
              resident == 1));
  problem.constrain("running",
                    "{resident} blocks of {threads} and {preparers} threads, " +
                        spell(target->threads) + " run at once",
                    resident * (threads + preparers) <= target->threads);
  if (request.lanes > 0)
    problem.constrain("lanes",
                      "lanes of a block: {lanes} asked for, which must divide "
                      "the " +
                          spell(work.lanes) + " of the recurrence",
                      isMultiple(work.lanes, lanes));
  if (request.chunk > 1)
    problem.constrain("chunk",
                      "steps of a chunk: {chunk} asked for, " +
                          spell(mostSteps) + " are possible on a GPU",
                      chunk <= mostSteps);
  int64_t widest = problem.getChoices(*problem.findVariable("lanes")).back();
  problem.constrain("narrow",
                    "lanes of a block in chunks are at least " +
                        spell(std::min(fragment, widest)) + ", got {lanes}",
                    implies(chunk > 1, lanes >= std::min(fragment, widest)));
  if (work.lanes % fragment == 0 && kinds.chunked)
    problem.constrain("fragment",
                      "lanes of a block in chunks are a multiple of " +
                          spell(fragment) + ", got {lanes}",
                      implies(chunk > 1, isMultiple(lanes, fragment)));
}

/// What fits a multiprocessor. The lowering counts shared memory and ptxas
/// registers to the byte; this keeps from them what can't fit, and lets pass
/// what may.
void GpuModel::addMemory() {
  constexpr int64_t reserved = 1 << 10, mostRegisters = 255;
  Expr chunk = var("chunk"), lanes = var("lanes"), resident = var("resident"),
       threads = var("threads"), preparers = var("preparers");
  Expr inChunks = select(var("cores") == 1, select(chunk > 1, 1, 0), 0) == 1;
  auto whole = [](double count) { return Expr(int64_t(std::llround(count))); };
  // Inputs and outputs of a chunk, scores, states in the form that tensor cores
  // read: three quarters of what is usual.
  double row = work.tensorBytes - work.tensorBytesPerLane * double(work.lanes);
  Expr bytes = chunk * whole(1.3 * row) +
               chunk * lanes * whole(0.4 * work.tensorBytesPerLane) +
               chunk * chunk * whole(3 * work.pairPerStep) +
               lanes * whole(2.8 * work.statePerLane);
  Expr shared = problem.let("shared", select(inChunks, bytes, 0));
  problem.constrain("shared",
                    "shared memory: {shared} bytes of a block at least, "
                    "{resident} blocks, " +
                        spell(target->sharedBytes) + " bytes in all",
                    resident * (shared + reserved) <= target->sharedBytes);
  problem.constrain("block",
                    "shared memory: {shared} bytes of a block at least, " +
                        spell(target->blockSharedBytes) + " for a block",
                    shared <= target->blockSharedBytes);
  // States and outputs are the carriers' sums; operands and addresses take the
  // rest, more where rows have several forms.
  int64_t others = work.keyedPerStep > 0 ? 112 : 48;
  Expr sums = ceilDiv(lanes * (whole(work.statePerLane) + chunk), threads);
  Expr needed = problem.let("registers", select(inChunks, sums + others, 0));
  Expr there = problem.let(
      "available",
      min(mostRegisters,
          floorDiv(target->registers, resident * (threads + preparers))));
  problem.constrain("registers",
                    "registers: {registers} of a thread needed, {available} "
                    "available",
                    needed <= there);
  // Step by step many small blocks hide each other's waiting.
  constexpr int64_t stepStates = 64 * 64, chunkStates = 128 * 128;
  if (request.lanes > 0)
    return;
  std::vector<int64_t> widths =
      problem.getChoices(*problem.findVariable("lanes"));
  auto fragments = llvm::find_if(
      widths, [](int64_t width) { return width % fragment == 0; });
  int64_t fewest = widths.front();
  int64_t fewestInChunks = fragments == widths.end() ? fewest : *fragments;
  Expr ofLane = whole(std::ceil(work.carriedPerLane));
  Expr limit = problem.let(
      "limit", select(chunk > 1, max(chunkStates, ofLane * fewestInChunks),
                      max(stepStates, ofLane * fewest)));
  problem.constrain("states",
                    "states of a block: {states} numbers, {limit} are enough "
                    "work",
                    problem.let("states", lanes * ofLane) <= limit);
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

static Expr price(double cycles) {
  return Expr(int64_t(std::llround(scale * cycles)));
}

/// Of a block, for one step of the sequential kernel; all blocks of a wave
/// share the multiprocessor.
Expr GpuModel::stepTime() const {
  Expr waves = ceilDiv(var("blocks"), target->multiprocessors);
  return price(stepStart) +
         waves *
             (max(var("lanes"), warp) * price(stepPrice * work.touchedPerLane) +
              price(blockStart));
}

/// Of a multiprocessor, for one chunk of all its blocks. Both kinds of work
/// wait for each other in one team; in two the slower one decides.
Expr GpuModel::chunkTime() {
  Expr chunk = var("chunk"), lanes = var("lanes"), threads = var("threads"),
       preparers = var("preparers");
  double scores = work.scorePerStep - work.keyedPerStep;
  // Rows with a decay for each key have a form for each power of 2; those of
  // more than 32 rows leave the registers.
  Expr levels = 4 + min(max(chunk - 16, 0), 1) + 5 * min(max(chunk - 32, 0), 1);
  double starts = (work.keyedPerStep > 0 ? keyedStart : 0) +
                  (work.solvedPerStep > 0 ? solveStart : 0);
  Expr prepared = problem.let(
      "prepared",
      chunk * chunk *
              price(scorePrice * scores + decayPrice * work.decayedPerStep) +
          chunk * levels * price(keyedPrice * work.keyedPerStep) +
          chunk * price(rowPrice * work.rowShared) + price(starts));
  Expr carried = problem.let(
      "carried",
      chunk * lanes * price(productPrice * work.productPerLane) +
          chunk * chunk * lanes *
              price(trianglePrice * work.productPerLaneStep) +
          lanes * price(statePrice * work.statePerLane) +
          chunk * lanes * price(movePrice + lanePrice * work.rowPerLane));
  Expr work128 = floorDiv((prepared + carried) * int64_t(100 * narrowFactor) *
                              pricedThreads,
                          threads * 100);
  Expr one = price(teamStart) +
             select(var("forms") == 1, price(hasProducts ? formStart : 0), 0) +
             (2 - var("stages")) * price(stageStart) +
             floorDiv((prepared + carried) * int64_t(100 * teamFactor), 100) +
             work128;
  Expr perPreparers = floorDiv(preparers, pricedThreads);
  Expr two =
      max(price(prepareStart) + perPreparers * price(preparersStart) +
              floorDiv(prepared, max(perPreparers, 1)),
          price(carryStart) + floorDiv(carried * pricedThreads, threads));
  Expr block = problem.let("block", select(preparers > 0, two, one));
  Expr busy =
      problem.let("busy", floorDiv(var("resident") * (prepared + carried) *
                                       int64_t(100 * busyFactor),
                                   100));
  Expr plain =
      price(2 * teamStart) +
      chunk * chunk * price(plainScore * work.pairPerStep) +
      chunk * lanes * price(work.productPerLane / plainProducts) +
      chunk * chunk * lanes * price(work.productPerLaneStep / plainProducts) +
      busy;
  return select(var("cores") == 1,
                max(block, busy) + floorDiv(min(block, busy), 4), plain);
}

void GpuModel::addCost() {
  Expr chunk = var("chunk"), segments = var("segments");
  int64_t steps = request.steps > 0 ? request.steps : usualSteps;
  Expr rounds =
      problem.let("rounds", ceilDiv(var("blocks"),
                                    target->multiprocessors * var("resident")));
  Expr step = problem.let("step", stepTime());
  Expr ofChunk = problem.let("chunk_time", chunkTime());
  const SegmentPrice &more = mixesStates ? ofMatrices : ofNumbers;
  // Memory is as fast for one pass over time as for two.
  double bytesOfCycle = target->gigabytes / target->gigahertz;
  Expr moved = problem.let(
      "moved", min(segments, 2) *
                   price(work.tensorBytes *
                         double(std::max<int64_t>(request.batchHeads, 1)) /
                         bytesOfCycle));
  Expr whole = select(chunk == 1, step, rounds * ceilDiv(ofChunk, chunk));
  Expr computed = problem.let(
      "computed", select(segments > 1,
                         ceilDiv(whole * select(chunk == 1, 40, more.tenths),
                                 segments * 10),
                         whole));
  problem.minimize(max(computed, moved) +
                   select(segments > 1,
                          price(more.start / double(steps)) +
                              segments * price(more.each / double(steps)),
                          0));
}

//===----------------------------------------------------------------------===//
// Answers
//===----------------------------------------------------------------------===//

ScheduleAttr GpuModel::decode(const Assignment &assignment) const {
  auto value = [&](llvm::StringRef name) {
    return problem.getValue(assignment, name);
  };
  int64_t chunk = value("chunk"), segments = value("segments");
  if (segments > 1)
    return ScheduleAttr::get(context, request.kind.value_or(ScheduleKind::Scan),
                             std::max<int64_t>(request.chunk, 1), 0, segments,
                             BlockAttr());
  auto block = BlockAttr::get(context, value("threads"), value("preparers"),
                              value("resident"), value("stages"),
                              value("forms"), value("cores"));
  return ScheduleAttr::get(
      context, chunk > 1 ? ScheduleKind::Chunked : ScheduleKind::Sequential,
      chunk, work.lanes > 1 ? value("lanes") : 0, 1, block);
}

llvm::Expected<llvm::SmallVector<GpuChoice>>
GpuModel::findBest(unsigned count) const {
  llvm::Expected<std::vector<Solution>> solutions =
      createGecodeSolver()->solveBest(problem, count);
  if (!solutions)
    return solutions.takeError();
  llvm::SmallVector<GpuChoice> best;
  for (const Solution &solution : *solutions) {
    GpuChoice choice{decode(solution.assignment),
                     double(solution.objective) / scale / target->gigahertz};
    bool isNew = llvm::none_of(best, [&](const GpuChoice &other) {
      return other.schedule == choice.schedule;
    });
    if (isNew)
      best.push_back(choice);
  }
  return best;
}
