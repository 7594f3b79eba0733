//===- BlockLoop.cpp - A loop over time by a block of threads -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

Storage lrc::makeBlockStorage(BlockItem &item, Value tile, Type element,
                              const Lifetime &lifetime) {
  constexpr int64_t accessBytes = 16;
  // Rows that are a multiple of all banks long would begin in the same bank.
  constexpr int64_t bankBytes = 128;
  Storage storage;
  storage.element = element;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  ArrayRef<int64_t> shape = shapeOf(tile);
  storage.strides.assign(shape.size(), 1);
  int64_t stride = shape.empty() ? 1 : shape.back();
  int64_t row = stride * bytes;
  storage.alignment = std::min(accessBytes, row & -row);
  if (shape.size() > 1 && row % bankBytes == 0)
    stride += accessBytes / bytes;
  for (int64_t axis = int64_t(shape.size()) - 2; axis >= 0; --axis) {
    storage.strides[axis] = stride;
    stride *= shape[axis];
  }
  storage.pointer = item.allocate(stride * bytes, lifetime);
  return storage;
}

BlockLoop::BlockLoop(BlockContext &context, scf::ForOp loop, int64_t start)
    : context(context), loop(loop), end(start) {
  findNests();
  joinStores();
  placeStates();
  placeWaits();
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
void BlockLoop::addReads(Nest &nest, Value tile, bool sameSpace) const {
  SmallVector<TileRead> reads;
  context.plan.collectReads(tile, identityOf(tile), reads);
  for (const TileRead &read : reads)
    nest.reads.push_back({read.tile, sameSpace && read.map.isIdentity()});
}

void BlockLoop::addRowReads(Nest &nest) const {
  auto addAll = [&](ValueRange operands, bool sameSpace) {
    for (Value operand : operands)
      if (operand && isTile(operand))
        addReads(nest, operand, sameSpace);
  };
  llvm::TypeSwitch<Operation *>(nest.op)
      .Case([&](tile::ProductOp op) {
        addAll({op.getLhs(), op.getRhs()}, false);
        addAll({op.getInit()}, true);
      })
      .Case([&](tile::SolveOp op) {
        addAll({op.getMatrix()}, false);
        addAll({op.getRhs(), op.getScale()}, true);
      })
      .Case([&](tile::ScanOp op) {
        addAll(op.getOperands(), false);
        op.getBody().walk([&](Operation *inner) {
          for (Value operand : inner->getOperands())
            if (isTile(operand) && operand.getParentRegion() != &op.getBody())
              addReads(nest, operand, false);
        });
      })
      .Default([&](Operation *op) { addAll(op->getOperands(), false); });
}

void BlockLoop::findNests() {
  const Plan &plan = context.plan;
  for (Operation &op : *loop.getBody()) {
    Nest nest;
    nest.op = &op;
    if (auto store = dyn_cast<tile::StoreOp>(op)) {
      addReads(nest, store.getTile(), true);
    } else if (isRowOp(&op)) {
      nest.results.assign(op.result_begin(), op.result_end());
      addRowReads(nest);
    } else if (op.getNumResults() == 1 && isTile(op.getResult(0)) &&
               plan.isMaterialized(op.getResult(0))) {
      nest.results.push_back(op.getResult(0));
      bool reduces = isa<tile::ReduceOp>(op);
      SmallVector<TileRead> reads;
      plan.collectOperandReads(
          &op, identityOf(reduces ? op.getOperand(0) : op.getResult(0)), reads);
      for (const TileRead &read : reads)
        nest.reads.push_back({read.tile, !reduces && read.map.isIdentity()});
    } else {
      continue;
    }
    nests.push_back(std::move(nest));
  }
}

//===----------------------------------------------------------------------===//
// Stores in the nest of what they store
//===----------------------------------------------------------------------===//

/// Lets the store `index` join the nest of the tile that it is pointwise in,
/// if all else that it reads is there by then.
bool BlockLoop::joinStore(size_t index) {
  auto store = cast<tile::StoreOp>(nests[index].op);
  if (context.plan.getLaneAxis(store.getTile()) < 0 &&
      context.item.isFirstBlock())
    return false;
  size_t producer = index;
  Value tile;
  for (size_t i = 0; i < index; ++i)
    for (Value result : nests[i].results)
      for (const Nest::Read &read : nests[index].reads)
        if (read.tile == result)
          std::tie(producer, tile) = std::pair(i, result);
  if (!tile || shapeOf(tile) != shapeOf(store.getTile()))
    return false;
  for (const Nest::Read &read : nests[index].reads)
    if (llvm::is_contained(nests[producer].results, read.tile) &&
        (read.tile != tile || !read.same))
      return false;
  context.stores[tile].push_back(store);
  nests[producer].reads.append(nests[index].reads);
  llvm::erase_if(nests[producer].reads,
                 [&](const Nest::Read &read) { return read.tile == tile; });
  return true;
}

void BlockLoop::joinStores() {
  for (size_t index = 0; index < nests.size(); ++index)
    if (isa_and_present<tile::StoreOp>(nests[index].op) && joinStore(index)) {
      nests.erase(nests.begin() + index);
      --index;
    }
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// Whether the nest may write its result over a state: nobody reads the state
/// later, and the nest only where it writes.
bool BlockLoop::canOverwrite(Value state, size_t writer) const {
  for (size_t index = writer; index < nests.size(); ++index)
    for (const Nest::Read &read : nests[index].reads)
      if (read.tile == state && (index != writer || !read.same))
        return false;
  return true;
}

/// Next values are computed over the state, or beside it and copied when all
/// nests have run.
void BlockLoop::placeStates() {
  llvm::DenseMap<Value, size_t> writers;
  for (auto [index, nest] : llvm::enumerate(nests))
    for (Value result : nest.results)
      writers[result] = index;
  llvm::DenseSet<Value> placed;
  std::vector<Nest> before, after;
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands())) {
    if (next == state)
      continue;
    Storage home = context.frame.storage[state];
    auto writer = writers.find(next);
    bool computed = writer != writers.end();
    if (computed && placed.insert(next).second &&
        canOverwrite(state, writer->second)) {
      context.targets[next].push_back(home);
      context.frame.storage[next] = home;
      nests[writer->second].overwrites.push_back(state);
      continue;
    }
    // What reads old values of states, or what two states become, is kept
    // beside them first.
    Nest commit;
    commit.target = home;
    commit.overwrites.push_back(state);
    if (computed) {
      commit.copied = next;
      commit.reads.push_back({next, false});
    } else {
      Nest beside;
      beside.copied = next;
      beside.target =
          makeBlockStorage(context.item, state, elementOf(state));
      addReads(beside, next, false);
      commit.source = beside.target;
      commit.copied = state;
      before.push_back(std::move(beside));
    }
    after.push_back(std::move(commit));
  }
  llvm::move(before, std::back_inserter(nests));
  llvm::move(after, std::back_inserter(nests));
}

