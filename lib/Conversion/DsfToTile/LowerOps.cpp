//===- LowerOps.cpp - Ops of the step on tiles ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/Lowering.h"
#include "lib/Conversion/DsfToTile/Pointwise.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

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
      loaded =
          load(find(field, isInput ? tile::Role::Input : tile::Role::Param),
               axis, isInput ? position : Value());
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
    return tile::ShiftOp::create(inside, tiles.getLocation(), history.getType(),
                                 history, first);
  };
  TileValue result{shift(past.re, row.re), nullptr, false};
  if (past.im)
    result.im = shift(past.im, row.im ? row.im : tiles.constantLike(row.re, 0));
  values[op.getResult()] = result;
  return success();
}

void Lowering::lowerIndex(IndexOp op) {
  auto type =
      RankedTensorType::get(shapeOf(op.getResult()), before.getF64Type());
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
