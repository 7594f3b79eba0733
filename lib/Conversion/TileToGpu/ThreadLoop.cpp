//===- ThreadLoop.cpp - Steps whose states are in registers ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/ThreadLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <numeric>

using namespace mlir;
using namespace lrc;

namespace {
class ThreadKernel : BlockNest {
public:
  ThreadKernel(BlockContext &context, tile::KernelOp kernel,
               const ThreadGrid &grid)
      : BlockNest(context), kernel(kernel), grid(grid),
        loop(context.plan.getLoops()[0]) {}

  void run();

private:
  using Place = SmallVector<Subscript, 2>;

  void findThread();
  SmallVector<Subscript> positionsOf(int64_t size);
  std::vector<Place> placesOf(ArrayRef<int64_t> sizes,
                              ArrayRef<ThreadAxis> axes);
  std::vector<Place> placesOf(Value tile, int64_t laneAxis);
  std::vector<Place> placesOf(Value state) {
    return placesOf(state, context.plan.getLaneAxis(state));
  }

  Value emitWide(Emitter &step, Value tile, const Place &place);
  SmallVector<Value> startOf(Value init);
  void findInvariants();
  void enterStep(Value time);
  unsigned vectorOf(tile::LoadOp op, ArrayRef<ThreadAxis> axes);
  void loadStep(SmallVectorImpl<Value> &raws);
  void defineLoads(Emitter &step, ArrayRef<Value> raws);
  void reduce(Emitter &step, tile::ReduceOp op);
  Value reduceAt(Emitter &step, tile::ReduceOp op, const Place &place);
  void store(Emitter &step, tile::StoreOp op, Value condition);
  SmallVector<Value> runStep(Value time, ArrayRef<Value> raws,
                             ArrayRef<Value> states);
  SmallVector<Value> runGroups(Value end, SmallVector<Value> states);
  SmallVector<Value> runSteps(Value start, Value end,
                              SmallVector<Value> states);
  SmallVector<Value> loadGroup(Value first, Value last);
  void storeFinals(ArrayRef<Value> states);
  void defineStates(Emitter &step, ValueRange tiles, ArrayRef<Value> values);

  tile::KernelOp kernel;
  const ThreadGrid &grid;
  scf::ForOp loop;
  Subscript lane;
  /// i64: which of a lane's threads; i1: whether it has lanes of its own, and
  /// whether it is the first of its lanes, and of its block.
  Value part, isActive, isFirstPart, isFirstLane;
  llvm::DenseMap<int64_t, SmallVector<Subscript>> positions;
  /// Tiles that are the same at all steps, where steps read them.
  struct Invariant {
    Value tile;
    Place place;
    Value value;
  };
  std::vector<Invariant> invariants;
};
} // namespace

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

/// Groups of lanes lie next to each other in a warp, then the parts.
void ThreadKernel::findThread() {
  int64_t neighbours = warpThreads / grid.parts;
  Value thread = context.item.getThread();
  Value inWarp = remainder(thread, warpThreads);
  Value group = arith::AddIOp::create(
      builder, loc,
      arith::MulIOp::create(builder, loc, divide(thread, warpThreads),
                            constant32(neighbours)),
      remainder(inWarp, neighbours));
  Value part32 = divide(inWarp, neighbours);
  auto isBelow = [&](Value value, int64_t limit) -> Value {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, value,
                                 constant32(limit));
  };
  isFirstLane = isBelow(group, 1);
  isActive = isBelow(group, grid.getGroups());
  // Others compute the same as the last, so that warps are whole.
  group = arith::MinUIOp::create(builder, loc, group,
                                 constant32(grid.getGroups() - 1));
  isFirstPart = isBelow(part32, 1);
  lane = toSubscript(
      arith::MulIOp::create(builder, loc, group, constant32(grid.width)));
  lane.vector = grid.width > 1;
  part = toSubscript(part32).base;
}