//===----------------------------------------------------------------------===//
// Waiting, and lifetimes
//===----------------------------------------------------------------------===//

/// Threads wait before a nest that reads what was written since they waited
/// last, or that overwrites a state that was read since then.
void BlockLoop::placeWaits() {
  llvm::DenseSet<Value> written, read;
  bool commits = false;
  for (Nest &nest : nests) {
    bool isCommit = !nest.op && !nest.overwrites.empty();
    for (const Nest::Read &source : nest.reads)
      nest.waits |= written.contains(source.tile);
    for (Value state : nest.overwrites)
      nest.waits |= read.contains(state) || written.contains(state);
    // Copies beside are all made before the first is copied back.
    nest.waits |= isCommit && !commits;
    commits |= isCommit;
    if (nest.waits) {
      ++end;
      written.clear();
      read.clear();
    }
    nest.time = end;
    for (const Nest::Read &source : nest.reads)
      read.insert(source.tile);
    written.insert(nest.results.begin(), nest.results.end());
    written.insert(nest.overwrites.begin(), nest.overwrites.end());
  }
  ++end;
}

void BlockLoop::placeTiles() {
  llvm::DenseMap<Value, int64_t> lastUse;
  for (const Nest &nest : nests)
    for (const Nest::Read &read : nest.reads)
      lastUse[read.tile] = nest.time;
  for (const Nest &nest : nests)
    for (Value result : nest.results) {
      if (context.frame.storage.count(result))
        continue;
      bool isRead = lastUse.count(result) || isa<tile::SolveOp>(nest.op);
      if (!isRead)
        continue;
      Lifetime lifetime{nest.time,
                        std::max(nest.time, lastUse.lookup(result))};
      Storage storage = makeBlockStorage(context.item, result,
                                         elementOf(result), lifetime);
      context.targets[result].push_back(storage);
      context.frame.storage[result] = storage;
    }
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void lrc::emitBlockNest(BlockContext &context, Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::StoreOp op) { emitStore(context, op); })
      .Case([&](tile::ReduceOp op) { emitReduce(context, op); })
      .Case([&](tile::ProductOp op) { emitProduct(context, op); })
      .Case([&](tile::SolveOp op) { emitSolve(context, op); })
      .Case([&](tile::DecayedProductOp op) { emitDecayedProduct(context, op); })
      .Case([&](tile::DecayedApplyOp op) { emitDecayedApply(context, op); })
      .Case([&](tile::ScanOp op) { emitScan(context, op); })
      .Case([&](tile::InterleaveOp op) { emitInterleave(context, op); })
      .Default([&](Operation *op) { emitPointwise(context, op->getResult(0)); });
}

void BlockLoop::emitNest(Nest &nest) {
  if (nest.waits)
    context.item.barrier();
  if (!nest.op && nest.source.pointer)
    return emitMove(context, shapeOf(nest.copied), nest.source, nest.target);
  if (!nest.op)
    return emitCopy(context, nest.copied, nest.target);
  auto store = dyn_cast<tile::StoreOp>(nest.op);
  Value guard = context.item.isFirstBlock();
  if (!store || !guard || context.plan.getLaneAxis(store.getTile()) >= 0)
    return emitBlockNest(context, nest.op);
  // What has no lanes is stored by the first block.
  OpBuilder &builder = context.builder;
  Block *outside = builder.getInsertionBlock();
  auto branch = scf::IfOp::create(builder, context.loc, guard);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  emitStore(context, store);
  scf::YieldOp::create(builder, context.loc);
  builder.setInsertionPointToEnd(outside);
}

void BlockLoop::emitBody() {
  for (Nest &nest : nests)
    emitNest(nest);
  context.item.barrier();
}
