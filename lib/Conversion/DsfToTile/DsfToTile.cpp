//===- DsfToTile.cpp - From the step to a tile program --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernel is
//
//   values of parameters alone
//   states = given ? load : init
//   states = for t in whole chunks: chunk(states), store outputs
//   states = for t in the steps that remain: step(states), store outputs
//   store final states
//
// where the sequential schedule has no chunks.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/DsfToTile.h"

#include "lib/Conversion/DsfToTile/ChunkLowering.h"
#include "lib/Conversion/DsfToTile/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

int64_t lrc::chooseLaneWidth(int64_t extent, int64_t bytesPerLane,
                             const BlockOptions &options) {
  // Blocks are multiples of a vector, unless one block takes all lanes.
  constexpr int64_t vectorLanes = 16;
  int64_t fitting = options.cacheBytes / std::max<int64_t>(bytesPerLane, 1);
  int64_t items = std::max<int64_t>(options.batchHeads, 1);
  int64_t wanted = llvm::divideCeil(options.threads, items);
  int64_t perThread = llvm::divideCeil(extent, std::max<int64_t>(wanted, 1));
  int64_t width = std::min(fitting, perThread);
  if (width >= extent)
    return extent;
  width = std::max(width / vectorLanes * vectorLanes, vectorLanes);
  // Equal blocks need no masks: prefer a divisor that is not much smaller.
  for (int64_t equal = width; equal * 2 > width; equal -= vectorLanes)
    if (equal > 0 && extent % equal == 0)
      return equal;
  return std::min(width, extent);
}

//===----------------------------------------------------------------------===//
// Kernel and arguments
//===----------------------------------------------------------------------===//

static Type realPart(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType();
  return type;
}

/// f64 when a tensor is stored in f64.
static Type chooseCompute(RecurrenceOp recurrence) {
  for (Operation &op : recurrence.getBody().getOps())
    if (isa<InOp, ParamOp, StateOp, OutOp>(op) &&
        realPart(FieldOp(&op).getStorage()).isF64())
      return Float64Type::get(recurrence.getContext());
  return Float32Type::get(recurrence.getContext());
}

Lowering::Lowering(RecurrenceOp recurrence, const BlockOptions &options)
    : recurrence(recurrence), options(options), frame(recurrence),
      builder(recurrence.getContext()) {
  frame.compute = chooseCompute(recurrence);
}

/// Cuts the lanes into blocks by the bytes of state along them.
void Lowering::chooseWidth() {
  const Lanes &lanes = frame.lanes;
  frame.width = lanes.getExtent();
  if (frame.width == 0)
    return;
  int64_t bytes = 0;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (lanes.getAxis(state.getOperation()) < 0)
      continue;
    int64_t elements = 1;
    for (int64_t size : FieldOp(state).getType().getShape())
      elements *= size;
    bytes += elements / lanes.getExtent() *
             frame.compute.getIntOrFloatBitWidth() / 8;
  }
  frame.width = options.laneWidth > 0
                    ? std::min(options.laneWidth, lanes.getExtent())
                    : chooseLaneWidth(lanes.getExtent(), bytes, options);
  blocks = llvm::divideCeil(lanes.getExtent(), frame.width);
}

void Lowering::addArguments(tile::Role role, SmallVectorImpl<Argument> &list) {
  auto matches = [&](Operation &op) {
    switch (role) {
    case tile::Role::Input:
      return isa<InOp>(op);
    case tile::Role::Param:
      return isa<ParamOp>(op);
    case tile::Role::Output:
      return isa<OutOp>(op);
    case tile::Role::Initial:
    case tile::Role::Final:
      return isa<StateOp>(op) && !cast<StateOp>(op).getLocal();
    }
    llvm_unreachable("unknown role");
  };
  for (Operation &op : recurrence.getBody().getOps())
    if (matches(op))
      list.push_back({FieldOp(&op), role, {}});
}

tile::KernelOp Lowering::makeKernel(StringRef symbol) {
  using tile::Role;
  for (Role role :
       {Role::Input, Role::Param, Role::Initial, Role::Output, Role::Final})
    addArguments(role, frame.arguments);
  OpBuilder builder(recurrence);
  SmallVector<Attribute> names;
  SmallVector<int32_t> roles;
  for (Argument &argument : frame.arguments) {
    names.push_back(builder.getStringAttr(argument.field.getName()));
    roles.push_back(static_cast<int32_t>(argument.role));
  }
  auto kernel = tile::KernelOp::create(
      builder, recurrence.getLoc(), symbol, builder.getArrayAttr(names),
      builder.getDenseI32ArrayAttr(roles), blocks);
  Block &block = kernel.getBody().emplaceBlock();
  for (Argument &argument : frame.arguments)
    argument.ref = block.addArgument(
        tile::RefType::get(builder.getContext(),
                           argument.field.getType().getShape(),
                           argument.field.getStorage()),
        argument.field.getLoc());
  return kernel;
}

