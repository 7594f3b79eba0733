//===- BlockLoopAhead.cpp - What is computed a chunk ahead ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One number for each step, such as a decay, its products with those before it,
// their table: little to compute, but each waits for the one before, and
// products of matrices wait for all. None needs a state. They are computed for
// the next chunk beside the last nests of this one, or of preparers' others
// (BlockLoopTeams.cpp), from inputs that are loaded a chunk sooner.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

/// Whether all that a nest makes is one number for each step, or a table of
/// their products.
static bool isSmall(ValueRange results) {
  return llvm::all_of(results,
                      [](Value tile) { return shapeOf(tile).size() <= 1; });
}

bool BlockLoop::mayRunAhead(const Nest &nest) const {
  if (!nest.op || !nest.overwrites.empty() || !nest.operands.empty() ||
      isa<tile::StoreOp, tile::LoadOp>(nest.op) || !isSmall(nest.results))
    return false;
  return llvm::none_of(nest.results, [&](Value tile) {
    return context.stores.count(tile) || shapeOf(tile).empty();
  });
}

/// The nests that need nothing but each other and inputs that only they read;
/// by index.
llvm::DenseSet<size_t>
BlockLoop::findAhead(const std::vector<Nest> &list) const {
  llvm::DenseSet<size_t> ahead;
  for (auto [index, nest] : llvm::enumerate(list))
    if (mayRunAhead(nest))
      ahead.insert(index);
  auto isInput = [&](Value tile) {
    return shapeOf(tile).size() == 1 &&
           llvm::any_of(prefetches, [&](const Prefetch &prefetch) {
             return prefetch.getTile() == tile;
           });
  };
  auto isInvariant = [&](Value tile) {
    return !scf::ForOp(loop)->isAncestor(tile.getParentBlock()->getParentOp());
  };
  for (bool changed = true; changed;) {
    changed = false;
    // What a nest that is not ahead reads of inputs, and what is made ahead.
    llvm::DenseSet<Value> readLater, made;
    auto addReads = [&](const Nest &nest) {
      for (const Nest::Read &read : nest.reads)
        readLater.insert(read.tile);
    };
    for (auto [index, nest] : llvm::enumerate(list)) {
      if (ahead.contains(index))
        made.insert(nest.results.begin(), nest.results.end());
      else
        addReads(nest);
    }
    if (hasTeams())
      llvm::for_each(nests, addReads);
    for (auto [index, nest] : llvm::enumerate(list)) {
      bool stays = llvm::all_of(nest.reads, [&](const Nest::Read &read) {
        return made.contains(read.tile) || isInvariant(read.tile) ||
               (isInput(read.tile) && !readLater.contains(read.tile));
      });
      if (ahead.contains(index) && !stays) {
        ahead.erase(index);
        changed = true;
      }
    }
  }
  return ahead;
}

/// Whether a nest makes numbers of inputs alone, one by one.
bool BlockLoop::canRecompute(const Nest &maker) const {
  return !maker.makesTable && !isRowOp(maker.op) &&
         !isa<tile::ReduceOp>(maker.op) && maker.results.size() == 1 &&
         maker.level == 0 && maker.recomputed.empty();
}

/// Takes those nests out of the order, with how many others each waits for.
void BlockLoop::takeAhead(std::vector<Nest> &list) {
  if (context.item.getShape().prefetching == Prefetching::None ||
      !context.plan.isChunked(loop))
    return;
  llvm::DenseSet<size_t> ahead = findAhead(list);
  std::vector<Nest> rest;
  llvm::DenseMap<Value, int64_t> levels;
  for (auto [index, nest] : llvm::enumerate(list)) {
    if (!ahead.contains(index)) {
      rest.push_back(std::move(nest));
      continue;
    }
    nest.isAhead = true;
    for (const Nest::Read &read : nest.reads)
      if (auto known = levels.find(read.tile); known != levels.end()) {
        auto maker = llvm::find_if(aheadNests, [&](const Nest &other) {
          return llvm::is_contained(other.results, read.tile);
        });
        if (canRecompute(*maker))
          nest.recomputed.push_back(read.tile);
        else
          nest.level = std::max(nest.level, known->second + 1);
      } else
        for (Prefetch &prefetch : prefetches)
          if (prefetch.getTile() == read.tile)
            prefetch.ahead = 2;
    for (Value result : nest.results)
      levels[result] = nest.level;
    aheadNests.push_back(std::move(nest));
  }
  list = std::move(rest);
  // What is computed again everywhere needs no place.
  llvm::erase_if(aheadNests, [&](const Nest &nest) {
    return !nest.makesTable && llvm::none_of(nest.results, [&](Value result) {
      auto reads = [&](const Nest &other) {
        return llvm::any_of(other.reads, [&](const Nest::Read &read) {
          return read.tile == result &&
                 !llvm::is_contained(other.recomputed, result);
        });
      };
      return llvm::any_of(aheadNests, reads) || llvm::any_of(list, reads) ||
             (hasTeams() && llvm::any_of(nests, reads));
    });
  });
  llvm::stable_sort(aheadNests, [](const Nest &a, const Nest &b) {
    return a.level < b.level;
  });
}

