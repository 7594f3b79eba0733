//===- BlockLoop.cpp - A loop over time by a block of threads -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
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
  constexpr int64_t accessBytes = 16;
  // Rows that are a multiple of all banks long would begin in the same bank.
  constexpr int64_t bankBytes = 128;
  Storage storage;
  storage.element = element;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
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
  findRegisterStates();
  takePrefetches();
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

/// Loads come first; reductions as soon as what they read is there; row ops right before what reads them first, so that it may
/// become part of their nest; next values of states that nothing reads last, so
/// that they may be written over the states.
void BlockLoop::orderNests() {
  std::stable_partition(nests.begin(), nests.end(), [](const Nest &nest) {
    return isa_and_present<tile::LoadOp>(nest.op);
  });
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
  std::stable_partition(nests.begin(), nests.end(), [&](const Nest &nest) {
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
  for (const Nest &nest : nests)
    for (const Nest::Read &read : nest.reads) {
      if (read.tile != tile)
        continue;
      auto number =
          read.map ? dyn_cast<AffineConstantExpr>(read.map.getResult(0))
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
// Inputs of the next chunk
//===----------------------------------------------------------------------===//

/// Whether tensor cores read a tile.
bool BlockLoop::isFormed(Value tile) const {
  return llvm::any_of(nests, [&](const Nest &nest) {
    return nest.op && nest.readsForm(tile);
  });
}

/// Loads that are made a chunk ahead are no nests.
void BlockLoop::takePrefetches() {
  const GpuShape &shape = context.item.getShape();
  if (!shape.prefetches || !context.plan.isChunked(loop))
    return;
  llvm::erase_if(nests, [&](const Nest &nest) {
    auto load = dyn_cast_or_null<tile::LoadOp>(nest.op);
    if (!load || prefetchBytes(load, shape) == 0 ||
        (isFormed(load) && !elementOf(load).isBF16()))
      return false;
    prefetches.push_back({load});
    return true;
  });
}

/// What the last nests read has two places; the others are loaded again as soon
/// as nothing reads them any more.
void BlockLoop::placePrefetches() {
  int64_t last = nests.empty() ? start : nests.back().time;
  for (Prefetch &prefetch : prefetches) {
    Value tile = prefetch.op.getResult();
    prefetch.lastUse = start;
    for (const Nest &nest : nests)
      for (const Nest::Read &read : nest.reads)
        if (read.tile == tile)
          prefetch.lastUse = std::max(prefetch.lastUse, nest.time);
    prefetch.twice = prefetch.lastUse >= last;
    // It arrives before the loop begins, and is there until it ends.
    prefetch.storage =
        makeBlockStorage(context.item, tile, elementOf(tile),
                         {start - 1, end}, prefetch.twice ? 2 : 1);
    context.frame.storage[tile] = prefetch.storage;
  }
}

/// Elements between the two places of a tile.
static int64_t placeElements(const Storage &storage, Value tile) {
  ArrayRef<int64_t> shape = shapeOf(tile);
  return shape[0] * storage.strides[0];
}

/// Reads tiles with two places from the one that was filled for this iteration.
void BlockLoop::selectPlaces(Value iteration) {
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI64IntegerAttr(value));
  };
  Value step = context.frame.indices.lookup(loop.getStep());
  Value upper = context.frame.indices.lookup(loop.getUpperBound());
  Value next = arith::AddIOp::create(builder, loc, iteration, step);
  hasNext = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, next,
                                  upper);
  Value count = arith::DivSIOp::create(builder, loc, iteration, step);
  parity = arith::AndIOp::create(builder, loc, count, number(1));
  for (Prefetch &prefetch : prefetches) {
    prefetch.issued = false;
    Value tile = prefetch.op.getResult();
    Storage place = prefetch.storage;
    if (prefetch.twice) {
      Value offset = arith::MulIOp::create(
          builder, loc, parity, number(placeElements(place, tile)));
      place.pointer = LLVM::GEPOp::create(
          builder, loc, place.pointer.getType(), place.element, place.pointer,
          ArrayRef<LLVM::GEPArg>{offset});
    }
    context.frame.storage[tile] = place;
    if (context.forms.count(tile))
      context.forms[tile] = place;
  }
}

/// Starts the load of the next chunk.
void BlockLoop::issue(Prefetch &prefetch) {
  OpBuilder &builder = context.builder;
  Location loc = context.loc;
  prefetch.issued = true;
  Value tile = prefetch.op.getResult();
  Storage target = prefetch.storage;
  if (prefetch.twice) {
    auto number = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(builder, loc,
                                       builder.getI64IntegerAttr(value));
    };
    Value other = arith::SubIOp::create(builder, loc, number(1), parity);
    Value offset = arith::MulIOp::create(
        builder, loc, other, number(placeElements(target, tile)));
    target.pointer = LLVM::GEPOp::create(
        builder, loc, target.pointer.getType(), target.element, target.pointer,
        ArrayRef<LLVM::GEPArg>{offset});
  }
  auto branch = scf::IfOp::create(builder, loc, hasNext);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  emitPrefetch(context, prefetch.op, target, shapeOf(tile)[0]);
  builder.setInsertionPointToEnd(inside);
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
  for (Prefetch &prefetch : prefetches) {
    emitPrefetch(context, prefetch.op, prefetch.storage, 0);
    builder.setInsertionPointToEnd(inside);
  }
  emitPrefetchWait(context);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(branch);
  // The loop finds those of its iterations.
  context.frame.stepAddresses.clear();
}

