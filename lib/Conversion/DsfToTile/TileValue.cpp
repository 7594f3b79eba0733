//===- TileValue.cpp - A dsf value as tiles -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/TileValue.h"

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

OpBuilder &TileBuilder::at(ValueRange operands) {
  for (Value operand : operands)
    if (operand.getParentBlock() == inside.getInsertionBlock())
      return inside;
  return before;
}

Value TileBuilder::cast(Value tile, Type element) {
  auto type = mlir::cast<RankedTensorType>(tile.getType());
  if (type.getElementType() == element ||
      !mlir::isa<FloatType>(type.getElementType()))
    return tile;
  std::pair<Value, Type> key(tile, element);
  if (Value cached = casts.lookup(key))
    return cached;
  unsigned from = type.getElementTypeBitWidth();
  unsigned to = element.getIntOrFloatBitWidth();
  // f16 and bf16 have equal width, and no CPU narrows f64 to either: go through
  // f32, whose 24 bits leave a second rounding no weight beside the first.
  if (to == 16 && (from == 16 || from == 64))
    return casts[key] =
               cast(cast(tile, Float32Type::get(type.getContext())), element);
  Type result = type.clone(element);
  OpBuilder &builder = at(tile);
  if (from < to)
    return casts[key] = arith::ExtFOp::create(builder, *loc, result, tile);
  return casts[key] = arith::TruncFOp::create(builder, *loc, result, tile);
}

TileValue TileBuilder::coerce(TileValue value, bool uniform) {
  Type element = uniform ? before.getF64Type() : compute;
  TileValue result = value;
  result.re = cast(value.re, element);
  if (value.im)
    result.im = cast(value.im, element);
  return result;
}

static Value makeConstant(OpBuilder &builder, Location loc, Type type,
                          double value) {
  auto tensor = mlir::cast<RankedTensorType>(type);
  FloatAttr element = FloatAttr::get(tensor.getElementType(), value);
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(tensor, element));
}

TileValue TileBuilder::constant(double value) {
  Type type = RankedTensorType::get({}, before.getF64Type());
  return {makeConstant(before, *loc, type, value), nullptr, true};
}

Value TileBuilder::constantLike(Value like, double value) {
  return makeConstant(before, *loc, like.getType(), value);
}

Value TileBuilder::access(Value tile, AffineMap map, ArrayRef<int64_t> shape) {
  auto type = mlir::cast<RankedTensorType>(tile.getType());
  if (map.isIdentity() && type.getShape() == shape)
    return tile;
  return tile::AccessOp::create(
      at(tile), *loc, RankedTensorType::get(shape, type.getElementType()), tile,
      AffineMapAttr::get(map));
}
