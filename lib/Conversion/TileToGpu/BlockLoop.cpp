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
                              const Lifetime &lifetime, int64_t copies) {
  return makeBlockStorage(item, shapeOf(tile), element, lifetime, copies);
}

Storage lrc::makeBlockStorage(BlockItem &item, ArrayRef<int64_t> shape,
                              Type element, const Lifetime &lifetime,
                              int64_t copies) {
  // Eight rows are accessed at once, 16 bytes of each: they are in different
  // banks where rows are an odd number of accesses apart.
  constexpr int64_t accessBytes = 16;
  Storage storage;
  storage.element = element;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  storage.strides.assign(shape.size(), 1);
  int64_t stride = shape.empty() ? 1 : shape.back();
  int64_t row = stride * bytes;
  storage.alignment = std::min(accessBytes, row & -row);
  if (shape.size() > 1 && row % (2 * accessBytes) == 0)
    stride += accessBytes / bytes;
  for (int64_t axis = int64_t(shape.size()) - 2; axis >= 0; --axis) {
    storage.strides[axis] = stride;
    stride *= shape[axis];
  }
  storage.pointer = item.allocate(copies * stride * bytes, lifetime,
                                  /*mustBeShared=*/element.isBF16());
  return storage;
}

BlockLoop::BlockLoop(BlockContext &context, scf::ForOp loop, int64_t start)
    : context(context), loop(loop), start(start), end(start) {
  findNests();
  orderNests();
  joinScans();
  joinStores();
  placeStates();
  matchOperands();
  dropUnread();
  joinSums();
  insertTables();
  insertInverses();
  findRegisterStates();
  takePrefetches();
  takePrepared();
  placeTimes();
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
    nest.reads.push_back(
        {read.tile, sameSpace && read.map.isIdentity(), read.map});
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
        nest.reads.push_back(
            {read.tile, !reduces && read.map.isIdentity(), read.map});
    } else {
      continue;
    }
    nests.push_back(std::move(nest));
  }
}

//===----------------------------------------------------------------------===//
// Scans, and what is made of their rows
//===----------------------------------------------------------------------===//

/// Moves some nests before all others, each in the order in which they were.
void BlockLoop::moveFirst(llvm::function_ref<bool(const Nest &)> isFirst) {
  std::vector<Nest> first, rest;
  for (Nest &nest : nests)
    (isFirst(nest) ? first : rest).push_back(std::move(nest));
  nests = std::move(first);
  llvm::move(rest, std::back_inserter(nests));
}

/// Loads come first; reductions as soon as what they read is there; row ops
/// right before what reads them first, so that it may become part of their
/// nest; next values of states that nothing reads last, so that they may be
/// written over the states.
void BlockLoop::orderNests() {
  moveFirst(
      [](const Nest &nest) { return isa_and_present<tile::LoadOp>(nest.op); });
  for (size_t index = nests.size(); index-- > 0;) {
    if (!isa_and_present<tile::ScanOp, tile::ProductOp, tile::SolveOp>(
            nests[index].op))
      continue;
    size_t reader = index + 1;
    auto reads = [&](const Nest &nest) {
      return llvm::any_of(nest.reads, [&](const Nest::Read &read) {
        return llvm::is_contained(nests[index].results, read.tile);
      });
    };
    while (reader < nests.size() && !reads(nests[reader]))
      ++reader;
    if (reader < nests.size())
      std::rotate(nests.begin() + index, nests.begin() + index + 1,
                  nests.begin() + reader);
  }
  for (size_t index = 0; index < nests.size(); ++index) {
    if (!isa<tile::ReduceOp>(nests[index].op))
      continue;
    size_t place = 0;
    for (size_t other = 0; other < index; ++other)
      for (const Nest::Read &read : nests[index].reads)
        if (llvm::is_contained(nests[other].results, read.tile))
          place = other + 1;
    std::rotate(nests.begin() + place, nests.begin() + index,
                nests.begin() + index + 1);
  }
  auto isRead = [&](Value tile) {
    return llvm::any_of(nests, [&](const Nest &nest) {
      return llvm::any_of(nest.reads, [&](const Nest::Read &read) {
        return read.tile == tile;
      });
    });
  };
  moveFirst([&](const Nest &nest) {
    return isa<tile::StoreOp>(nest.op) || llvm::any_of(nest.results, isRead);
  });
}