//===----------------------------------------------------------------------===//
// Waiting, and lifetimes
//===----------------------------------------------------------------------===//

/// Threads wait before a nest that reads what was written since they waited
/// last, or that overwrites a state that was read since then.
void BlockLoop::placeWaits() {
  llvm::DenseSet<Value> written, read, made;
  bool commits = false;
  for (Nest &nest : nests) {
    bool isCommit = !nest.op && !nest.overwrites.empty();
    for (const Nest::Read &source : nest.reads)
      nest.waits |= written.contains(source.tile);
    for (Value state : nest.overwrites)
      nest.waits |= read.contains(state) || written.contains(state);
    nest.waits |= !nest.makesTable && nest.decay && made.contains(nest.decay);
    // Copies beside are all made before the first is copied back.
    nest.waits |= isCommit && !commits;
    commits |= isCommit;
    if (nest.waits) {
      ++end;
      written.clear();
      read.clear();
      made.clear();
    }
    nest.time = end;
    if (nest.makesTable)
      made.insert(nest.decay);
    for (const Nest::Read &source : nest.reads)
      read.insert(source.tile);
    written.insert(nest.results.begin(), nest.results.end());
    written.insert(nest.overwrites.begin(), nest.overwrites.end());
  }
  ++end;
}

/// Whether tensor cores read a tile in the nest. Scores whose decay is each
/// element's own are made of other forms, which the nest makes.
bool BlockLoop::Nest::readsForm(Value tile) const {
  bool isOperand = llvm::any_of(operands, [&](const OperandPair &pair) {
    return pair.first.tile == tile || pair.second.tile == tile;
  });
  if (!isOperand)
    return false;
  auto decayed = dyn_cast<tile::DecayedProductOp>(op);
  return !decayed || !decaysElements(decayed);
}

/// Finds the products that tensor cores compute. A state that they read must be
/// overwritten in place, so that its form is written with it.
void BlockLoop::matchOperands() {
  if (!context.item.getShape().tensorCores)
    return;
  auto hasForm = [&](Value tile) {
    auto state = dyn_cast<BlockArgument>(tile);
    if (!state || state.getOwner() != loop.getBody())
      return llvm::any_of(nests, [&](const Nest &nest) {
        return llvm::is_contained(nest.results, tile);
      });
    return llvm::any_of(nests, [&](const Nest &nest) {
      return nest.op && llvm::is_contained(nest.overwrites, tile);
    });
  };
  for (Nest &nest : nests) {
    auto product = dyn_cast_or_null<tile::ProductOp>(nest.op);
    auto decayed = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
    std::optional<OperandPair> operands;
    if (product)
      operands = matchMma(context.plan, product);
    if (decayed)
      operands = matchMma(context.plan, decayed);
    if (auto solve = dyn_cast_or_null<tile::SolveOp>(nest.op))
      operands = matchMma(context.plan, solve);
    if (product)
      nest.init = product.getInit();
    if (!operands || !hasForm(operands->first.tile) ||
        !hasForm(operands->second.tile))
      continue;
    nest.operands.push_back(*operands);
    readOperands(nest);
  }
}

