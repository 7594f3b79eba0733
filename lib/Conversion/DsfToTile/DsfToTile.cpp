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

#include "lib/Analysis/Lanes.h"
#include "lib/Conversion/DsfToTile/Pointwise.h"
#include "lib/Conversion/DsfToTile/TileValue.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"
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

namespace {

/// A field of the recurrence as kernel arguments.
struct Argument {
  FieldOp field;
  tile::Role role;
  Value ref;
};

class Lowering {
public:
  Lowering(RecurrenceOp recurrence, const BlockOptions &options)
      : recurrence(recurrence), options(options), lanes(recurrence),
        before(recurrence.getContext()), inside(recurrence.getContext()),
        tiles(before, inside, chooseCompute()) {}

  FailureOr<tile::KernelOp> run(StringRef symbol);

private:
  Type chooseCompute();
  void chooseWidth();
  tile::KernelOp makeKernel(StringRef symbol);
  void addArguments(tile::Role role, SmallVectorImpl<Argument> &list);

  int64_t sizeOf(Attribute extent) { return cast<IntegerAttr>(extent).getInt(); }
  SmallVector<int64_t> shapeOf(ArrayRef<Attribute> extents, int64_t laneAxis);
  SmallVector<int64_t> shapeOf(Value value);

  TileValue load(Argument &argument, int64_t laneAxis, Value time);
  void store(Argument &argument, TileValue value, Value time);
  Argument &find(Operation *field, tile::Role role);

  LogicalResult makeStates();
  LogicalResult lower(Operation *op);
  LogicalResult lowerGet(GetOp op);
  LogicalResult lowerRead(ReadOp op);
  LogicalResult lowerReduce(ReduceOp op);
  LogicalResult lowerShift(ShiftOp op);
  void lowerIndex(IndexOp op);
  void lowerSet(SetOp op);

  /// `value` with the axes `labels` out of which its own are a part. It is
  /// rounded before it is broadcast.
  TileValue place(Value value, bool uniform, ArrayRef<StringAttr> labels,
                  ArrayRef<int64_t> shape);
  /// The operands of a pointwise op with the axes of its result.
  SmallVector<TileValue> placeOperands(Operation *op);
  TileValue real(Value index, bool inLoop);

  RecurrenceOp recurrence;
  BlockOptions options;
  Lanes lanes;
  int64_t width = 0;
  int64_t blocks = 1;
  OpBuilder before;
  OpBuilder inside;
  TileBuilder tiles;

  SmallVector<Argument> arguments;
  /// Labelled values and arrays.
  DenseMap<Value, TileValue> values;
  /// Arrays that are still in memory.
  DenseMap<Value, Operation *> fields;
  /// What states hold before the step, and what states, signals and outputs
  /// were set to.
  DenseMap<Operation *, TileValue> old;
  llvm::MapVector<Operation *, TileValue> next;
  DenseMap<std::pair<Operation *, int64_t>, TileValue> loads;
  /// Index of the step, and its position in memory.
  Value time;
  Value position;
};

} // namespace

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

