//===- BlockNests.cpp - Nests whose positions threads share ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockNests.h"

#include "lib/Conversion/TileToVector/NestParts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

Value BlockNest::constant32(int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI32IntegerAttr(value));
}

Value BlockNest::divide(Value index, int64_t by) {
  if (by == 1)
    return index;
  return builder.createOrFold<arith::DivUIOp>(loc, index, constant32(by));
}

Value BlockNest::remainder(Value index, int64_t by) {
  if (by == 1)
    return constant32(0);
  return builder.createOrFold<arith::RemUIOp>(loc, index, constant32(by));
}

Subscript BlockNest::toSubscript(Value index) {
  Subscript result;
  result.base =
      arith::ExtUIOp::create(builder, loc, builder.getI64Type(), index);
  emitter.setLevel(result.base);
  return result;
}

void BlockNest::forEachIndex(int64_t count, Body body, bool guarded) {
  emitter.innermost();
  int64_t threads = context.item.getThreads();
  int64_t passes = llvm::divideCeil(count, threads);
  Value index = context.item.getThread();
  if (int64_t first = context.firstThread; first && passes == 1)
    index = remainder(
        arith::AddIOp::create(builder, loc, index, constant32(threads - first)),
        threads);
  context.firstThread =
      (context.firstThread + llvm::alignTo(count, warpThreads)) % threads;
  if (passes > 1) {
    scf::ForOp loop = emitter.openLoop(0, passes, 1);
    emitter.innermost();
    Value pass = arith::TruncIOp::create(builder, loc, builder.getI32Type(),
                                         loop.getInductionVar());
    index = arith::AddIOp::create(
        builder, loc, index,
        arith::MulIOp::create(builder, loc, pass, constant32(threads)));
  }
  bool ragged = guarded && count % threads != 0;
  if (ragged) {
    emitter.innermost();
    emitter.openGuard(arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, index, constant32(count)));
  }
  emitter.innermost();
  body(index);
  if (ragged)
    emitter.closeLoop();
  if (passes > 1)
    emitter.closeLoop();
}

void BlockNest::forEachIndices(int64_t count, int64_t most,
                               llvm::function_ref<void(ArrayRef<Value>)> body) {
  int64_t threads = context.item.getThreads();
  while (most > 1 && count % (most * threads) != 0)
    most /= 2;
  forEachIndex(count / most, [&](Value index) {
    SmallVector<Value> indices{index};
    for (int64_t further = 1; further < most; ++further)
      indices.push_back(arith::AddIOp::create(
          builder, loc, index, constant32(further * (count / most))));
    body(indices);
  });
}

SmallVector<Subscript> BlockNest::split(Value index, ArrayRef<int64_t> sizes) {
  SmallVector<Subscript> at(sizes.size());
  for (int64_t axis = int64_t(sizes.size()) - 1; axis >= 0; --axis) {
    bool outermost = axis == 0;
    at[axis] = toSubscript(outermost ? index : remainder(index, sizes[axis]));
    if (!outermost)
      index = divide(index, sizes[axis]);
  }
  return at;
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

Value BlockNest::convertTo(Value value, Type element) {
  Type own = value.getType();
  auto vector = dyn_cast<VectorType>(own);
  if (vector)
    own = vector.getElementType();
  if (own == element)
    return value;
  return arith::TruncFOp::create(
      builder, loc, vector ? Type(vector.clone(element)) : element, value);
}

void BlockNest::store(tile::StoreOp op, Value value, ArrayRef<Subscript> at) {
  emitter.innermost();
  emitter.store(value, emitter.storageOf(op, op.getTile()), at);
}

void BlockNest::finish(Value tile, Value value, ArrayRef<Subscript> at) {
  emitter.innermost();
  emitter.define(tile, at, value);
  auto targets = context.targets.find(tile);
  if (targets != context.targets.end())
    for (const Storage &target : targets->second) {
      emitter.innermost();
      emitter.store(convertTo(value, target.element), target, at);
    }
  auto joined = context.joined.find(tile);
  if (joined != context.joined.end())
    for (Value other : joined->second)
      finish(other, emitter.compute(other, at), at);
  auto stores = context.stores.find(tile);
  if (stores == context.stores.end())
    return;
  for (tile::StoreOp op : stores->second)
    store(op, emitter.emit(op.getTile(), at), at);
}

//===----------------------------------------------------------------------===//
// Combining
//===----------------------------------------------------------------------===//

Value BlockNest::combine(tile::Combine fn, Value a, Value b) {
  return lrc::combine(builder, loc, fn, a, b);
}

/// One number of all lanes of a vector.
Value BlockNest::combineVector(tile::Combine fn, Value vector) {
  emitter.innermost();
  Value result = vector::ExtractOp::create(builder, loc, vector, 0);
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (int64_t lane = 1; lane < lanes; ++lane)
    result = combine(fn, result,
                     vector::ExtractOp::create(builder, loc, vector, lane));
  return result;
}

Value BlockNest::neutral(tile::Combine fn, Type type) {
  double value = neutralOf(fn);
  Type element = type;
  auto vector = dyn_cast<VectorType>(type);
  if (vector)
    element = vector.getElementType();
  TypedAttr attribute = builder.getFloatAttr(element, value);
  if (vector)
    attribute = DenseElementsAttr::get(vector, attribute);
  return arith::ConstantOp::create(builder, loc, attribute);
}

Value BlockNest::shuffle(Value value, int64_t distance) {
  Type i32 = builder.getI32Type();
  auto exchange = [&](Value word) -> Value {
    return NVVM::ShflOp::create(builder, loc, i32, constant32(-1), word,
                                constant32(distance), constant32(31),
                                NVVM::ShflKind::bfly, UnitAttr());
  };
  if (value.getType().isF32())
    return arith::BitcastOp::create(
        builder, loc, value.getType(),
        exchange(arith::BitcastOp::create(builder, loc, i32, value)));
  // Two words of an f64.
  auto words = VectorType::get(2, i32);
  Value both = LLVM::BitcastOp::create(builder, loc, words, value);
  for (int64_t part : {0, 1}) {
    Value word = vector::ExtractOp::create(builder, loc, both, part);
    both = vector::InsertOp::create(builder, loc, exchange(word), both, part);
  }
  return LLVM::BitcastOp::create(builder, loc, value.getType(), both);
}

Value BlockNest::shuffleUp(Value value, int64_t distance) {
  Type i32 = builder.getI32Type();
  // The clamp of shfl.up: segments of 16 lanes begin anew.
  constexpr int64_t segments = (32 - 16) << 8;
  return arith::BitcastOp::create(
      builder, loc, value.getType(),
      NVVM::ShflOp::create(builder, loc, i32, constant32(-1),
                           arith::BitcastOp::create(builder, loc, i32, value),
                           constant32(distance), constant32(segments),
                           NVVM::ShflKind::up, UnitAttr()));
}

Value BlockNest::combineLanes(tile::Combine fn, Value value, int64_t lanes,
                              int64_t stride) {
  emitter.innermost();
  for (int64_t distance = stride; distance < stride * lanes; distance *= 2)
    value = combine(fn, value, shuffle(value, distance));
  return value;
}