//===----------------------------------------------------------------------===//
// States and the loop over time
//===----------------------------------------------------------------------===//

/// What a state starts with when the caller gives nothing: its init region,
/// else 0.
FailureOr<TileValue> Lowering::makeStart(StepLowering &prologue,
                                         StateOp state) {
  TileBuilder &tiles = prologue.tiles;
  SmallVector<int64_t> shape = prologue.frame.shapeOf(state.getOperation());
  TileValue start;
  if (state.getInit().empty()) {
    auto map = AffineMap::get(shape.size(), 0, builder.getContext());
    start = tiles.coerce(tiles.constant(0), false);
    start.re = tiles.access(start.re, map, shape);
  } else {
    for (Operation &op : state.getInit().front())
      if (failed(prologue.lower(&op)))
        return failure();
    auto yield = cast<YieldOp>(state.getInit().front().back());
    start = prologue.place(yield.getValues().front(), false,
                           labelsOf(yield.getLabelsAttr()), shape);
  }
  if (FieldOp(state).getType().getKind() == Kind::Complex && !start.im)
    start.im = tiles.constantLike(start.re, 0);
  return start;
}

/// given ? load : start
FailureOr<TileValue> Lowering::makeState(StepLowering &prologue,
                                         StateOp state) {
  prologue.tiles.setLocation(state.getLoc());
  OpBuilder &before = prologue.before;
  FailureOr<TileValue> start = makeStart(prologue, state);
  if (failed(start) || state.getLocal())
    return start;
  Argument &argument = frame.find(state, tile::Role::Initial);
  bool complex = start->isComplex();
  Value given = tile::GivenOp::create(before, state.getLoc(),
                                      before.getI1Type(), argument.ref);
  SmallVector<Type> types(complex ? 2 : 1, start->re.getType());
  auto branch = scf::IfOp::create(before, state.getLoc(), types, given,
                                  /*withElseRegion=*/true);
  auto yieldParts = [&](TileValue value) {
    SmallVector<Value> parts{value.re};
    if (complex)
      parts.push_back(value.im);
    scf::YieldOp::create(before, state.getLoc(), parts);
  };
  OpBuilder::InsertionGuard guard(before);
  before.setInsertionPointToStart(&branch.getThenRegion().front());
  int64_t laneAxis = prologue.frame.lanes.getAxis(state.getOperation());
  yieldParts(
      prologue.tiles.coerce(prologue.load(argument, laneAxis, {}), false));
  before.setInsertionPointToStart(&branch.getElseRegion().front());
  yieldParts(*start);
  return TileValue{branch.getResult(0),
                   complex ? branch.getResult(1) : Value()};
}

/// Where a local state starts that is the same for all lanes. The starts of
/// states that it reads are loaded whole.
FailureOr<TileValue> Lowering::makeWhole(StateOp state) {
  KernelFrame frame = this->frame;
  frame.lanes = Lanes();
  StepLowering prologue(frame, builder, builder);
  for (GetOp get : state.getInit().getOps<GetOp>()) {
    auto source = dyn_cast<StateOp>(recurrence.lookupSymbol(get.getField()));
    if (!source || prologue.old.contains(source))
      continue;
    FailureOr<TileValue> start = makeState(prologue, source);
    if (failed(start))
      return failure();
    prologue.old[source] = *start;
  }
  return makeState(prologue, state);
}

LogicalResult Lowering::makeStates() {
  StepLowering prologue(frame, builder, builder);
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    bool whole = state.getLocal() && frame.lanes.getAxis(state) < 0;
    FailureOr<TileValue> start =
        whole ? makeWhole(state) : makeState(prologue, state);
    if (failed(start))
      return failure();
    states[state] = prologue.old[state] = *start;
  }
  builder.setInsertionPointToEnd(prologue.before.getInsertionBlock());
  return success();
}

/// Replaces the parts of all states, in order, by `values`.
static void setStates(llvm::MapVector<Operation *, TileValue> &states,
                      ValueRange values) {
  unsigned index = 0;
  for (auto &[state, value] : states) {
    value.re = values[index++];
    if (value.im)
      value.im = values[index++];
  }
}

/// Opens a loop over time, which carries the states' tiles. The states become
/// those of the loop's body.
scf::ForOp Lowering::openLoop(Value start, Value end, int64_t step) {
  Location loc = recurrence.getLoc();
  SmallVector<Value> starts;
  for (auto &[state, value] : states) {
    starts.push_back(value.re);
    if (value.im)
      starts.push_back(value.im);
  }
  Value by = arith::ConstantIndexOp::create(builder, loc, step);
  auto loop = scf::ForOp::create(builder, loc, start, end, by, starts);
  // Without states the builder has made the terminator.
  loop.getBody()->clear();
  setStates(states, loop.getRegionIterArgs());
  return loop;
}

