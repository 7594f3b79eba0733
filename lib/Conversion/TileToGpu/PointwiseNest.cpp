//===- PointwiseNest.cpp - Tiles that are computed element by element -----===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockNests.h"

using namespace mlir;
using namespace lrc;

namespace {
class PointwiseNest : BlockNest {
public:
  using BlockNest::BlockNest;

  /// Runs `body` at all positions of a tile of `sizes`, up to `widest` along
  /// the last axis at a time.
  void run(ArrayRef<int64_t> sizes, int64_t widest,
           llvm::function_ref<void(ArrayRef<Subscript>)> body);
  /// The same in two parts: `compute` at some positions, then `take` at each.
  void run(ArrayRef<int64_t> sizes, int64_t widest,
           llvm::function_ref<Value(ArrayRef<Subscript>)> compute,
           llvm::function_ref<void(ArrayRef<Subscript>, Value)> take);

  void keep(Value tile);
  void write(tile::StoreOp op);
  void copy(Value tile, const Storage &target);
  void move(ArrayRef<int64_t> sizes, const Storage &source,
            const Storage &target);
};
} // namespace

/// Elements that a thread takes at a time: as many as one access moves, where
/// threads do not run out of work.
static int64_t chooseWidth(ArrayRef<int64_t> sizes, int64_t count,
                           int64_t threads, int64_t widest) {
  if (sizes.empty())
    return 1;
  for (int64_t width = widest; width > 1; width /= 2)
    if (sizes.back() % width == 0 && count / width >= threads)
      return width;
  return 1;
}

void PointwiseNest::run(ArrayRef<int64_t> sizes, int64_t widest,
                        llvm::function_ref<void(ArrayRef<Subscript>)> body) {
  run(
      sizes, widest,
      [&](ArrayRef<Subscript> at) {
        body(at);
        return Value();
      },
      [](ArrayRef<Subscript>, Value) {});
}

void PointwiseNest::run(
    ArrayRef<int64_t> sizes, int64_t widest,
    llvm::function_ref<Value(ArrayRef<Subscript>)> compute,
    llvm::function_ref<void(ArrayRef<Subscript>, Value)> take) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  int64_t width = chooseWidth(sizes, count, context.item.getThreads(), widest);
  SmallVector<int64_t> vectors(sizes);
  if (width > 1)
    vectors.back() /= width;
  emitter.setVector(width, {});
  auto placeOf = [&](Value index) {
    emitter.innermost();
    SmallVector<Subscript> at = split(index, vectors);
    if (width > 1) {
      Subscript &last = at.back();
      last.base = builder.createOrFold<arith::MulIOp>(loc, last.base,
                                                      emitter.constant(width));
      emitter.setLevel(last.base);
      last.vector = true;
    }
    return at;
  };
  constexpr int64_t atOnce = 2;
  forEachIndices(count / width, atOnce, [&](ArrayRef<Value> indices) {
    SmallVector<std::pair<SmallVector<Subscript>, Value>> computed;
    for (Value index : indices) {
      SmallVector<Subscript> at = placeOf(index);
      Value value = compute(at);
      computed.push_back({std::move(at), value});
    }
    for (auto &[at, value] : computed)
      take(at, value);
  });
}

void PointwiseNest::keep(Value tile) {
  // What is moved alone is moved as wide as memory is.
  bool isMove = tile.getDefiningOp<tile::LoadOp>();
  constexpr int64_t accessBits = 128;
  int64_t widest =
      isMove ? accessBits / elementOf(tile).getIntOrFloatBitWidth() : 4;
  // Forms for tensor cores are written as wide.
  auto targets = context.targets.find(tile);
  bool isForm = targets != context.targets.end() &&
                llvm::all_of(targets->second, [](const Storage &target) {
                  return target.element.isBF16();
                });
  if (isForm)
    widest = accessBits / 16;
  run(
      shapeOf(tile), widest,
      [&](ArrayRef<Subscript> at) { return emitter.compute(tile, at); },
      [&](ArrayRef<Subscript> at, Value value) { finish(tile, value, at); });
}

void PointwiseNest::write(tile::StoreOp op) {
  run(shapeOf(op.getTile()), 4, [&](ArrayRef<Subscript> at) {
    store(op, emitter.emit(op.getTile(), at), at);
  });
}

void PointwiseNest::copy(Value tile, const Storage &target) {
  run(shapeOf(tile), 4, [&](ArrayRef<Subscript> at) {
    Value value = emitter.emit(tile, at);
    emitter.innermost();
    emitter.store(convertTo(value, target.element), target, at);
  });
}

void PointwiseNest::move(ArrayRef<int64_t> sizes, const Storage &source,
                         const Storage &target) {
  run(sizes, 4, [&](ArrayRef<Subscript> at) {
    emitter.innermost();
    emitter.store(emitter.load(source, at), target, at);
  });
}

void lrc::emitPointwise(BlockContext &context, Value tile) {
  PointwiseNest(context).keep(tile);
}

void lrc::emitStore(BlockContext &context, tile::StoreOp op) {
  PointwiseNest(context).write(op);
}

void lrc::emitCopy(BlockContext &context, Value tile, const Storage &target) {
  PointwiseNest(context).copy(tile, target);
}

void lrc::emitMove(BlockContext &context, ArrayRef<int64_t> sizes,
                   const Storage &source, const Storage &target) {
  PointwiseNest(context).move(sizes, source, target);
}

void lrc::emitInterleave(BlockContext &context, tile::InterleaveOp op) {
  int64_t count = op.getParts().size();
  for (const Storage &whole : context.targets[op.getResult()])
    for (auto [index, part] : llvm::enumerate(op.getParts())) {
      Storage target = whole;
      int64_t &stride = target.strides[op.getAxis()];
      target.pointer = LLVM::GEPOp::create(
          context.builder, context.loc, whole.pointer.getType(), whole.element,
          whole.pointer,
          ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(index * stride)});
      stride *= count;
      target.alignment = 0;
      emitCopy(context, part, target);
    }
}
