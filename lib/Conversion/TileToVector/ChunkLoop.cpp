//===- ChunkLoop.cpp - A loop over chunks of steps ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/ChunkLoop.h"

#include "lib/Conversion/TileToVector/Prefetch.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

ChunkLoop::ChunkLoop(RowContext &context, Buffers &buffers, WorkItem &item,
                     scf::ForOp loop)
    : context(context), buffers(buffers), item(item), loop(loop) {
  findNests();
  joinStores();
  chooseLayouts();
  placeStates();
  placeTiles();
}

//===----------------------------------------------------------------------===//
// Nests and what they read
//===----------------------------------------------------------------------===//

static AffineMap identityOf(Value tile) {
  return AffineMap::getMultiDimIdentityMap(shapeOf(tile).size(),
                                           tile.getContext());
}

/// Adds what computing `tile` reads. In the `sameSpace` a position of the tile
/// is one of what the nest writes.
void ChunkLoop::addReads(Nest &nest, Value tile, bool sameSpace) const {
  SmallVector<TileRead> reads;
  context.plan.collectReads(tile, identityOf(tile), reads);
  for (const TileRead &read : reads)
    nest.reads.push_back({read.tile, sameSpace && read.map.isIdentity()});
}

void ChunkLoop::findRowReads(Nest &nest) const {
  const Plan &plan = context.plan;
  auto addMemory = [&](Value tile) {
    nest.reads.push_back({plan.viewedTile(tile), false});
  };
  llvm::TypeSwitch<Operation *>(nest.op)
      .Case([&](tile::ProductOp op) {
        addMemory(op.getLhs());
        addMemory(op.getRhs());
        if (op.getInit())
          addReads(nest, op.getInit(), true);
      })
      .Case([&](tile::SolveOp op) {
        addMemory(op.getMatrix());
        addReads(nest, op.getRhs(), true);
        if (op.getScale())
          addReads(nest, op.getScale(), true);
      })
      .Case([&](tile::ScanOp op) {
        for (Value operand : op.getOperands())
          addReads(nest, operand, false);
        op.getBody().walk([&](Operation *inner) {
          for (Value operand : inner->getOperands())
            if (isTile(operand) && operand.getParentRegion() != &op.getBody())
              addReads(nest, operand, false);
        });
      })
      .Case([&](tile::InterleaveOp op) {
        for (Value part : op.getParts())
          addReads(nest, part, false);
      })
      .Default([&](Operation *op) {
        for (Value operand : op->getOperands())
          addMemory(operand);
      });
}

void ChunkLoop::findNests() {
  for (Operation &op : *loop.getBody()) {
    Nest nest;
    nest.op = &op;
    if (auto store = dyn_cast<tile::StoreOp>(op)) {
      nest.root = {Root::Kind::Write, &op, store.getTile(), {}, {}};
      addReads(nest, store.getTile(), true);
    } else if (isRowOp(&op)) {
      for (Value result : op.getResults())
        nest.results.push_back({result, {}, {}});
      findRowReads(nest);
    } else if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
      Value tile = op.getResult(0);
      nest.root = {Root::Kind::Reduce, &op, reduce.getSource(), tile, {}};
      addReads(nest, reduce.getSource(), false);
    } else if (op.getNumResults() == 1 && isTile(op.getResult(0)) &&
               context.plan.isMaterialized(op.getResult(0))) {
      Value tile = op.getResult(0);
      nest.root = {Root::Kind::Keep, &op, tile, tile, {}};
      for (const TileRead &read : findReads(context.plan, nest.root))
        nest.reads.push_back({read.tile, read.map.isIdentity()});
    } else {
      continue;
    }
    nests.push_back(std::move(nest));
  }
}

//===----------------------------------------------------------------------===//
// Stores in the nest of what they store
//===----------------------------------------------------------------------===//

static bool canHaveConsumers(Operation *op) {
  return isa<tile::ProductOp, tile::SolveOp, tile::ScanOp>(op);
}

/// Whether a nest other than `except` and `store` reads a tile, or the next
/// chunk does.
bool ChunkLoop::isReadOutside(Value tile, const Nest &except,
                              const Nest &store) {
  if (llvm::is_contained(loop.getBody()->getTerminator()->getOperands(), tile))
    return true;
  return llvm::any_of(nests, [&](const Nest &nest) {
    if (&nest == &except || &nest == &store)
      return false;
    bool reads = llvm::any_of(
        nest.reads, [&](const Nest::Read &read) { return read.tile == tile; });
    // A store that has joined a nest reads there.
    for (const RowResult &result : nest.results)
      for (const Root &root : result.consumers) {
        Nest joined;
        addReads(joined, root.source, true);
        for (const Nest::Read &read : joined.reads)
          reads |= read.tile == tile;
      }
    return reads;
  });
}