/// Puts them among the last nests: each where threads have waited since what it
/// reads was written. False if there are too few times to wait.
bool BlockLoop::placeAhead() {
  int64_t levels = 0;
  for (const Nest &nest : aheadNests)
    levels = std::max(levels, nest.level + 1);
  int64_t last = nests.empty() ? start : nests.back().time;
  for (Nest &nest : aheadNests) {
    nest.time = last - (levels - 1) + nest.level;
    bool hasOthers = llvm::any_of(
        nests, [&](const Nest &other) { return other.time == nest.time; });
    if (!hasOthers)
      return false;
    // A table has one place.
    for (const Nest &reader : nests)
      if (nest.makesTable && reader.decay == nest.decay &&
          reader.time >= nest.time)
        return false;
  }
  // First, so that others need not wait for them at the end.
  for (const Nest &nest : llvm::reverse(aheadNests)) {
    auto first = llvm::find_if(
        nests, [&](const Nest &other) { return other.time == nest.time; });
    bool waits = std::exchange(first->waits, false);
    nests.insert(first, nest)->waits = waits;
  }
  return true;
}

/// Decides when threads wait, with what can be ahead or without.
void BlockLoop::placeTimes() {
  if (hasTeams())
    return placeTeamTimes();
  std::vector<Nest> inOrder = nests;
  takeAhead(nests);
  placeWaits(nests);
  if (placeAhead())
    return;
  aheadNests.clear();
  for (Prefetch &prefetch : prefetches)
    prefetch.ahead = 1;
  nests = std::move(inOrder);
  placeWaits(nests);
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

/// What is `which` times so many elements behind `storage`.
Storage BlockLoop::placeOf(const Storage &storage, int64_t elements,
                           Value which) {
  OpBuilder &builder = context.builder;
  Storage place = storage;
  Value offset = arith::MulIOp::create(
      builder, context.loc, which,
      arith::ConstantOp::create(builder, context.loc,
                                builder.getI32IntegerAttr(elements)));
  place.pointer = LLVM::GEPOp::create(
      builder, context.loc, place.pointer.getType(), place.element,
      place.pointer, ArrayRef<LLVM::GEPArg>{offset});
  return place;
}

/// Elements between two places of a tile.
int64_t BlockLoop::placeElements(const Storage &storage, Value tile) {
  return shapeOf(tile).empty() ? 1 : shapeOf(tile)[0] * storage.strides[0];
}

/// Lets nests that run ahead, or the others, find what was made ahead.
void BlockLoop::selectAhead(int64_t further) {
  for (const AheadTile &each : aheadTiles)
    context.frame.storage[each.tile] =
        placeOf(each.storage, placeElements(each.storage, each.tile),
                placeIndex(each.places, further));
}

void BlockLoop::emitAhead(Nest &nest) {
  selectAhead(1);
  for (const Prefetch &prefetch : prefetches)
    if (prefetch.ahead == 2)
      context.frame.storage[prefetch.getTile()] = placeOf(
          prefetch.storage, placeElements(prefetch.storage, prefetch.getTile()),
          nextPlace);
  // Times are those of the next chunk.
  auto indices = context.frame.indices;
  context.frame.indices[loop.getInductionVar()] = nextChunk;
  context.item.lowerIndices(loop.getBody(), context.frame);
  emitNest(nest);
  context.frame.indices = std::move(indices);
  selectAhead(0);
}

/// What the first chunk needs, before the loop.
void BlockLoop::emitFirstAhead() {
  context.frame.indices[loop.getInductionVar()] =
      context.frame.indices.lookup(loop.getLowerBound());
  context.item.lowerIndices(loop.getBody(), context.frame);
  int64_t level = 0;
  for (Nest &nest : aheadNests) {
    if (nest.level > level)
      context.item.barrier();
    level = std::max(level, nest.level);
    emitNest(nest);
  }
}