/// Ops in whose nests what is pointwise in their results can be kept.
static bool hasJoins(Operation *op) {
  return isa_and_present<tile::ScanOp, tile::ProductOp, tile::DecayedProductOp,
                         tile::SolveOp>(op);
}

/// Lets a pointwise tile be kept in the nest of a row op whose results it reads
/// where it is computed, if all else that it reads is there by then.
bool BlockLoop::joinScan(size_t index) {
  Nest &nest = nests[index];
  if (!nest.op || nest.results.size() != 1 || isRowOp(nest.op) ||
      isa<tile::ReduceOp, tile::StoreOp, tile::LoadOp>(nest.op))
    return false;
  size_t producer = index;
  Value tile;
  for (size_t i = 0; i < index; ++i)
    for (Value result : nests[i].results)
      for (const Nest::Read &read : nest.reads)
        if (read.tile == result) {
          if (hasJoins(nests[i].op) && read.same)
            std::tie(producer, tile) = std::pair(i, result);
          else if (producer != index)
            return false; // Something that comes after the scan.
        }
  // Other rows than its own may not be there yet, or not any more.
  for (const Nest::Read &read : nest.reads)
    if (tile && !read.same &&
        llvm::is_contained(nests[producer].results, read.tile))
      return false;
  if (!tile)
    return false;
  context.joined[tile].push_back(nest.results.front());
  nests[producer].results.push_back(nest.results.front());
  for (const Nest::Read &read : nest.reads)
    if (!llvm::is_contained(nests[producer].results, read.tile))
      nests[producer].reads.push_back({read.tile, read.same, {}});
  return true;
}

void BlockLoop::joinScans() {
  for (size_t index = 0; index < nests.size(); ++index)
    if (joinScan(index)) {
      nests.erase(nests.begin() + index);
      --index;
    }
}

/// Whether nothing but row `row` of a tile is read.
bool BlockLoop::readsRowOnly(Value tile, int64_t row) const {
  for (const Nest &nest : allNests())
    for (const Nest::Read &read : nest.reads) {
      if (read.tile != tile)
        continue;
      auto number = read.map
                        ? dyn_cast<AffineConstantExpr>(read.map.getResult(0))
                        : AffineConstantExpr();
      if (!number || number.getValue() != row)
        return false;
    }
  return true;
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
  // Parts that are interleaved are copied one by one.
  if (!tile || shapeOf(tile) != shapeOf(store.getTile()) ||
      isa_and_present<tile::InterleaveOp>(nests[producer].op))
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
  auto nextStates = llvm::zip_equal(
      loop.getRegionIterArgs(), loop.getBody()->getTerminator()->getOperands());
  // What no nest computes is kept beside the state first: it may read the old
  // values of others.
  std::vector<Nest> commits;
  for (auto [state, next] : nextStates) {
    if (next == state || writers.count(next))
      continue;
    Nest beside, commit;
    beside.copied = next;
    beside.target = makeBlockStorage(context.item, state, elementOf(state));
    addReads(beside, next, false);
    commit.source = beside.target;
    commit.copied = state;
    commit.target = context.frame.storage[state];
    commit.overwrites.push_back(state);
    nests.push_back(std::move(beside));
    commits.push_back(std::move(commit));
  }
  llvm::DenseSet<Value> placed;
  for (auto [state, next] : nextStates) {
    if (next == state || !writers.count(next))
      continue;
    Storage home = context.frame.storage[state];
    Nest &writer = nests[writers[next]];
    if (placed.insert(next).second && canOverwrite(state, writers[next])) {
      context.targets[next].push_back(home);
      context.frame.storage[next] = home;
      writer.overwrites.push_back(state);
      continue;
    }
    Nest commit;
    commit.copied = next;
    commit.target = home;
    commit.overwrites.push_back(state);
    commit.reads.push_back({next, false});
    commits.push_back(std::move(commit));
  }
  llvm::move(commits, std::back_inserter(nests));
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
      .Default(
          [&](Operation *op) { emitPointwise(context, op->getResult(0)); });
}

