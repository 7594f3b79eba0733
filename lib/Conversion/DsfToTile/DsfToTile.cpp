//===- DsfToTile.cpp - From the step to a tile program --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sequential schedule: chunks of one step. The kernel is
//
//   values of parameters alone
//   states = given ? load : init
//   states = for t in steps: step(states), store outputs
//   store final states
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/DsfToTile.h"

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
Type Lowering::chooseCompute() {
  for (Operation &op : recurrence.getBody().getOps())
    if (isa<InOp, ParamOp, StateOp, OutOp>(op) &&
        realPart(FieldOp(&op).getStorage()).isF64())
      return Float64Type::get(recurrence.getContext());
  return Float32Type::get(recurrence.getContext());
}

/// Cuts the lanes into blocks by the bytes of state along them.
void Lowering::chooseWidth() {
  width = lanes.getExtent();
  if (width == 0)
    return;
  int64_t bytes = 0;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (lanes.getAxis(state.getOperation()) < 0)
      continue;
    int64_t elements = 1;
    for (int64_t size : FieldOp(state).getType().getShape())
      elements *= size;
    bytes += elements / lanes.getExtent() *
             tiles.getCompute().getIntOrFloatBitWidth() / 8;
  }
  width = chooseLaneWidth(lanes.getExtent(), bytes, options);
  blocks = llvm::divideCeil(lanes.getExtent(), width);
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
      return isa<StateOp>(op);
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
    addArguments(role, arguments);
  OpBuilder builder(recurrence);
  SmallVector<Attribute> names;
  SmallVector<int32_t> roles;
  for (Argument &argument : arguments) {
    names.push_back(builder.getStringAttr(argument.field.getName()));
    roles.push_back(static_cast<int32_t>(argument.role));
  }
  auto kernel = tile::KernelOp::create(
      builder, recurrence.getLoc(), symbol, builder.getArrayAttr(names),
      builder.getDenseI32ArrayAttr(roles), blocks);
  Block &block = kernel.getBody().emplaceBlock();
  for (Argument &argument : arguments)
    argument.ref = block.addArgument(
        tile::RefType::get(builder.getContext(),
                           argument.field.getType().getShape(),
                           argument.field.getStorage()),
        argument.field.getLoc());
  return kernel;
}

Argument &Lowering::find(Operation *field, tile::Role role) {
  for (Argument &argument : arguments)
    if (argument.field.getOperation() == field && argument.role == role)
      return argument;
  llvm_unreachable("field has no argument of this role");
}

//===----------------------------------------------------------------------===//
// Shapes and memory
//===----------------------------------------------------------------------===//

SmallVector<int64_t> Lowering::shapeOf(ArrayRef<Attribute> extents,
                                       int64_t laneAxis) {
  SmallVector<int64_t> shape;
  for (auto [axis, extent] : llvm::enumerate(extents))
    shape.push_back(int64_t(axis) == laneAxis ? width : sizeOf(extent));
  return shape;
}

SmallVector<int64_t> Lowering::shapeOf(Value value) {
  if (auto type = dyn_cast<ValueType>(value.getType()))
    return shapeOf(type.getExtents(), lanes.getAxis(value));
  return shapeOf(cast<PositionalType>(value.getType()).getExtents(),
                 lanes.getAxis(value));
}

static IntegerAttr optionalAxis(OpBuilder &builder, int64_t axis) {
  return axis < 0 ? IntegerAttr() : builder.getI64IntegerAttr(axis);
}

TileValue Lowering::load(Argument &argument, int64_t laneAxis, Value at) {
  OpBuilder &builder = at ? inside : before;
  Type storage = argument.field.getStorage();
  auto type = RankedTensorType::get(
      shapeOf(argument.field.getType().getExtents(), laneAxis),
      realPart(storage));
  auto loadPart = [&](IntegerAttr part) -> Value {
    return tile::LoadOp::create(builder, tiles.getLocation(), type,
                                argument.ref, at,
                                optionalAxis(builder, laneAxis), part);
  };
  bool uniform = argument.role == tile::Role::Param;
  if (!isa<ComplexType>(storage))
    return {loadPart({}), nullptr, uniform};
  return {loadPart(builder.getI64IntegerAttr(0)),
          loadPart(builder.getI64IntegerAttr(1)), uniform};
}

void Lowering::store(Argument &argument, TileValue value, Value at) {
  Operation *field = argument.field.getOperation();
  OpBuilder &builder = at ? inside : before;
  Type storage = argument.field.getStorage();
  auto storePart = [&](Value part, IntegerAttr index) {
    part = tiles.cast(part, realPart(storage));
    tile::StoreOp::create(builder, tiles.getLocation(), part, argument.ref, at,
                          optionalAxis(builder, lanes.getAxis(field)), index);
  };
  if (!isa<ComplexType>(storage))
    return storePart(value.re, {});
  storePart(value.re, builder.getI64IntegerAttr(0));
  storePart(value.im ? value.im : tiles.constantLike(value.re, 0),
            builder.getI64IntegerAttr(1));
}