void Lowering::addArguments(tile::Role role,
                            SmallVectorImpl<Argument> &list) {
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
  for (Role role : {Role::Input, Role::Param, Role::Initial, Role::Output,
                    Role::Final})
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

TileValue Lowering::load(Argument &argument, int64_t laneAxis,
                         Value at) {
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

TileValue Lowering::place(Value value, bool uniform,
                          ArrayRef<StringAttr> labels,
                          ArrayRef<int64_t> shape) {
  auto type = cast<ValueType>(value.getType());
  SmallVector<AffineExpr> exprs;
  for (StringAttr label : type.getLabels())
    exprs.push_back(
        before.getAffineDimExpr(llvm::find(labels, label) - labels.begin()));
  auto map = AffineMap::get(labels.size(), 0, exprs, before.getContext());
  TileValue result = tiles.coerce(values.at(value), uniform);
  result.re = tiles.access(result.re, map, shape);
  if (result.im)
    result.im = tiles.access(result.im, map, shape);
  return result;
}

SmallVector<TileValue> Lowering::placeOperands(Operation *op) {
  auto type = cast<ValueType>(op->getResult(0).getType());
  SmallVector<int64_t> shape = shapeOf(op->getResult(0));
  bool uniform = llvm::all_of(op->getOperands(), [&](Value operand) {
    return values.at(operand).uniform;
  });
  SmallVector<TileValue> operands;
  for (Value operand : op->getOperands())
    operands.push_back(place(operand, uniform, type.getLabels(), shape));
  return operands;
}

//===----------------------------------------------------------------------===//
// Ops of the step
//===----------------------------------------------------------------------===//

LogicalResult Lowering::lowerGet(GetOp op) {
  Operation *field = recurrence.lookupSymbol(op.getField());
  if (isa<InOp, ParamOp>(field))
    fields[op.getResult()] = field;
  else if (isa<SignalOp>(field) || op.getNext())
    values[op.getResult()] = next[field];
  else
    values[op.getResult()] = old[field];
  return success();
}

LogicalResult Lowering::lowerRead(ReadOp op) {
  AffineMap map = op.getMap();
  TileValue source;
  if (Operation *field = fields.lookup(op.getSource())) {
    // The lanes of the result, where they are an axis of the tensor.
    int64_t label = lanes.getAxis(op.getResult());
    int64_t axis = -1;
    for (auto [position, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        if (int64_t(dim.getPosition()) == label)
          axis = position;
    bool isInput = isa<InOp>(field);
    TileValue &loaded = loads[{field, axis}];
    if (!loaded.re) {
      loaded = load(
          find(field, isInput ? tile::Role::Input : tile::Role::Param), axis,
          isInput ? position : Value());
      loaded = isInput ? tiles.coerce(loaded, false) : loaded;
    }
    source = loaded;
  } else {
    source = values.at(op.getSource());
  }
  SmallVector<int64_t> shape = shapeOf(op.getResult());
  source.re = tiles.access(source.re, map, shape);
  if (source.im)
    source.im = tiles.access(source.im, map, shape);
  values[op.getResult()] = source;
  return success();
}

static tile::Combine getCombine(ReduceKind fn) {
  switch (fn) {
  case ReduceKind::Sum:
    return tile::Combine::Sum;
  case ReduceKind::Prod:
    return tile::Combine::Prod;
  case ReduceKind::Max:
    return tile::Combine::Max;
  case ReduceKind::Min:
    return tile::Combine::Min;
  }
  llvm_unreachable("unknown reduction");
}

LogicalResult Lowering::lowerReduce(ReduceOp op) {
  TileValue source = values.at(op.getOperand());
  source = tiles.coerce(source, source.uniform);
  if (source.im && op.getFn() == ReduceKind::Prod)
    return op.emitOpError("a product over complex numbers is not supported by "
                          "the sequential schedule; write a micro-loop");
  SmallVector<int64_t> axes;
  for (auto label : op.getLabels().getAsRange<StringAttr>())
    axes.push_back(op.getOperand().getType().getPosition(label));
  auto reduce = [&](Value tile) -> Value {
    Type element = cast<RankedTensorType>(tile.getType()).getElementType();
    return tile::ReduceOp::create(
        tiles.at(tile), tiles.getLocation(),
        RankedTensorType::get(shapeOf(op.getResult()), element),
        getCombine(op.getFn()), tile, axes);
  };
  TileValue result{reduce(source.re), nullptr, source.uniform};
  if (source.im)
    result.im = reduce(source.im);
  values[op.getResult()] = result;
  return success();
}

LogicalResult Lowering::lowerShift(ShiftOp op) {
  TileValue past = tiles.coerce(values.at(op.getPast()), false);
  TileValue row;
  if (Operation *field = fields.lookup(op.getValue())) {
    int64_t axis = lanes.getAxis(op.getValue());
    row = load(find(field, tile::Role::Input), axis, position);
  } else {
    row = values.at(op.getValue());
  }
  row = tiles.coerce(row, false);
  auto shift = [&](Value history, Value first) -> Value {
    return tile::ShiftOp::create(inside, tiles.getLocation(),
                                 history.getType(), history, first);
  };
  TileValue result{shift(past.re, row.re), nullptr, false};
  if (past.im)
    result.im = shift(
        past.im, row.im ? row.im : tiles.constantLike(row.re, 0));
  values[op.getResult()] = result;
  return success();
}

void Lowering::lowerIndex(IndexOp op) {
  auto type = RankedTensorType::get(shapeOf(op.getResult()),
                                    before.getF64Type());
  Value iota = tile::IotaOp::create(before, tiles.getLocation(), type,
                                    lanes.getAxis(op.getResult()) == 0);
  values[op.getResult()] = {iota, nullptr, true};
}

void Lowering::lowerSet(SetOp op) {
  Operation *field = recurrence.lookupSymbol(op.getField());
  SmallVector<StringAttr> labels(op.getLabels().getAsRange<StringAttr>());
  // States and outputs are rounded to the compute type, signals are not.
  bool uniform = isa<SignalOp>(field) && values.at(op.getValue()).uniform;
  next[field] = place(
      op.getValue(), uniform, labels,
      shapeOf(FieldOp(field).getType().getExtents(), lanes.getAxis(field)));
}

TileValue Lowering::real(Value index, bool inLoop) {
  OpBuilder &builder = inLoop ? inside : before;
  Value tile = tile::RealOp::create(
      builder, tiles.getLocation(),
      RankedTensorType::get({}, builder.getF64Type()), index);
  return {tile, nullptr, true};
}

LogicalResult Lowering::lower(Operation *op) {
  tiles.setLocation(op->getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](GetOp get) { return lowerGet(get); })
      .Case([&](ReadOp read) { return lowerRead(read); })
      .Case([&](ReduceOp reduce) { return lowerReduce(reduce); })
      .Case([&](ShiftOp shift) { return lowerShift(shift); })
      .Case([&](IndexOp index) { return lowerIndex(index), success(); })
      .Case([&](SetOp set) { return lowerSet(set), success(); })
      .Case([&](YieldOp) { return success(); })
      .Case([&](ConstantOp constant) {
        values[constant.getResult()] =
            tiles.constant(constant.getValue().convertToDouble());
        return success();
      })
      .Case([&](TimeOp) {
        values[op->getResult(0)] = real(time, /*inLoop=*/true);
        return success();
      })
      .Case([&](HeadOp) {
        Value head = tile::HeadOp::create(before, op->getLoc(), before.getIndexType());
        values[op->getResult(0)] = real(head, /*inLoop=*/false);
        return success();
      })
      .Case([&](HeadsOp) {
        Value heads = tile::HeadsOp::create(before, op->getLoc(), before.getIndexType());
        values[op->getResult(0)] = real(heads, /*inLoop=*/false);
        return success();
      })
      .Case([&](PackOp pack) {
        SmallVector<StringAttr> labels(
            pack.getLabels().getAsRange<StringAttr>());
        values[pack.getResult()] =
            place(pack.getValue(), values.at(pack.getValue()).uniform, labels,
                  shapeOf(pack.getResult()));
        return success();
      })
      .Case([&](UnaryOp unary) {
        values[unary.getResult()] =
            emitUnary(tiles, unary.getFn(), values.at(unary.getOperand()));
        return success();
      })
      .Case([&](BinaryOp binary) {
        SmallVector<TileValue> x = placeOperands(op);
        values[binary.getResult()] =
            emitBinary(tiles, binary.getFn(), x[0], x[1]);
        return success();
      })
      .Case([&](SelectOp select) {
        SmallVector<TileValue> x = placeOperands(op);
        values[select.getResult()] = emitSelect(tiles, x[0], x[1], x[2]);
        return success();
      })
      .Default([](Operation *other) {
        return other->emitOpError(
            "is not supported by the sequential schedule; run dsf-specialize "
            "first");
      });
}

//===----------------------------------------------------------------------===//
// States and the loop over time
//===----------------------------------------------------------------------===//

/// The start of each state: the caller's, else its init region, else 0.
LogicalResult Lowering::makeStates() {
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    tiles.setLocation(state.getLoc());
    Argument &argument = find(state, tile::Role::Initial);
    int64_t laneAxis = lanes.getAxis(state.getOperation());
    SmallVector<int64_t> shape =
        shapeOf(FieldOp(state).getType().getExtents(), laneAxis);
    TileValue start = tiles.constant(0);
    if (state.getInit().empty()) {
      auto map = AffineMap::get(shape.size(), 0, before.getContext());
      start = tiles.coerce(start, false);
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
    bool complex = FieldOp(state).getType().getKind() == Kind::Complex;
    if (complex && !start.im)
      start.im = tiles.constantLike(start.re, 0);
    Value given =
        tile::GivenOp::create(before, state.getLoc(), before.getI1Type(), argument.ref);
    SmallVector<Type> types(complex ? 2 : 1, start.re.getType());
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
    yieldParts(tiles.coerce(load(argument, laneAxis, {}), false));
    before.setInsertionPointToStart(&branch.getElseRegion().front());
    yieldParts(start);
    old[state] = {branch.getResult(0), complex ? branch.getResult(1) : Value()};
  }
  return success();
}

FailureOr<tile::KernelOp> Lowering::run(StringRef symbol) {
  chooseWidth();
  tile::KernelOp kernel = makeKernel(symbol);
  before.setInsertionPointToStart(&kernel.getBody().front());
  if (failed(makeStates()))
    return failure();

  // The loop carries the states' tiles.
  Location loc = recurrence.getLoc();
  SmallVector<Value> starts;
  auto forEachState = [&](auto visit) {
    for (StateOp state : recurrence.getBody().getOps<StateOp>())
      visit(state);
  };
  forEachState([&](StateOp state) {
    starts.push_back(old[state].re);
    if (old[state].im)
      starts.push_back(old[state].im);
  });
  Value zero = arith::ConstantIndexOp::create(before, loc, 0);
  Value one = arith::ConstantIndexOp::create(before, loc, 1);
  Value steps = tile::StepsOp::create(before, loc, before.getIndexType());
  auto loop = scf::ForOp::create(before, loc, zero, steps, one, starts);
  before.setInsertionPoint(loop);
  if (!loop.getBody()->empty())
    loop.getBody()->clear();
  inside.setInsertionPointToEnd(loop.getBody());
  time = position = loop.getInductionVar();
  if (recurrence.getReverse()) {
    Value last = arith::SubIOp::create(before, loc, steps, one);
    position = arith::SubIOp::create(inside, loc, last, time);
  }
  unsigned carried = 0;
  forEachState([&](StateOp state) {
    TileValue &value = old[state];
    value.re = loop.getRegionIterArg(carried++);
    if (value.im)
      value.im = loop.getRegionIterArg(carried++);
  });

  for (Operation &phase : recurrence.getBody().getOps()) {
    if (!isa<StepOp, InputOp, TransitionOp, ReadoutOp>(phase))
      continue;
    for (Operation &op : phase.getRegion(0).front())
      if (failed(lower(&op)))
        return failure();
  }

  for (OutOp out : recurrence.getBody().getOps<OutOp>()) {
    tiles.setLocation(out.getLoc());
    store(find(out, tile::Role::Output),
          tiles.coerce(next[out], false), position);
  }
  SmallVector<Value> carriedNext;
  forEachState([&](StateOp state) {
    TileValue value = next[state];
    carriedNext.push_back(value.re);
    if (old[state].im)
      carriedNext.push_back(value.im ? value.im
                                     : tiles.constantLike(value.re, 0));
  });
  scf::YieldOp::create(inside, loc, carriedNext);

  before.setInsertionPointAfter(loop);
  carried = 0;
  forEachState([&](StateOp state) {
    tiles.setLocation(state.getLoc());
    TileValue last{loop.getResult(carried++), nullptr, false};
    if (old[state].im)
      last.im = loop.getResult(carried++);
    if (recurrence.isFinal(state.getSymName()))
      store(find(state, tile::Role::Final), last, {});
  });
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