/// What tensor cores read, instead of the operands as they are written.
void BlockLoop::readOperands(Nest &nest) {
  auto [first, second] = nest.operands.front();
  SmallVector<Value> written;
  llvm::TypeSwitch<Operation *>(nest.op)
      .Case([&](tile::ProductOp op) { written = {op.getLhs(), op.getRhs()}; })
      .Case([&](tile::DecayedProductOp op) {
        if (!decaysElements(op))
          written = {op.getQ(), op.getK()};
      });
  if (written.empty())
    return;
  Nest old;
  for (Value tile : written)
    addReads(old, tile, false);
  for (const Nest::Read &read : old.reads) {
    auto same = llvm::find_if(nest.reads, [&](const Nest::Read &other) {
      return other.tile == read.tile && !other.same;
    });
    if (same != nest.reads.end())
      nest.reads.erase(same);
  }
  for (const OperandTile &operand : {first, second}) {
    nest.reads.push_back({operand.tile, false, {}});
    for (Value factor : operand.factors)
      addReads(nest, factor, false);
  }
}

/// Drops what nobody reads any more.
void BlockLoop::dropUnread() {
  for (bool changed = true; changed;) {
    changed = false;
    llvm::DenseSet<Value> needed;
    for (const Nest &nest : nests)
      for (const Nest::Read &read : nest.reads)
        needed.insert(read.tile);
    for (size_t index = 0; index < nests.size(); ++index) {
      Nest &nest = nests[index];
      bool isUsed = !nest.op || isa<tile::StoreOp>(nest.op) ||
                    !nest.overwrites.empty() ||
                    llvm::any_of(nest.results, [&](Value result) {
                      return needed.contains(result) ||
                             context.stores.count(result);
                    });
      if (isUsed)
        continue;
      nests.erase(nests.begin() + index--);
      changed = true;
    }
  }
}

/// Scores with one decay share the table of its products, which is made as soon
/// as the decay is there.
void BlockLoop::insertTables() {
  llvm::SetVector<Value> decays;
  for (Nest &nest : nests) {
    auto op = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
    if (!op || nest.operands.empty() || !op.getDecay() || decaysElements(op))
      continue;
    nest.decay = op.getDecay();
    decays.insert(nest.decay);
  }
  for (Value decay : decays) {
    Nest table;
    table.op = decay.getDefiningOp();
    table.decay = decay;
    table.makesTable = true;
    addReads(table, decay, false);
    size_t place = 0;
    for (auto [index, nest] : llvm::enumerate(nests))
      for (const Nest::Read &read : table.reads)
        if (llvm::is_contained(nest.results, read.tile))
          place = index + 1;
    nests.insert(nests.begin() + place, std::move(table));
  }
}

/// A product whose sum starts from another one adds to it, if nothing else reads
/// that.
void BlockLoop::joinSums() {
  for (size_t index = 0; index < nests.size(); ++index) {
    Nest &nest = nests[index];
    if (nest.operands.empty() || nest.results.size() != 1 ||
        !isa<tile::ProductOp>(nest.op) || !nest.overwrites.empty())
      continue;
    Value tile = nest.results.front();
    Nest *reader = nullptr;
    int64_t reads = 0;
    for (Nest &other : nests)
      for (const Nest::Read &read : other.reads)
        if (read.tile == tile) {
          reader = &other;
          ++reads;
        }
    if (reads != 1 || reader->operands.empty() || reader->init != tile ||
        context.stores.count(tile))
      continue;
    reader->operands.append(nest.operands);
    reader->init = nest.init;
    llvm::erase_if(reader->reads, [&](const Nest::Read &read) {
      return read.tile == tile;
    });
    reader->reads.append(nest.reads);
    nests.erase(nests.begin() + index);
    --index;
  }
}

/// A state that tensor cores compute, and that nothing else reads but as their
/// operand, stays in the registers of the threads that compute it.
void BlockLoop::findRegisterStates() {
  for (Nest &nest : nests) {
    if (nest.operands.empty() || nest.overwrites.size() != 1)
      continue;
    Value next = nest.results.front();
    Value state = nest.overwrites.front();
    ArrayRef<int64_t> shape = shapeOf(state);
    bool readElsewhere = false;
    for (const Nest &other : nests)
      for (const Nest::Read &read : other.reads) {
        bool asOperand = other.readsForm(state);
        bool asStart = &other == &nest && read.same;
        readElsewhere |= read.tile == state && !asOperand && !asStart;
        readElsewhere |= read.tile == next;
      }
    if (readElsewhere ||
        !MmaNest::usesAllWarps(shape[0], shape[1],
                               context.item.getShape().threads))
      continue;
    inRegisters.push_back({state, next});
    context.stateOf[next] = state;
    context.targets[next].clear();
  }
}