bool ChunkLoop::joinStore(const Nest &store, size_t index) {
  // A tile without lanes is stored by one of the blocks only.
  if (context.plan.getLaneAxis(store.root.source) < 0 && item.isFirstBlock())
    return false;
  Nest *producer = nullptr;
  RowResult *joined = nullptr;
  for (size_t i = 0; i < index; ++i)
    for (RowResult &result : nests[i].results)
      for (const Nest::Read &read : store.reads)
        if (read.tile == result.tile) {
          producer = &nests[i];
          joined = &result;
        }
  // Later nests than the producer must not be needed.
  if (!producer || !canHaveConsumers(producer->op))
    return false;
  for (const Nest::Read &read : store.reads) {
    bool own = llvm::any_of(producer->results, [&](const RowResult &result) {
      return result.tile == read.tile;
    });
    if (own && !read.same)
      return false;
    for (Nest &nest : nests)
      if (&nest > producer && nest.root.result == read.tile && nest.root.result)
        return false;
  }
  joined->consumers.push_back(store.root);
  producer->reads.append(store.reads);
  return true;
}

void ChunkLoop::joinStores() {
  for (size_t index = 0; index < nests.size(); ++index)
    if (nests[index].root.kind == Root::Kind::Write &&
        nests[index].results.empty() && joinStore(nests[index], index)) {
      nests.erase(nests.begin() + index);
      --index;
    }
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// Whether the nest may write its result over a state: nobody reads the state
/// later, and the nest only where it writes.
bool ChunkLoop::canOverwrite(Value state, size_t writer) const {
  for (size_t index = writer; index < nests.size(); ++index)
    for (const Nest::Read &read : nests[index].reads)
      if (read.tile == state && (index != writer || !read.same))
        return false;
  return true;
}

/// The next value of a state that no nest of its own computes.
void ChunkLoop::placeCopy(Value state, Value next) {
  Nest copy;
  copy.root = {Root::Kind::Copy, nullptr, next, {}, {}};
  addReads(copy, next, false);
  copy.root.target = buffers.make(state);
  commits.push_back({copy.root.target, context.frame.storage[state],
                     buffers.countBytes(state)});
  nests.push_back(std::move(copy));
}

void ChunkLoop::placeStates() {
  llvm::DenseMap<Value, Value> computed;
  llvm::DenseSet<Value> made;
  for (Nest &nest : nests) {
    made.insert(nest.root.result);
    for (RowResult &result : nest.results)
      made.insert(result.tile);
  }
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    if (next != state &&
        !(made.contains(next) && computed.insert({next, state}).second))
      placeCopy(state, next);
  for (size_t index = 0; index < nests.size(); ++index) {
    Nest &nest = nests[index];
    auto place = [&](Value tile, Storage &target) {
      auto found = computed.find(tile);
      if (!tile || found == computed.end())
        return;
      Storage home = context.frame.storage[found->second];
      bool inPlace = canOverwrite(found->second, index);
      target = inPlace ? home : buffers.make(tile);
      context.frame.storage[tile] = target;
      if (!inPlace)
        commits.push_back({target, home, buffers.countBytes(tile)});
    };
    place(nest.root.result, nest.root.target);
    for (RowResult &result : nest.results)
      place(result.tile, result.target);
  }
}

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

/// Whether nothing but row ops reads the tile, each of them in memory.
bool ChunkLoop::isReadByRowOpsOnly(Value tile) const {
  for (Operation *user : tile.getUsers()) {
    auto access = dyn_cast<tile::AccessOp>(user);
    if (access && context.plan.viewedTile(access) == tile) {
      if (!isReadByRowOpsOnly(access))
        return false;
      continue;
    }
    bool inMemory = isa<tile::DecayedProductOp, tile::DecayedApplyOp>(user);
    if (auto product = dyn_cast<tile::ProductOp>(user))
      inMemory = product.getInit() != tile;
    if (!inMemory)
      return false;
  }
  return true;
}

void ChunkLoop::chooseLayouts() {
  SmallVector<FormRequest> requests;
  for (Nest &nest : nests)
    if (!nest.results.empty())
      llvm::append_range(requests, requestForms(nest.op, context.plan));
  for (const FormRequest &request : requests) {
    bool isKept = llvm::any_of(nests, [&](const Nest &nest) {
      return nest.root.kind == Root::Kind::Keep &&
             nest.root.result == request.tile;
    });
    if (isKept && isReadByRowOpsOnly(request.tile) &&
        innermost.insert({request.tile, request.axis}).second)
      continue;
    if (innermost.lookup_or(request.tile, -1) == request.axis)
      continue;
    Storage &form = context.forms[{request.tile, request.axis}];
    if (!form.pointer)
      form = buffers.make(request.tile, request.axis);
  }
}

void ChunkLoop::placeTiles() {
  auto place = [&](Value tile, Storage &target, bool needed) {
    if (!tile || target.pointer || !needed)
      return;
    target = buffers.make(tile, innermost.lookup_or(tile, -1));
    context.frame.storage[tile] = target;
  };
  for (Nest &nest : nests) {
    place(nest.root.result, nest.root.target, true);
    for (RowResult &result : nest.results) {
      bool needed = result.consumers.empty() || nest.results.size() > 1 ||
                    isa<tile::SolveOp>(nest.op) ||
                    isReadOutside(result.tile, nest, nest);
      for (const auto &[key, form] : context.forms)
        needed |= key.first == result.tile;
      place(result.tile, result.target, needed);
    }
  }
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void ChunkLoop::emitForms(Value tile) {
  Block *block = context.builder.getInsertionBlock();
  for (auto &[key, form] : context.forms) {
    if (key.first != tile)
      continue;
    emitForm(context, tile, key.second, form);
    context.builder.setInsertionPointToEnd(block);
  }
}

/// Whether a tile is a state, or a nest of the loop makes it.
bool ChunkLoop::isMadeInLoop(Value tile) const {
  if (isa<BlockArgument>(tile))
    return true;
  return llvm::any_of(nests, [&](const Nest &nest) {
    return nest.root.result == tile ||
           llvm::any_of(nest.results, [&](const RowResult &result) {
             return result.tile == tile;
           });
  });
}

void ChunkLoop::emitBefore() {
  llvm::SetVector<Value> tiles;
  for (auto &[key, form] : context.forms)
    if (!isMadeInLoop(key.first))
      tiles.insert(key.first);
  for (Value tile : tiles)
    emitForms(tile);
}

void ChunkLoop::emitNest(Nest &nest) {
  if (nest.results.empty()) {
    Root &root = nest.root;
    int64_t axis = innermost.lookup_or(root.result, -1);
    if (axis < 0 || !emitComputedForm(context, root.result, axis, root.target))
      emitPointwise(context, root);
    return;
  }
  RowResult &result = nest.results.front();
  llvm::TypeSwitch<Operation *>(nest.op)
      .Case([&](tile::ProductOp op) { emitProduct(context, op, result); })
      .Case([&](tile::SolveOp op) { emitSolve(context, op, result); })
      .Case([&](tile::DecayedProductOp op) {
        emitDecayedProduct(context, op, result);
      })
      .Case([&](tile::DecayedApplyOp op) {
        emitDecayedApply(context, op, result);
      })
      .Case([&](tile::ScanOp op) { emitScan(context, op, nest.results); })
      .Case(
          [&](tile::InterleaveOp op) { emitInterleave(context, op, result); });
}

/// A store of a tile without lanes belongs to the first block.
void ChunkLoop::emitGuarded(Nest &nest) {
  OpBuilder &builder = context.builder;
  Value guard = item.isFirstBlock();
  if (nest.root.kind != Root::Kind::Write || !guard ||
      context.plan.getLaneAxis(nest.root.source) >= 0)
    return emitNest(nest);
  auto branch = scf::IfOp::create(builder, context.loc, guard);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  emitNest(nest);
  builder.setInsertionPointToEnd(inside);
  scf::YieldOp::create(builder, context.loc);
}

void ChunkLoop::emitBody() {
  OpBuilder &builder = context.builder;
  Block *block = builder.getInsertionBlock();
  for (Value state : loop.getRegionIterArgs())
    emitForms(state);
  RowsAhead ahead(loop);
  int64_t count = nests.size(), parts = std::min<int64_t>(count, 8);
  for (auto [index, nest] : llvm::enumerate(nests)) {
    builder.setInsertionPointToEnd(block);
    bool startsPart = int64_t(index) * parts % count < parts;
    if (startsPart)
      ahead.emit(int64_t(index) * parts / count, parts, context.frame, item,
                 builder);
    builder.setInsertionPointToEnd(block);
    emitGuarded(nest);
    builder.setInsertionPointToEnd(block);
    emitForms(nest.root.result);
    for (RowResult &result : nest.results)
      emitForms(result.tile);
  }
  builder.setInsertionPointToEnd(block);
  for (const Commit &commit : commits)
    item.copy(commit.to.pointer, commit.from.pointer, commit.bytes);
}