SmallVector<Subscript> ThreadKernel::positionsOf(int64_t size) {
  SmallVector<Subscript> &known = positions[size];
  if (!known.empty())
    return known;
  bool isSplit = grid.parts > 1 && size == grid.rows;
  int64_t count = isSplit ? size / grid.parts : size;
  Value first = isSplit ? arith::MulIOp::create(builder, loc, part,
                                                emitter.constant(count))
                              .getResult()
                        : emitter.constant(0);
  for (int64_t index = 0; index < count; ++index) {
    Subscript position;
    position.base = builder.createOrFold<arith::AddIOp>(
        loc, first, emitter.constant(index));
    known.push_back(position);
  }
  return known;
}

/// All positions of a thread, in C order.
std::vector<ThreadKernel::Place>
ThreadKernel::placesOf(ArrayRef<int64_t> sizes, ArrayRef<ThreadAxis> axes) {
  std::vector<Place> places(1);
  for (auto [size, axis] : llvm::zip_equal(sizes, axes)) {
    SmallVector<Subscript> own = axis == ThreadAxis::Lane
                                     ? SmallVector<Subscript>{lane}
                                     : positionsOf(size);
    std::vector<Place> longer;
    for (const Place &place : places)
      for (const Subscript &subscript : own) {
        longer.push_back(place);
        longer.back().push_back(subscript);
      }
    places = std::move(longer);
  }
  return places;
}

std::vector<ThreadKernel::Place> ThreadKernel::placesOf(Value tile,
                                                        int64_t laneAxis) {
  ThreadAxes axes(shapeOf(tile).size(), ThreadAxis::Inner);
  if (laneAxis >= 0)
    axes[laneAxis] = ThreadAxis::Lane;
  return placesOf(shapeOf(tile), axes);
}

/// A vector where the place has lanes of a vector.
Value ThreadKernel::emitWide(Emitter &step, Value tile, const Place &place) {
  Value value = step.emit(tile, place);
  bool isVector = llvm::any_of(
      place, [](const Subscript &subscript) { return subscript.isVector(); });
  step.innermost();
  return isVector ? step.splat(value) : value;
}

//===----------------------------------------------------------------------===//
// A step
//===----------------------------------------------------------------------===//

void ThreadKernel::enterStep(Value time) {
  context.frame.stepAddresses.clear();
  context.frame.indices[loop.getInductionVar()] = time;
  context.item.findAddresses(loop, context.frame);
}

/// Elements that one access of a load moves, of positions behind each other.
unsigned ThreadKernel::vectorOf(tile::LoadOp op, ArrayRef<ThreadAxis> axes) {
  constexpr int64_t accessBits = 128;
  if (axes.empty() || axes.back() == ThreadAxis::Lane ||
      (grid.width > 1 && llvm::is_contained(axes, ThreadAxis::Lane)) ||
      isa<ComplexType>(
          cast<tile::RefType>(op.getRef().getType()).getElementType()))
    return 1;
  int64_t count = positionsOf(shapeOf(op.getResult()).back()).size();
  int64_t widest =
      accessBits / elementOf(op.getResult()).getIntOrFloatBitWidth();
  return std::gcd(count, widest);
}

/// Loads of the step that was entered.
void ThreadKernel::loadStep(SmallVectorImpl<Value> &raws) {
  Emitter step(context.frame, builder, loc);
  MemoryEmitter memory(builder, loc);
  for (auto op : loop.getBody()->getOps<tile::LoadOp>()) {
    auto axes = grid.axes.find(op.getResult());
    if (axes == grid.axes.end())
      continue;
    Storage storage = step.storageOf(op, op.getResult());
    unsigned vector = vectorOf(op, axes->second);
    memory.width = vector > 1 ? vector : grid.width;
    std::vector<Place> places = placesOf(shapeOf(op.getResult()), axes->second);
    for (size_t index = 0; index < places.size(); index += vector) {
      Place place = places[index];
      if (vector > 1)
        place.back().vector = true;
      raws.push_back(memory.load(storage, place));
    }
  }
}

void ThreadKernel::defineLoads(Emitter &step, ArrayRef<Value> raws) {
  for (auto op : loop.getBody()->getOps<tile::LoadOp>()) {
    auto axes = grid.axes.find(op.getResult());
    if (axes == grid.axes.end())
      continue;
    unsigned vector = vectorOf(op, axes->second);
    for (auto [index, place] :
         llvm::enumerate(placesOf(shapeOf(op.getResult()), axes->second))) {
      Value value = raws[index / vector];
      step.innermost();
      if (vector > 1)
        value = vector::ExtractOp::create(builder, loc, value,
                                          int64_t(index % vector));
      step.define(op.getResult(), place, value);
    }
    size_t places = placesOf(shapeOf(op.getResult()), axes->second).size();
    raws = raws.drop_front(places / vector);
  }
}