/// Whether a nest reads a tile, other than as an operand of tensor cores.
bool BlockLoop::isReadAsTile(Value tile) const {
  for (const Nest &nest : nests)
    for (const Nest::Read &read : nest.reads) {
      if (read.tile != tile)
        continue;
      if (read.same || !nest.readsForm(tile))
        return true;
    }
  return false;
}

/// Whether nothing but the row that a scan takes last is read of a result.
bool BlockLoop::isLastRowOnly(const Nest &nest, Value result) const {
  auto scan = dyn_cast_or_null<tile::ScanOp>(nest.op);
  // Scans of single numbers take their rows all at once.
  if (!scan || result.getDefiningOp() != nest.op || shapeOf(result).size() < 2)
    return false;
  return readsRowOnly(result,
                      scan.getBackwards() ? 0 : shapeOf(result)[0] - 1);
}

/// Memory for one row: each is written over the one before.
Storage BlockLoop::makeRowStorage(Value tile, const Lifetime &lifetime) {
  Storage storage;
  storage.element = elementOf(tile);
  ArrayRef<int64_t> shape = shapeOf(tile);
  storage.strides.assign(shape.size(), 0);
  int64_t stride = 1;
  for (int64_t axis = int64_t(shape.size()) - 1; axis > 0; --axis) {
    storage.strides[axis] = stride;
    stride *= shape[axis];
  }
  storage.pointer = context.item.allocate(
      stride * storage.element.getIntOrFloatBitWidth() / 8, lifetime);
  return storage;
}

/// Memory that a nest of decayed scores keeps to itself.
void BlockLoop::makeTables(Nest &nest) {
  if (auto solve = dyn_cast<tile::SolveOp>(nest.op)) {
    MLIRContext *mlir = solve.getContext();
    nest.tables.push_back(makeBlockStorage(
        context.item, {shapeOf(solve.getResult())[0], 16},
        BFloat16Type::get(mlir), {nest.time, nest.time}));
    return;
  }
  auto op = dyn_cast<tile::DecayedProductOp>(nest.op);
  if (!op || !op.getDecay())
    return;
  Lifetime lifetime{nest.time, nest.time};
  Type bf16 = BFloat16Type::get(op.getContext());
  int64_t levels = decayLevels(op).size();
  if (levels == 0)
    return;
  Storage first =
      makeBlockStorage(context.item, op.getQ(), bf16, lifetime, levels);
  int64_t apart = shapeOf(op.getQ())[0] * first.strides[0];
  for (int64_t level = 0; level < levels; ++level) {
    Storage storage = first;
    if (level > 0)
      storage.offset = level * apart;
    nest.tables.push_back(storage);
  }
}

void BlockLoop::placeDecayTables() {
  for (Nest &maker : nests) {
    if (!maker.makesTable)
      continue;
    Lifetime lifetime{maker.time, maker.time};
    for (const Nest &nest : nests)
      if (nest.decay == maker.decay)
        lifetime.last = std::max(lifetime.last, nest.time);
    int64_t rows = shapeOf(maker.decay)[0];
    Storage table = makeBlockStorage(context.item, {rows, rows},
                                     elementOf(maker.decay), lifetime);
    for (Nest &nest : nests)
      if (nest.decay == maker.decay)
        nest.tables.push_back(table);
  }
}