//===----------------------------------------------------------------------===//
// States and the loop over time
//===----------------------------------------------------------------------===//

/// What a state starts with when the caller gives nothing: its init region,
/// else 0.
FailureOr<TileValue> Lowering::makeStart(StateOp state) {
  SmallVector<int64_t> shape = shapeOf(FieldOp(state).getType().getExtents(),
                                       lanes.getAxis(state.getOperation()));
  TileValue start;
  if (state.getInit().empty()) {
    auto map = AffineMap::get(shape.size(), 0, before.getContext());
    start = tiles.coerce(tiles.constant(0), false);
    start.re = tiles.access(start.re, map, shape);
  } else {
    for (Operation &op : state.getInit().front())
      if (failed(lower(&op)))
        return failure();
    auto yield = cast<YieldOp>(state.getInit().front().back());
    SmallVector<StringAttr> labels(
        yield.getLabelsAttr().getAsRange<StringAttr>());
    start = place(yield.getValues().front(), false, labels, shape);
  }
  if (FieldOp(state).getType().getKind() == Kind::Complex && !start.im)
    start.im = tiles.constantLike(start.re, 0);
  return start;
}

/// states = given ? load : start
LogicalResult Lowering::makeStates() {
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    tiles.setLocation(state.getLoc());
    Argument &argument = find(state, tile::Role::Initial);
    FailureOr<TileValue> start = makeStart(state);
    if (failed(start))
      return failure();
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
    int64_t laneAxis = lanes.getAxis(state.getOperation());
    yieldParts(tiles.coerce(load(argument, laneAxis, {}), false));
    before.setInsertionPointToStart(&branch.getElseRegion().front());
    yieldParts(*start);
    old[state] = {branch.getResult(0), complex ? branch.getResult(1) : Value()};
  }
  return success();
}

/// Replaces the parts of all states, in order, by `values`.
void Lowering::setStates(ValueRange values) {
  unsigned index = 0;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    TileValue &value = old[state];
    value.re = values[index++];
    if (value.im)
      value.im = values[index++];
  }
}

/// Opens the loop over time, which carries the states' tiles.
scf::ForOp Lowering::openLoop() {
  Location loc = recurrence.getLoc();
  SmallVector<Value> starts;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    starts.push_back(old[state].re);
    if (old[state].im)
      starts.push_back(old[state].im);
  }
  Value zero = arith::ConstantIndexOp::create(before, loc, 0);
  Value one = arith::ConstantIndexOp::create(before, loc, 1);
  Value steps = tile::StepsOp::create(before, loc, before.getIndexType());
  Value last = arith::SubIOp::create(before, loc, steps, one);
  auto loop = scf::ForOp::create(before, loc, zero, steps, one, starts);
  before.setInsertionPoint(loop);
  // Without states the builder has made the terminator.
  loop.getBody()->clear();
  inside.setInsertionPointToEnd(loop.getBody());
  time = position = loop.getInductionVar();
  if (recurrence.getReverse())
    position = arith::SubIOp::create(inside, loc, last, time);
  setStates(loop.getRegionIterArgs());
  return loop;
}

/// Stores the outputs and carries the next states.
void Lowering::closeLoop(scf::ForOp loop) {
  for (OutOp out : recurrence.getBody().getOps<OutOp>()) {
    tiles.setLocation(out.getLoc());
    store(find(out, tile::Role::Output), tiles.coerce(next[out], false),
          position);
  }
  SmallVector<Value> carried;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    TileValue value = next[state];
    carried.push_back(value.re);
    if (old[state].im)
      carried.push_back(value.im ? value.im : tiles.constantLike(value.re, 0));
  }
  scf::YieldOp::create(inside, loop.getLoc(), carried);
}

FailureOr<tile::KernelOp> Lowering::run(StringRef symbol) {
  chooseWidth();
  tile::KernelOp kernel = makeKernel(symbol);
  before.setInsertionPointToStart(&kernel.getBody().front());
  if (failed(makeStates()))
    return failure();
  scf::ForOp loop = openLoop();
  for (Operation &phase : recurrence.getBody().getOps()) {
    if (!isa<StepOp, InputOp, TransitionOp, ReadoutOp>(phase))
      continue;
    for (Operation &op : phase.getRegion(0).front())
      if (failed(lower(&op)))
        return failure();
  }
  closeLoop(loop);
  before.setInsertionPointAfter(loop);
  setStates(loop.getResults());
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    tiles.setLocation(state.getLoc());
    if (recurrence.isFinal(state.getSymName()))
      store(find(state, tile::Role::Final), old[state], {});
  }
  return kernel;
}

FailureOr<tile::KernelOp> lrc::lowerToTile(RecurrenceOp recurrence,
                                           StringRef symbol,
                                           const BlockOptions &options) {
  if (!recurrence.isSpecialized())
    return recurrence.emitOpError("expected fixed sizes: run dsf-specialize "
                                  "first");
  return Lowering(recurrence, options).run(symbol);
}
