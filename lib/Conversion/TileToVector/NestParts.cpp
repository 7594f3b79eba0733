//===- NestParts.cpp - What loop nests are made of ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/NestParts.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <cmath>

using namespace mlir;
using namespace lrc;

double lrc::neutralOf(tile::Combine fn) {
  switch (fn) {
  case tile::Combine::Sum:
    return 0;
  case tile::Combine::Prod:
    return 1;
  case tile::Combine::Max:
    return -INFINITY;
  case tile::Combine::Min:
    return INFINITY;
  }
  llvm_unreachable("unknown combination");
}

Value lrc::makeNeutral(Emitter &emitter, OpBuilder &builder, Location loc,
                       const Root &root, bool isVector) {
  auto fn = cast<tile::ReduceOp>(root.op).getFn();
  Value scalar = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(elementOf(root.source), neutralOf(fn)));
  return isVector ? emitter.splat(scalar) : scalar;
}

Value lrc::combine(OpBuilder &builder, Location loc, tile::Combine fn, Value a,
                   Value b) {
  auto contract = arith::FastMathFlags::contract;
  switch (fn) {
  case tile::Combine::Sum:
    return arith::AddFOp::create(builder, loc, a, b, contract);
  case tile::Combine::Prod:
    return arith::MulFOp::create(builder, loc, a, b, contract);
  case tile::Combine::Max:
    return arith::MaximumFOp::create(builder, loc, a, b);
  case tile::Combine::Min:
    return arith::MinimumFOp::create(builder, loc, a, b);
  }
  llvm_unreachable("unknown combination");
}

Value lrc::reduceLanes(OpBuilder &builder, Location loc, tile::Combine fn,
                       Value vector) {
  auto kind = [&] {
    switch (fn) {
    case tile::Combine::Sum:
      return vector::CombiningKind::ADD;
    case tile::Combine::Prod:
      return vector::CombiningKind::MUL;
    case tile::Combine::Max:
      return vector::CombiningKind::MAXIMUMF;
    case tile::Combine::Min:
      return vector::CombiningKind::MINIMUMF;
    }
    llvm_unreachable("unknown combination");
  }();
  // Without leave to reassociate, lanes are added one by one.
  return vector::ReductionOp::create(builder, loc, kind, vector,
                                     arith::FastMathFlags::reassoc);
}

/// The value of a root's source at subscripts.
Value lrc::emitSource(Emitter &emitter, const Root &root,
                      ArrayRef<Subscript> at) {
  // A kept tile is computed here, and read from its buffer anywhere else.
  return root.kind == Root::Kind::Keep ? emitter.compute(root.source, at)
                                       : emitter.emit(root.source, at);
}

/// Combines the source into an accumulator; lanes under the mask only when
/// lanes are reduced themselves.
Value lrc::accumulate(Emitter &emitter, OpBuilder &builder, Location loc,
                      const Root &root, Value accumulator,
                      ArrayRef<Subscript> at, bool maskLanes) {
  Value value = emitSource(emitter, root, at);
  emitter.innermost();
  bool isVector = isa<VectorType>(accumulator.getType());
  if (isVector)
    value = emitter.splat(value);
  if (maskLanes && emitter.getMask())
    value = arith::SelectOp::create(
        builder, loc, emitter.getMask(), value,
        makeNeutral(emitter, builder, loc, root, isVector));
  auto fn = cast<tile::ReduceOp>(root.op).getFn();
  return combine(builder, loc, fn, accumulator, value);
}

/// Stores a root's value and remembers it.
void lrc::finish(Emitter &emitter, const Root &root, Value value,
                 ArrayRef<Subscript> at) {
  if (root.result)
    emitter.define(root.result, at, value);
  if (root.kind == Root::Kind::Write) {
    auto op = cast<tile::StoreOp>(root.op);
    emitter.innermost();
    emitter.store(value, emitter.storageOf(op, op.getTile()), at);
  } else if (root.target.pointer) {
    emitter.store(value, root.target, at);
  }
}

SmallVector<Subscript> LoopVariables::subscripts(const Root &root,
                                                 int64_t vectorAxis,
                                                 const Subscript &lanes,
                                                 bool resultOnly) const {
  SmallVector<Subscript> at;
  unsigned nextOuter = 0;
  unsigned nextInner = 0;
  int64_t rank = shapeOf(root.source).size();
  for (int64_t axis = 0; axis < rank; ++axis) {
    bool reduced = root.isReduced(axis);
    Subscript subscript;
    if (axis == vectorAxis)
      subscript = lanes;
    else if (root.kind == Root::Kind::Reduce && !reduced)
      subscript.base = outer[nextOuter++];
    else
      subscript.base = inner[nextInner++];
    if (!resultOnly || !reduced)
      at.push_back(subscript);
  }
  return at;
}