void BlockLoop::emitNest(Nest &nest) {
  if (nest.waits) {
    context.item.barrier();
    context.firstThread = 0;
    for (Prefetch &prefetch : prefetches)
      if (!prefetch.issued &&
          (prefetch.hasPlaces() ? prefetch.startTime <= nest.time
                                : prefetch.lastUse < nest.time))
        issue(prefetch);
  }
  // Without a place in memory they are computed where they are read.
  llvm::SmallVector<std::pair<Value, Storage>> hidden;
  for (Value tile : nest.recomputed) {
    auto kept = context.frame.storage.find(tile);
    // Where all recompute it, it has none.
    if (kept == context.frame.storage.end())
      continue;
    hidden.push_back({tile, kept->second});
    context.frame.storage.erase(kept);
  }
  emitKind(nest);
  for (auto &[tile, storage] : hidden)
    context.frame.storage[tile] = storage;
}

void BlockLoop::emitKind(Nest &nest) {
  if (nest.makesTable)
    return emitDecayTable(context,
                          {nest.decay, nest.inclusive, tablesOf(nest).front()});
  if (!nest.op && nest.source.pointer)
    return emitMove(context, shapeOf(nest.copied), nest.source, nest.target);
  if (!nest.op)
    return emitCopy(context, nest.copied, nest.target);
  if (auto product = dyn_cast<tile::ProductOp>(nest.op);
      product && !nest.operands.empty())
    return emitMmaProduct(context, product, nest.operands, nest.init);
  if (nest.makesInverses || nest.solves()) {
    Storage inverses = tablesOf(nest).front();
    auto solve = cast<tile::SolveOp>(nest.op);
    return nest.makesInverses
               ? emitBlockInverses(context, solve, nest.operands.front(),
                                   inverses)
               : emitMmaSolve(context, solve, nest.operands.front(), inverses);
  }
  if (auto decayed = dyn_cast<tile::DecayedProductOp>(nest.op);
      decayed && !nest.operands.empty())
    return emitMmaDecayedProduct(context, decayed, nest.operands.front(),
                                 tablesOf(nest), nest.inclusive);
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

/// The tables that a nest makes or reads, of its chunk.
SmallVector<Storage, 1> BlockLoop::tablesOf(const Nest &nest) {
  // Before the loop it is the first chunk.
  if (nest.placeElements == 0 || !parity)
    return nest.tables;
  SmallVector<Storage, 1> places;
  for (const Storage &table : nest.tables)
    places.push_back(
        placeOf(table, nest.placeElements, placeIndex(2, nest.isAhead)));
  return places;
}

void BlockLoop::emitBefore() {
  for (Value state : loop.getRegionIterArgs())
    if (context.forms.count(state))
      emitCopy(context, state, context.forms[state]);
  for (auto [state, next] : inRegisters)
    context.fragments[next] =
        loadFragments(context, shapeOf(state), context.frame.storage[state]);
  context.item.barrier();
  startLoads();
  context.item.barrier();
  emitFirstAhead();
  context.item.barrier();
}

/// The loop over chunks, with states in registers as its values.
void BlockLoop::emitLoop(llvm::function_ref<void()> body) {
  OpBuilder &builder = context.builder;
  SmallVector<Value> carried;
  for (auto [state, next] : inRegisters)
    llvm::append_range(carried, context.fragments[next]);
  scf::ForOp made = context.item.openLoop(loop, context.frame, carried);
  // The values of all states lie behind each other.
  auto take = [&](ValueRange values) {
    for (auto [state, next] : inRegisters) {
      SmallVector<Value> &own = context.fragments[next];
      for (Value &value : own) {
        value = values.front();
        values = values.drop_front();
      }
    }
  };
  take(made.getRegionIterArgs());
  selectPlaces(made.getInductionVar());
  body();
  carried.clear();
  for (auto [state, next] : inRegisters)
    llvm::append_range(carried, context.fragments[next]);
  scf::YieldOp::create(builder, context.loc, carried);
  builder.setInsertionPointAfter(made);
  take(made.getResults());
}

void BlockLoop::emit() {
  if (hasTeams())
    return emitTeams();
  emitBefore();
  emitLoop([&] { emitBody(); });
  for (auto [state, next] : inRegisters)
    storeFragments(context, shapeOf(state), context.fragments[next],
                   context.frame.storage[state]);
  context.item.barrier();
}

void BlockLoop::emitBody() {
  context.firstThread = 0;
  for (Prefetch &prefetch : prefetches)
    if (prefetch.hasPlaces() && prefetch.startTime <= start)
      issue(prefetch);
  for (Nest &nest : nests)
    nest.isAhead ? emitAhead(nest) : emitNest(nest);
  if (!prefetches.empty())
    emitPrefetchWait(context);
  context.item.barrier();
  context.firstThread = 0;
}