/// Where a loop's body works: with states and time set, outputs at `position`.
void Lowering::enterLoop(StepLowering &step, scf::ForOp loop, Value last) {
  step.time = step.position = loop.getInductionVar();
  step.backwards = recurrence.getReverse();
  if (recurrence.getReverse())
    step.position = arith::SubIOp::create(step.inside, loop.getLoc(), last,
                                          loop.getInductionVar());
  for (auto &[state, value] : states)
    step.old[state] = value;
}

/// Stores the outputs and carries the next states.
void Lowering::closeLoop(StepLowering &step, scf::ForOp loop) {
  for (OutOp out : recurrence.getBody().getOps<OutOp>()) {
    step.tiles.setLocation(out.getLoc());
    step.store(frame.find(out, tile::Role::Output),
               step.tiles.coerce(step.next[out], false), step.position);
  }
  SmallVector<Value> carried;
  for (auto &[state, value] : states) {
    TileValue next = step.next[state];
    carried.push_back(next.re);
    if (value.im)
      carried.push_back(next.im ? next.im
                                : step.tiles.constantLike(next.re, 0));
  }
  scf::YieldOp::create(step.inside, loop.getLoc(), carried);
  builder.setInsertionPointAfter(loop);
  setStates(states, loop.getResults());
}

/// states = for t in start .. end: chunk of steps
LogicalResult Lowering::lowerChunks(Value start, Value end, Value last) {
  scf::ForOp loop = openLoop(start, end, options.chunk);
  StepLowering step(frame, OpBuilder(loop),
                    OpBuilder::atBlockEnd(loop.getBody()), options.chunk);
  enterLoop(step, loop, last);
  if (failed(ChunkLowering(step).run()))
    return failure();
  closeLoop(step, loop);
  return success();
}

/// states = for t in start .. end: one step
LogicalResult Lowering::lowerSteps(Value start, Value end, Value last) {
  scf::ForOp loop = openLoop(start, end, 1);
  StepLowering step(frame, OpBuilder(loop),
                    OpBuilder::atBlockEnd(loop.getBody()));
  enterLoop(step, loop, last);
  for (Operation &phase : recurrence.getBody().getOps()) {
    if (!isa<StepOp, InputOp, TransitionOp, ReadoutOp>(phase))
      continue;
    for (Operation &op : phase.getRegion(0).front())
      if (failed(step.lower(&op)))
        return failure();
  }
  closeLoop(step, loop);
  return success();
}

LogicalResult Lowering::lowerTime() {
  Location loc = recurrence.getLoc();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value steps = tile::StepsOp::create(builder, loc, builder.getIndexType());
  Value last = arith::SubIOp::create(builder, loc, steps, one);
  if (options.chunk <= 1)
    return lowerSteps(zero, steps, last);
  Value chunk = arith::ConstantIndexOp::create(builder, loc, options.chunk);
  Value rest = arith::RemSIOp::create(builder, loc, steps, chunk);
  Value whole = arith::SubIOp::create(builder, loc, steps, rest);
  if (failed(lowerChunks(zero, whole, last)))
    return failure();
  return lowerSteps(whole, steps, last);
}

/// Stores the final states, or what their final regions make of them.
LogicalResult Lowering::storeStates() {
  StepLowering epilogue(frame, builder, builder);
  for (auto &[state, value] : states)
    epilogue.old[state] = value;
  for (auto &[op, value] : states) {
    auto state = cast<StateOp>(op);
    if (!recurrence.isFinal(state.getSymName()))
      continue;
    epilogue.tiles.setLocation(state.getLoc());
    TileValue result = value;
    if (!state.getFinal().empty()) {
      for (Operation &inner : state.getFinal().front())
        if (failed(epilogue.lower(&inner)))
          return failure();
      auto yield = cast<YieldOp>(state.getFinal().front().back());
      result =
          epilogue.place(yield.getValues().front(), false,
                         labelsOf(yield.getLabelsAttr()), frame.shapeOf(op));
    }
    epilogue.store(frame.find(op, tile::Role::Final), result, {});
  }
  return success();
}

FailureOr<tile::KernelOp> Lowering::run(StringRef symbol) {
  chooseWidth();
  tile::KernelOp kernel = makeKernel(symbol);
  builder.setInsertionPointToStart(&kernel.getBody().front());
  if (failed(makeStates()) || failed(lowerTime()))
    return failure();
  if (failed(storeStates()))
    return failure();
  return kernel;
}

FailureOr<tile::KernelOp> lrc::lowerToTile(RecurrenceOp recurrence,
                                           StringRef symbol,
                                           const BlockOptions &options) {
  if (!recurrence.isSpecialized())
    return recurrence.emitOpError("expected fixed sizes: run dsf-specialize "
                                  "first");
  if (options.chunk > 1 && !recurrence.getPhase<FormOp>())
    return recurrence.emitOpError("expected a dsf.form for a schedule of "
                                  "chunks: run dsf-linearize first");
  return Lowering(recurrence, options).run(symbol);
}