/// Several sums side by side, which do not wait for each other.
Value ThreadKernel::reduceAt(Emitter &step, tile::ReduceOp op,
                             const Place &place) {
  constexpr size_t chains = 4;
  SmallVector<int64_t> sizes;
  for (int64_t axis : op.getAxes())
    sizes.push_back(shapeOf(op.getSource())[axis]);
  ThreadAxes inner(sizes.size(), ThreadAxis::Inner);
  SmallVector<Value, chains> sums;
  for (auto [index, term] : llvm::enumerate(placesOf(sizes, inner))) {
    Place source;
    size_t kept = 0, reduced = 0;
    for (size_t axis = 0; axis < shapeOf(op.getSource()).size(); ++axis)
      source.push_back(llvm::is_contained(op.getAxes(), int64_t(axis))
                           ? term[reduced++]
                           : place[kept++]);
    Value value = emitWide(step, op.getSource(), source);
    if (index < chains)
      sums.push_back(value);
    else
      sums[index % chains] = combine(op.getFn(), sums[index % chains], value);
  }
  Value total = sums.front();
  for (Value sum : llvm::drop_begin(sums))
    total = combine(op.getFn(), total, sum);
  bool isSplit = grid.parts > 1 && llvm::is_contained(sizes, grid.rows);
  if (!isSplit)
    return total;
  // The parts of a lane are `neighbours` threads apart.
  int64_t neighbours = warpThreads / grid.parts;
  auto combineParts = [&](Value value) {
    for (int64_t distance = neighbours; distance < warpThreads; distance *= 2)
      value = combine(op.getFn(), value, shuffle(value, distance));
    return value;
  };
  auto vector = dyn_cast<VectorType>(total.getType());
  if (!vector)
    return combineParts(total);
  SmallVector<Value> elements;
  for (int64_t index = 0; index < vector.getNumElements(); ++index)
    elements.push_back(
        combineParts(vector::ExtractOp::create(builder, loc, total, index)));
  return vector::FromElementsOp::create(builder, loc, vector, elements);
}

void ThreadKernel::reduce(Emitter &step, tile::ReduceOp op) {
  auto axes = grid.axes.find(op.getResult());
  if (axes == grid.axes.end())
    return;
  for (const Place &place : placesOf(shapeOf(op.getResult()), axes->second)) {
    Value value = reduceAt(step, op, place);
    step.innermost();
    step.define(op.getResult(), place, value);
  }
}

/// Each position once: tiles without lanes are the first thread's, and what the
/// parts of a lane all have is the first part's.
void ThreadKernel::store(Emitter &step, tile::StoreOp op, Value condition) {
  Value tile = op.getTile();
  int64_t laneAxis = op.getLanes() ? int64_t(*op.getLanes()) : -1;
  SmallVector<Value> values;
  std::vector<Place> places = placesOf(tile, laneAxis);
  for (const Place &place : places)
    values.push_back(emitWide(step, tile, place));
  step.innermost();
  auto require = [&](Value other) {
    condition =
        condition
            ? arith::AndIOp::create(builder, loc, condition, other).getResult()
            : other;
  };
  int64_t inner = 0;
  for (auto [axis, size] : llvm::enumerate(shapeOf(tile)))
    inner += int64_t(axis) != laneAxis && size == grid.rows;
  if (grid.parts > 1 && inner == 0)
    require(isFirstPart);
  if (laneAxis < 0) {
    require(isFirstLane);
    if (Value first = context.item.isFirstBlock())
      require(first);
  } else if (grid.threads != grid.getGroups() * grid.parts) {
    require(isActive);
  }
  if (condition)
    step.openGuard(condition);
  step.innermost();
  Storage storage = step.storageOf(op, tile);
  for (auto [place, value] : llvm::zip_equal(places, values))
    step.store(value, storage, place);
  if (condition)
    step.closeLoop();
  step.innermost();
}

