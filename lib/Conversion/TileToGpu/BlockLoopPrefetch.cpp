//===- BlockLoopPrefetch.cpp - Inputs of the next chunk -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

/// Whether tensor cores read a tile.
bool BlockLoop::isFormed(Value tile) const {
  return llvm::any_of(
      nests, [&](const Nest &nest) { return nest.op && nest.readsForm(tile); });
}

/// Loads that are made a chunk ahead are no nests.
void BlockLoop::takePrefetches() {
  const GpuShape &shape = context.item.getShape();
  if (shape.prefetching == Prefetching::None || !context.plan.isChunked(loop))
    return;
  llvm::erase_if(nests, [&](const Nest &nest) {
    auto load = dyn_cast_or_null<tile::LoadOp>(nest.op);
    if (!load || prefetchBytes(load, shape) == 0 ||
        (isFormed(load) && !elementOf(load).isBF16()))
      return false;
    prefetches.push_back({load, {}});
    return true;
  });
}

/// What the last nests read has two places; the others may have one, and are
/// loaded again as soon as nothing reads them any more.
void BlockLoop::placePrefetches() {
  int64_t last = nests.empty() ? start : nests.back().time;
  for (Prefetch &prefetch : prefetches) {
    Value tile = prefetch.op.getResult();
    prefetch.lastUse = start;
    for (const Nest &nest : nests)
      for (const Nest::Read &read : nest.reads)
        if (read.tile == tile)
          prefetch.lastUse = std::max(prefetch.lastUse, nest.time);
    bool needsTwo =
        prefetch.lastUse >= last || prefetch.ahead == 2 ||
        context.item.getShape().prefetching == Prefetching::TwoPlaces;
    if (hasTeams())
      placeForTeams(prefetch);
    else
      prefetch.places = needsTwo ? 2 : 1;
    // It arrives before the loop begins, and is there until it ends.
    prefetch.storage = makeBlockStorage(context.item, tile, elementOf(tile),
                                        {start - 1, end}, prefetch.places);
    context.frame.storage[tile] = prefetch.storage;
  }
  spreadStarts(last);
}

/// Copies that have a place of their own start beside different nests: many at
/// once would wait for each other.
void BlockLoop::spreadStarts(int64_t last) {
  int64_t count = llvm::count_if(prefetches, [](const Prefetch &prefetch) {
    return prefetch.hasPlaces();
  });
  int64_t times = last - start + 1;
  int64_t index = 0;
  for (Prefetch &prefetch : prefetches)
    if (prefetch.hasPlaces())
      prefetch.startTime = start + index++ * times / count;
}

/// The place of the chunk that is `further` chunks behind this one.
Value BlockLoop::placeIndex(int64_t places, int64_t further) const {
  if (places == 3)
    return further == 0 ? turn : nextTurn;
  return further % 2 == 0 ? parity : nextPlace;
}

/// Which places this chunk and the next have. 32 bits are enough, and cost
/// less.
void BlockLoop::countPlaces(Value count) {
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI32IntegerAttr(value));
  };
  Value few =
      arith::TruncIOp::create(builder, loc, builder.getI32Type(), count);
  parity = arith::AndIOp::create(builder, loc, few, number(1));
  nextPlace = arith::SubIOp::create(builder, loc, number(1), parity);
  turn = arith::RemUIOp::create(builder, loc, few, number(3));
  Value isLast = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       turn, number(2));
  Value following = arith::AddIOp::create(builder, loc, turn, number(1));
  nextTurn =
      arith::SelectOp::create(builder, loc, isLast, number(0), following);
}

/// Finds what has several places in the one that was filled for this iteration.
void BlockLoop::selectPlaces(Value iteration) {
  if (prefetches.empty() && twoForms.empty() && handed.empty() &&
      aheadNests.empty())
    return;
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  Value step = context.frame.indices.lookup(loop.getStep());
  Value upper = context.frame.indices.lookup(loop.getUpperBound());
  Value next = arith::AddIOp::create(builder, loc, iteration, step);
  nextChunk = next;
  Value count = arith::DivSIOp::create(builder, loc, iteration, step);
  countPlaces(count);
  Value begin = iteration;
  for (Value &exists : existsAfter) {
    exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                                   begin, upper);
    begin = arith::AddIOp::create(builder, loc, begin, step);
  }
  for (Prefetch &prefetch : prefetches) {
    prefetch.issued = false;
    Value tile = prefetch.op.getResult();
    Storage place = prefetch.storage;
    if (prefetch.hasPlaces())
      place = placeOf(place, placeElements(place, tile),
                      placeIndex(prefetch.places, 0));
    context.frame.storage[tile] = place;
    if (context.forms.count(tile))
      context.forms[tile] = place;
  }
  for (const AheadTile &each : aheadTiles)
    context.targets[each.tile] = {
        placeOf(each.storage, placeElements(each.storage, each.tile),
                placeIndex(each.places, 1))};
  selectAhead(0);
  selectHanded();
  for (const auto &[state, storage] : twoForms) {
    int64_t elements = placeElements(storage, state);
    context.forms[state] = placeOf(storage, elements, parity);
    for (auto [other, next] : inRegisters)
      if (other == state)
        context.targets[next] = {placeOf(storage, elements, nextPlace)};
  }
}

/// Starts the load of the chunk that is `prefetch.ahead` chunks behind this
/// one.
void BlockLoop::issue(Prefetch &prefetch) {
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  prefetch.issued = true;
  Value tile = prefetch.op.getResult();
  Storage target = prefetch.storage;
  if (prefetch.hasPlaces())
    target = placeOf(target, placeElements(target, tile),
                     placeIndex(prefetch.places, prefetch.ahead));
  int64_t rows = prefetch.ahead * shapeOf(tile)[0];
  auto branch = scf::IfOp::create(builder, loc, existsAfter[prefetch.ahead]);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  emitPrefetch(context, prefetch.op, target, rows);
  builder.setInsertionPointToEnd(inside);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(branch);
}

/// Loads what is needed two chunks ahead of the second chunk, if there is one.
void BlockLoop::startSecondLoads(Value lower, Value upper) {
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  Value step = context.frame.indices.lookup(loop.getStep());
  Value second = arith::AddIOp::create(builder, loc, lower, step);
  Value exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                                       second, upper);
  auto branch = scf::IfOp::create(builder, loc, exists);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  for (const Prefetch &prefetch : prefetches) {
    if (prefetch.ahead < 2)
      continue;
    Storage place = prefetch.storage;
    place.offset += placeElements(place, prefetch.getTile());
    emitPrefetch(context, prefetch.op, place, shapeOf(prefetch.getTile())[0]);
    builder.setInsertionPointToEnd(inside);
  }
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(branch);
}

/// Loads the first chunk, before the loop.
void BlockLoop::startLoads() {
  if (prefetches.empty())
    return;
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  Value lower = context.frame.indices.lookup(loop.getLowerBound());
  Value upper = context.frame.indices.lookup(loop.getUpperBound());
  context.frame.indices[loop.getInductionVar()] = lower;
  context.item.findAddresses(loop, context.frame);
  Value any = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                                    lower, upper);
  auto branch = scf::IfOp::create(builder, loc, any);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  // What carriers alone read comes later.
  for (Prefetch &prefetch : prefetches)
    if (prefetch.ahead > 0) {
      emitPrefetch(context, prefetch.op, prefetch.storage, 0);
      builder.setInsertionPointToEnd(inside);
    }
  startSecondLoads(lower, upper);
  emitPrefetchWait(context);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(branch);
  // The loop finds those of its iterations.
  context.frame.stepAddresses.clear();
}
