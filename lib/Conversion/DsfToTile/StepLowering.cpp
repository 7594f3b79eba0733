//===- StepLowering.cpp - Ops of a step on tiles --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/StepLowering.h"

#include "lib/Conversion/DsfToTile/Pointwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Shapes and memory
//===----------------------------------------------------------------------===//

SmallVector<StringAttr> lrc::labelsOf(ArrayAttr labels) {
  return SmallVector<StringAttr>(labels.getAsRange<StringAttr>());
}

Argument &KernelFrame::find(Operation *field, tile::Role role) {
  for (Argument &argument : arguments)
    if (argument.field.getOperation() == field && argument.role == role)
      return argument;
  llvm_unreachable("field has no argument of this role");
}

SmallVector<int64_t> KernelFrame::shapeOf(ArrayRef<Attribute> extents,
                                          int64_t laneAxis) const {
  SmallVector<int64_t> shape;
  for (auto [axis, extent] : llvm::enumerate(extents))
    shape.push_back(int64_t(axis) == laneAxis
                        ? width
                        : cast<IntegerAttr>(extent).getInt());
  return shape;
}

SmallVector<int64_t> KernelFrame::shapeOf(Value value) const {
  if (auto type = dyn_cast<ValueType>(value.getType()))
    return shapeOf(type.getExtents(), lanes.getAxis(value));
  return shapeOf(cast<PositionalType>(value.getType()).getExtents(),
                 lanes.getAxis(value));
}

SmallVector<int64_t> KernelFrame::shapeOf(Operation *field) const {
  return shapeOf(FieldOp(field).getType().getExtents(), lanes.getAxis(field));
}

static Type realPart(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType();
  return type;
}

static IntegerAttr optionalAxis(OpBuilder &builder, int64_t axis) {
  return axis < 0 ? IntegerAttr() : builder.getI64IntegerAttr(axis);
}

static size_t rankOf(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getRank();
}

bool StepLowering::hasRows(Value value) const {
  size_t rank = frame.shapeOf(value).size();
  return rankOf(values.at(value).re) > rank;
}

/// A map on the axes of values as one on tiles, with rows in front: of the
/// target, and of the source where that has them.
static AffineMap addRows(AffineMap map, bool source) {
  SmallVector<AffineExpr> exprs;
  if (source)
    exprs.push_back(getAffineDimExpr(0, map.getContext()));
  for (AffineExpr expr : map.getResults())
    exprs.push_back(expr.shiftDims(map.getNumDims(), 1));
  return AffineMap::get(map.getNumDims() + 1, 0, exprs, map.getContext());
}

TileValue StepLowering::load(Argument &argument, int64_t laneAxis, Value at) {
  OpBuilder &builder = at ? inside : before;
  Type storage = argument.field.getStorage();
  SmallVector<int64_t> shape =
      frame.shapeOf(argument.field.getType().getExtents(), laneAxis);
  bool hasRows = at && rows;
  if (hasRows)
    shape.insert(shape.begin(), rows);
  auto type = RankedTensorType::get(shape, realPart(storage));
  auto loadPart = [&](IntegerAttr part) -> Value {
    return tile::LoadOp::create(builder, tiles.getLocation(), type,
                                argument.ref, at,
                                optionalAxis(builder, laneAxis), part, hasRows,
                                hasRows && backwards);
  };
  bool uniform = argument.role == tile::Role::Param;
  if (!isa<ComplexType>(storage))
    return {loadPart({}), nullptr, uniform};
  return {loadPart(builder.getI64IntegerAttr(0)),
          loadPart(builder.getI64IntegerAttr(1)), uniform};
}