void ThreadKernel::defineStates(Emitter &step, ValueRange tiles,
                                ArrayRef<Value> values) {
  for (Value tile : tiles)
    for (const Place &place : placesOf(tile)) {
      step.define(tile, place, values.front());
      values = values.drop_front();
    }
}

/// The next values of states. Without `raws` the step loads its inputs.
SmallVector<Value> ThreadKernel::runStep(Value time, ArrayRef<Value> raws,
                                         ArrayRef<Value> states) {
  enterStep(time);
  SmallVector<Value> own;
  if (raws.empty()) {
    loadStep(own);
    raws = own;
  }
  Emitter step(context.frame, builder, loc);
  step.setVector(grid.width, {});
  for (const Invariant &known : invariants)
    step.define(known.tile, known.place, known.value);
  defineLoads(step, raws);
  defineStates(step, loop.getRegionIterArgs(), states);
  for (Operation &op : *loop.getBody()) {
    if (auto reduction = dyn_cast<tile::ReduceOp>(op))
      reduce(step, reduction);
    if (auto output = dyn_cast<tile::StoreOp>(op))
      store(step, output, {});
  }
  SmallVector<Value> next;
  for (auto [state, value] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    for (const Place &place : placesOf(state))
      next.push_back(emitWide(step, value, place));
  step.innermost();
  return next;
}

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// A state starts from the caller's tensor or from its init value.
SmallVector<Value> ThreadKernel::startOf(Value init) {
  auto branch = init.getDefiningOp<scf::IfOp>();
  auto given = branch.getCondition().getDefiningOp<tile::GivenOp>();
  Value isGiven =
      context.item.isGiven(context.frame.references[given.getRef()].data);
  std::vector<Place> places = placesOf(init);
  Type type = elementOf(init);
  if (grid.width > 1 && context.plan.getLaneAxis(init) >= 0)
    type = VectorType::get(grid.width, type);
  auto made = scf::IfOp::create(builder, loc,
                                SmallVector<Type>(places.size(), type), isGiven,
                                /*withElseRegion=*/true);
  for (auto [from, to] :
       {std::pair(&branch.getThenRegion(), &made.getThenRegion()),
        std::pair(&branch.getElseRegion(), &made.getElseRegion())}) {
    builder.setInsertionPointToEnd(&to->front());
    Emitter start(context.frame, builder, loc);
    start.setVector(grid.width, {});
    SmallVector<Value> values;
    for (const Place &place : places)
      values.push_back(
          emitWide(start, from->front().getTerminator()->getOperand(0), place));
    start.innermost();
    scf::YieldOp::create(builder, loc, values);
  }
  builder.setInsertionPointAfter(made);
  return llvm::to_vector_of<Value>(made.getResults());
}

/// What steps read of tiles that are made before the loop.
void ThreadKernel::findInvariants() {
  emitter.setVector(grid.width, {});
  for (auto [tile, axes] : grid.axes) {
    if (tile.getParentBlock() == loop.getBody())
      continue;
    for (const Place &place : placesOf(shapeOf(tile), axes)) {
      Value value = emitter.emit(tile, place);
      emitter.innermost();
      invariants.push_back({tile, place, value});
    }
  }
}

/// Inputs of a group of steps from `first`; those after `last` are loaded
/// again.
SmallVector<Value> ThreadKernel::loadGroup(Value first, Value last) {
  SmallVector<Value> raws;
  for (int64_t index = 0; index < grid.ahead; ++index) {
    Value time =
        arith::AddIOp::create(builder, loc, first, emitter.constant(index));
    enterStep(arith::MinSIOp::create(builder, loc, time, last));
    loadStep(raws);
  }
  return raws;
}

/// Whole groups of steps up to `end`, which is not 0.
SmallVector<Value> ThreadKernel::runGroups(Value end,
                                           SmallVector<Value> states) {
  Value zero = context.item.constant(0);
  Value one = context.item.constant(1);
  Value last = arith::SubIOp::create(builder, loc, end, one);
  Value ahead = context.item.constant(grid.ahead);
  SmallVector<Value> carried = loadGroup(zero, last);
  size_t inputs = carried.size();
  llvm::append_range(carried, states);
  auto groups = scf::ForOp::create(builder, loc, zero, end, ahead, carried);
  groups.getBody()->clear();
  builder.setInsertionPointToEnd(groups.getBody());
  SmallVector<Value> arguments =
      llvm::to_vector_of<Value>(groups.getRegionIterArgs());
  ArrayRef<Value> raws = ArrayRef(arguments).take_front(inputs);
  states.assign(arguments.begin() + inputs, arguments.end());
  Value first = groups.getInductionVar();
  SmallVector<Value> next =
      loadGroup(arith::AddIOp::create(builder, loc, first, ahead), last);
  for (int64_t index = 0; index < grid.ahead; ++index) {
    Value time = arith::AddIOp::create(builder, loc, first,
                                       context.item.constant(index));
    size_t each = inputs / grid.ahead;
    states = runStep(time, raws.slice(index * each, each), states);
  }
  llvm::append_range(next, states);
  scf::YieldOp::create(builder, loc, next);
  builder.setInsertionPointAfter(groups);
  return llvm::to_vector_of<Value>(groups.getResults().drop_front(inputs));
}

SmallVector<Value> ThreadKernel::runSteps(Value start, Value end,
                                          SmallVector<Value> states) {
  auto steps = scf::ForOp::create(builder, loc, start, end,
                                  context.item.constant(1), states);
  steps.getBody()->clear();
  builder.setInsertionPointToEnd(steps.getBody());
  SmallVector<Value> next =
      runStep(steps.getInductionVar(), {},
              llvm::to_vector_of<Value>(steps.getRegionIterArgs()));
  scf::YieldOp::create(builder, loc, next);
  builder.setInsertionPointAfter(steps);
  return llvm::to_vector_of<Value>(steps.getResults());
}

void ThreadKernel::storeFinals(ArrayRef<Value> states) {
  Emitter after(context.frame, builder, loc);
  after.setVector(grid.width, {});
  defineStates(after, loop.getResults(), states);
  for (auto op : kernel.getBody().getOps<tile::StoreOp>())
    store(after, op,
          context.item.isGiven(context.frame.references[op.getRef()].data));
  after.innermost();
}

void ThreadKernel::run() {
  findThread();
  // Known everywhere.
  kernel.getBody().walk([&](Operation *op) {
    for (Value value :
         llvm::concat<Value>(llvm::to_vector_of<Value>(op->getOperands()),
                             llvm::to_vector_of<Value>(op->getResults())))
      if (isTile(value))
        for (auto [axis, size] : llvm::enumerate(shapeOf(value)))
          if (int64_t(axis) != context.plan.getLaneAxis(value))
            positionsOf(size);
  });
  findInvariants();
  SmallVector<Value> states;
  for (Value init : loop.getInitArgs())
    llvm::append_range(states, startOf(init));
  Value start = context.frame.indices.find(loop.getLowerBound())->second;
  Value end = context.frame.indices.find(loop.getUpperBound())->second;
  if (grid.ahead > 1) {
    // All but less than a group of steps.
    Value count = arith::SubIOp::create(
        builder, loc, end,
        arith::RemSIOp::create(builder, loc, end,
                               context.item.constant(grid.ahead)));
    Value any = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                      count, context.item.constant(0));
    SmallVector<Type> types =
        llvm::map_to_vector(states, [](Value v) { return v.getType(); });
    auto branch = scf::IfOp::create(builder, loc, types, any,
                                    /*withElseRegion=*/true);
    // Without states the builder has made terminators.
    branch.getThenRegion().front().clear();
    branch.getElseRegion().front().clear();
    builder.setInsertionPointToEnd(&branch.getThenRegion().front());
    scf::YieldOp::create(builder, loc, runGroups(count, states));
    builder.setInsertionPointToEnd(&branch.getElseRegion().front());
    scf::YieldOp::create(builder, loc, states);
    builder.setInsertionPointAfter(branch);
    states = llvm::to_vector_of<Value>(branch.getResults());
    start = count;
  }
  states = runSteps(start, end, std::move(states));
  storeFinals(states);
}

void lrc::emitThreadKernel(BlockContext &context, tile::KernelOp kernel,
                           const ThreadGrid &grid) {
  ThreadKernel(context, kernel, grid).run();
}