void BlockLoop::placeTiles() {
  placePrefetches();
  llvm::SetVector<Value> formed;
  for (const Nest &nest : nests)
    for (const auto &[lhs, rhs] : nest.operands)
      for (Value tile : {lhs.tile, rhs.tile})
        if (nest.readsForm(tile))
          formed.insert(tile);
  // Rows that are decayed element by element are rounded then: they need no
  // more digits before.
  llvm::DenseSet<Value> decayedFactors;
  for (const Nest &nest : nests)
    if (auto decayed = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
        decayed && decaysElements(decayed))
      for (const auto &[q, k] : nest.operands)
        decayedFactors.insert_range(std::initializer_list<Value>{q.tile, k.tile});
  auto makeForm = [&](Value tile, Value written, const Lifetime &lifetime) {
    Storage &form = context.forms[tile];
    auto kept = context.frame.storage.find(tile);
    if (kept != context.frame.storage.end() &&
        kept->second.element.isBF16()) {
      form = kept->second;
      return;
    }
    form = makeBlockStorage(context.item, tile,
                            BFloat16Type::get(tile.getContext()), lifetime);
    context.targets[written].push_back(form);
  };
  llvm::DenseMap<Value, int64_t> lastUse;
  for (const Nest &nest : nests)
    for (const Nest::Read &read : nest.reads)
      lastUse[read.tile] = nest.time;
  for (const Nest &nest : nests)
    for (Value result : nest.results) {
      if (context.frame.storage.count(result))
        continue;
      Lifetime lifetime{nest.time,
                        std::max(nest.time, lastUse.lookup(result))};
      Type element = elementOf(result);
      bool hasForm = llvm::is_contained(formed, result);
      // What is in 16 bits is its own form.
      bool isRead = isReadAsTile(result) ||
                    (isa<tile::SolveOp>(nest.op) && nest.operands.empty()) ||
                    (hasForm && element.isBF16());
      if (isRead) {
        // What is rounded for a product needs no more digits elsewhere.
        if (decayedFactors.contains(result) || (hasForm && element.isF32()))
          element = BFloat16Type::get(result.getContext());
        Storage storage =
            isLastRowOnly(nest, result) && !hasForm
                ? makeRowStorage(result, lifetime)
                : makeBlockStorage(context.item, result, element, lifetime);
        context.targets[result].push_back(storage);
        context.frame.storage[result] = storage;
      }
      if (hasForm)
        makeForm(result, result, lifetime);
    }
  for (Prefetch &prefetch : prefetches)
    if (Value tile = prefetch.op.getResult(); formed.contains(tile))
      makeForm(tile, tile, Lifetime());
  for (Nest &nest : nests)
    if (!nest.operands.empty())
      makeTables(nest);
  placeDecayTables();
  for (auto [state, next] : inRegisters)
    context.item.vacate(context.frame.storage[state].pointer, {start, end});
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    if (llvm::is_contained(formed, state))
      makeForm(state, next, Lifetime());
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
  if (nest.waits) {
    context.item.barrier();
    context.firstThread = 0;
    for (Prefetch &prefetch : prefetches)
      if (!prefetch.issued && prefetch.lastUse < nest.time)
        issue(prefetch);
  }
  if (nest.makesTable)
    return emitDecayTable(context, nest.decay, shapeOf(nest.decay)[0],
                          nest.tables.front());
  if (!nest.op && nest.source.pointer)
    return emitMove(context, shapeOf(nest.copied), nest.source, nest.target);
  if (!nest.op)
    return emitCopy(context, nest.copied, nest.target);
  if (auto product = dyn_cast<tile::ProductOp>(nest.op);
      product && !nest.operands.empty())
    return emitMmaProduct(context, product, nest.operands, nest.init);
  if (auto solve = dyn_cast<tile::SolveOp>(nest.op);
      solve && !nest.operands.empty())
    return emitMmaSolve(context, solve, nest.operands.front(),
                        nest.tables.front());
  if (auto decayed = dyn_cast<tile::DecayedProductOp>(nest.op);
      decayed && !nest.operands.empty())
    return emitMmaDecayedProduct(context, decayed, nest.operands.front(),
                                 nest.tables);
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

void BlockLoop::emitBefore() {
  for (Value state : loop.getRegionIterArgs())
    if (context.forms.count(state))
      emitCopy(context, state, context.forms[state]);
  for (auto [state, next] : inRegisters)
    context.fragments[next] = loadFragments(context, shapeOf(state),
                                            context.frame.storage[state]);
  context.item.barrier();
  startLoads();
  context.item.barrier();
}

void BlockLoop::emit() {
  OpBuilder &builder = context.builder;
  emitBefore();
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
  if (!prefetches.empty())
    selectPlaces(made.getInductionVar());
  emitBody();
  carried.clear();
  for (auto [state, next] : inRegisters)
    llvm::append_range(carried, context.fragments[next]);
  scf::YieldOp::create(builder, context.loc, carried);
  builder.setInsertionPointAfter(made);
  take(made.getResults());
  for (auto [state, next] : inRegisters)
    storeFragments(context, shapeOf(state), context.fragments[next],
                   context.frame.storage[state]);
  context.item.barrier();
}

void BlockLoop::emitBody() {
  context.firstThread = 0;
  for (Prefetch &prefetch : prefetches)
    if (prefetch.twice)
      issue(prefetch);
  for (Nest &nest : nests)
    emitNest(nest);
  if (!prefetches.empty())
    emitPrefetchWait(context);
  context.item.barrier();
  context.firstThread = 0;
}