void StepLowering::store(Argument &argument, TileValue value, Value at) {
  Operation *field = argument.field.getOperation();
  OpBuilder &builder = at ? inside : before;
  Type storage = argument.field.getStorage();
  bool hasRows = at && rows;
  auto storePart = [&](Value part, IntegerAttr index) {
    part = tiles.cast(part, realPart(storage));
    tile::StoreOp::create(builder, tiles.getLocation(), part, argument.ref, at,
                          optionalAxis(builder, frame.lanes.getAxis(field)),
                          index, hasRows, hasRows && backwards);
  };
  if (!isa<ComplexType>(storage))
    return storePart(value.re, {});
  storePart(value.re, builder.getI64IntegerAttr(0));
  storePart(value.im ? value.im : tiles.constantLike(value.re, 0),
            builder.getI64IntegerAttr(1));
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

TileValue StepLowering::place(Value value, bool uniform,
                              ArrayRef<StringAttr> labels,
                              ArrayRef<int64_t> shape, bool withRows) {
  auto type = cast<ValueType>(value.getType());
  SmallVector<AffineExpr> exprs;
  for (StringAttr label : type.getLabels())
    exprs.push_back(
        before.getAffineDimExpr(llvm::find(labels, label) - labels.begin()));
  auto map = AffineMap::get(labels.size(), 0, exprs, before.getContext());
  SmallVector<int64_t> sizes(shape);
  bool has = hasRows(value);
  if (withRows || has) {
    map = addRows(map, has);
    sizes.insert(sizes.begin(), rows);
  }
  TileValue result = tiles.coerce(values.at(value), uniform);
  result.re = tiles.access(result.re, map, sizes);
  if (result.im)
    result.im = tiles.access(result.im, map, sizes);
  return result;
}

/// The operands of a pointwise op with the axes of its result.
SmallVector<TileValue> StepLowering::placeOperands(Operation *op) {
  auto type = cast<ValueType>(op->getResult(0).getType());
  SmallVector<int64_t> shape = frame.shapeOf(op->getResult(0));
  bool uniform = llvm::all_of(op->getOperands(), [&](Value operand) {
    return values.at(operand).uniform;
  });
  bool withRows = llvm::any_of(
      op->getOperands(), [&](Value operand) { return hasRows(operand); });
  SmallVector<TileValue> operands;
  for (Value operand : op->getOperands())
    operands.push_back(
        place(operand, uniform, type.getLabels(), shape, withRows));
  return operands;
}

LogicalResult StepLowering::lowerGet(GetOp op) {
  Operation *field = frame.recurrence.lookupSymbol(op.getField());
  if (isa<InOp, ParamOp>(field))
    fields[op.getResult()] = field;
  else if (isa<SignalOp>(field) || op.getNext())
    values[op.getResult()] = next[field];
  else
    values[op.getResult()] = old.at(field);
  return success();
}

TileValue StepLowering::loadField(Operation *field, int64_t axis) {
  bool isInput = isa<InOp>(field);
  TileValue &loaded = loads[{field, axis}];
  if (!loaded.re) {
    loaded =
        load(frame.find(field, isInput ? tile::Role::Input : tile::Role::Param),
             axis, isInput ? position : Value());
    loaded = isInput ? tiles.coerce(loaded, false) : loaded;
  }
  return loaded;
}

TileValue StepLowering::valueOf(Value value) {
  if (Operation *field = fields.lookup(value))
    return loadField(field, frame.lanes.getAxis(value));
  return values.at(value);
}

LogicalResult StepLowering::lowerRead(ReadOp op) {
  AffineMap map = op.getMap();
  TileValue source;
  bool sourceHasRows;
  if (Operation *field = fields.lookup(op.getSource())) {
    // The lanes of the result, where they are an axis of the tensor.
    int64_t label = frame.lanes.getAxis(op.getResult());
    int64_t axis = -1;
    for (auto [position, expr] : llvm::enumerate(map.getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        if (int64_t(dim.getPosition()) == label)
          axis = position;
    source = loadField(field, axis);
    sourceHasRows = rows && isa<InOp>(field);
  } else {
    source = values.at(op.getSource());
    sourceHasRows = hasRows(op.getSource());
  }
  SmallVector<int64_t> shape = frame.shapeOf(op.getResult());
  if (sourceHasRows) {
    map = addRows(map, true);
    shape.insert(shape.begin(), rows);
  }
  source.re = tiles.access(source.re, map, shape);
  if (source.im)
    source.im = tiles.access(source.im, map, shape);
  values[op.getResult()] = source;
  return success();
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

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

/// The axes of a tile of `type` that have the labels, and rows in front.
static AffineMap mapOf(ValueType type, bool hasRows,
                       ArrayRef<StringAttr> space) {
  SmallVector<AffineExpr> exprs;
  MLIRContext *context = type.getContext();
  if (hasRows)
    exprs.push_back(getAffineDimExpr(0, context));
  for (StringAttr label : type.getLabels())
    exprs.push_back(getAffineDimExpr(
        1 + (llvm::find(space, label) - space.begin()), context));
  return AffineMap::get(1 + space.size(), 0, exprs, context);
}

/// Over the rows of a chunk, sum[d] W[n, d] * u[d] is a product of matrices:
/// where each factor has a label of the result, or the rows, that the other
/// lacks. The sum is made of its real and imaginary parts.
bool StepLowering::lowerContraction(ReduceOp op) {
  auto product = op.getOperand().getDefiningOp<BinaryOp>();
  if (!rows || op.getFn() != ReduceKind::Sum || !product ||
      product.getFn() != BinaryKind::Mul)
    return false;
  Value lhs = product.getLhs();
  Value rhs = product.getRhs();
  if (!hasRows(lhs))
    std::swap(lhs, rhs);
  ValueType space = product.getType();
  auto lhsType = cast<ValueType>(lhs.getType());
  auto rhsType = cast<ValueType>(rhs.getType());
  auto isKept = [&](StringAttr label) {
    return op.getType().getPosition(label) >= 0;
  };
  bool isProduct =
      hasRows(lhs) && !hasRows(rhs) &&
      llvm::any_of(rhsType.getLabels(), [&](StringAttr label) {
        return isKept(label) && lhsType.getPosition(label) < 0;
      });
  if (!isProduct)
    return false;
  TileValue a = tiles.coerce(values.at(lhs), false);
  TileValue b = tiles.coerce(values.at(rhs), false);
  SmallVector<int64_t> shape = frame.shapeOf(op.getResult());
  shape.insert(shape.begin(), rows);
  auto type = RankedTensorType::get(shape, frame.compute);
  ArrayAttr maps = inside.getAffineMapArrayAttr(
      {mapOf(lhsType, true, space.getLabels()),
       mapOf(rhsType, false, space.getLabels()),
       mapOf(op.getType(), true, space.getLabels())});
  auto multiply = [&](Value x, Value y, Value init) -> Value {
    return tile::ProductOp::create(inside, tiles.getLocation(), type, x, y,
                                   init, maps, /*strictly_lower=*/false);
  };
  auto negate = [&](Value x) -> Value {
    return emitUnary(tiles, UnaryKind::Neg, {x, nullptr, false}).re;
  };
  TileValue result{multiply(a.re, b.re, {}), nullptr, false};
  if (a.im && b.im)
    result.re = multiply(a.im, negate(b.im), result.re);
  if (b.im)
    result.im = multiply(a.re, b.im, {});
  if (a.im)
    result.im = multiply(a.im, b.re, result.im);
  values[op.getResult()] = result;
  return true;
}

LogicalResult StepLowering::lowerReduce(ReduceOp op) {
  if (lowerContraction(op))
    return success();
  TileValue source = values.at(op.getOperand());
  source = tiles.coerce(source, source.uniform);
  if (source.im && op.getFn() == ReduceKind::Prod)
    return op.emitOpError("a product over complex numbers is not supported; "
                          "write a micro-loop");
  bool withRows = hasRows(op.getOperand());
  SmallVector<int64_t> axes;
  for (auto label : op.getLabels().getAsRange<StringAttr>())
    axes.push_back(op.getOperand().getType().getPosition(label) + withRows);
  SmallVector<int64_t> shape = frame.shapeOf(op.getResult());
  if (withRows)
    shape.insert(shape.begin(), rows);
  auto reduce = [&](Value tile) -> Value {
    Type element = cast<RankedTensorType>(tile.getType()).getElementType();
    return tile::ReduceOp::create(
        tiles.at(tile), tiles.getLocation(),
        RankedTensorType::get(shape, element), getCombine(op.getFn()), tile,
        axes);
  };
  TileValue result{reduce(source.re), nullptr, source.uniform};
  if (source.im)
    result.im = reduce(source.im);
  values[op.getResult()] = result;
  return success();
}

//===----------------------------------------------------------------------===//
// Other ops
//===----------------------------------------------------------------------===//

/// The history after this step or, with rows, after each of the rows.
LogicalResult StepLowering::lowerShift(ShiftOp op) {
  TileValue row = tiles.coerce(valueOf(op.getValue()), false);
  TileValue past = values.at(op.getPast());
  past = tiles.coerce(past, false);
  auto shift = [&](Value history, Value first) -> Value {
    return tile::ShiftOp::create(inside, tiles.getLocation(),
                                 history.getType(), history, first);
  };
  TileValue result{shift(past.re, row.re), nullptr, false};
  if (past.im)
    result.im =
        shift(past.im, row.im ? row.im : tiles.constantLike(row.re, 0));
  values[op.getResult()] = result;
  return success();
}

/// Once before the loop, in f64.
void StepLowering::lowerInverse(InverseOp op) {
  Value matrix = tiles.coerce(valueOf(op.getMatrix()), true).re;
  Value result = tile::InverseOp::create(before, tiles.getLocation(),
                                         matrix.getType(), matrix);
  values[op.getResult()] = {result, nullptr, true};
}

void StepLowering::lowerIndex(IndexOp op) {
  auto type = RankedTensorType::get(frame.shapeOf(op.getResult()),
                                    before.getF64Type());
  Value iota = tile::IotaOp::create(before, tiles.getLocation(), type,
                                    frame.lanes.getAxis(op.getResult()) == 0);
  values[op.getResult()] = {iota, nullptr, true};
}

void StepLowering::lowerSet(SetOp op) {
  Operation *field = frame.recurrence.lookupSymbol(op.getField());
  // States and outputs are rounded to the compute type, signals are not.
  bool uniform = isa<SignalOp>(field) && values.at(op.getValue()).uniform;
  next[field] = place(op.getValue(), uniform, labelsOf(op.getLabels()),
                      frame.shapeOf(field), /*withRows=*/rows > 0);
}

/// The index of the step, or of each row's step.
void StepLowering::lowerTime(TimeOp op) {
  Value origin = tile::OriginOp::create(before, tiles.getLocation(),
                                        before.getIndexType());
  Value index =
      arith::AddIOp::create(inside, tiles.getLocation(), origin, time);
  TileValue first = real(index, /*inLoop=*/true);
  if (rows) {
    auto type = RankedTensorType::get({rows}, before.getF64Type());
    Value row = tile::IotaOp::create(before, tiles.getLocation(), type,
                                     /*lanes=*/false);
    auto map = AffineMap::get(1, 0, before.getContext());
    Value start = tiles.access(first.re, map, {rows});
    first = emitBinary(tiles, BinaryKind::Add, {start, nullptr, true},
                       {row, nullptr, true});
  }
  values[op.getResult()] = first;
}

TileValue StepLowering::real(Value index, bool inLoop) {
  OpBuilder &builder = inLoop ? inside : before;
  Value tile = tile::RealOp::create(
      builder, tiles.getLocation(),
      RankedTensorType::get({}, builder.getF64Type()), index);
  return {tile, nullptr, true};
}

LogicalResult StepLowering::lower(Operation *op) {
  tiles.setLocation(op->getLoc());
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](GetOp get) { return lowerGet(get); })
      .Case([&](ReadOp read) { return lowerRead(read); })
      .Case([&](ReduceOp reduce) { return lowerReduce(reduce); })
      .Case([&](ShiftOp shift) { return lowerShift(shift); })
      .Case([&](InverseOp inverse) {
        return lowerInverse(inverse), success();
      })
      .Case([&](IndexOp index) { return lowerIndex(index), success(); })
      .Case([&](SetOp set) { return lowerSet(set), success(); })
      .Case([&](YieldOp) { return success(); })
      .Case([&](ConstantOp constant) {
        values[constant.getResult()] =
            tiles.constant(constant.getValue().convertToDouble());
        return success();
      })
      .Case([&](TimeOp) {
        return lowerTime(cast<TimeOp>(op)), success();
      })
      .Case([&](HeadOp) {
        Value head =
            tile::HeadOp::create(before, op->getLoc(), before.getIndexType());
        values[op->getResult(0)] = real(head, /*inLoop=*/false);
        return success();
      })
      .Case([&](HeadsOp) {
        Value heads =
            tile::HeadsOp::create(before, op->getLoc(), before.getIndexType());
        values[op->getResult(0)] = real(heads, /*inLoop=*/false);
        return success();
      })
      .Case([&](PackOp pack) {
        values[pack.getResult()] =
            place(pack.getValue(), values.at(pack.getValue()).uniform,
                  labelsOf(pack.getLabels()), frame.shapeOf(pack.getResult()));
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
            "expected a specialised step: run dsf-specialize first");
      });
}

LogicalResult StepLowering::lowerValue(Value value) {
  if (values.contains(value) || fields.contains(value))
    return success();
  if (makeValue && makeValue(value))
    return success();
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    if (failed(lowerValue(operand)))
      return failure();
  return lower(op);
}
