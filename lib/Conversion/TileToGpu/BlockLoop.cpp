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
    : context(context), loop(loop), start(start), end(start) {
  findNests();
  joinStores();
  placeStates();
  matchOperands();
  findRegisterStates();
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
    if (!product)
      continue;
    nest.operands = matchMma(context.plan, product);
    if (nest.operands && !(hasForm(nest.operands->first.tile) &&
                           hasForm(nest.operands->second.tile)))
      nest.operands.reset();
  }
}

/// A state that tensor cores compute, and that nothing else reads but as their
/// operand, stays in the registers of the threads that compute it.
void BlockLoop::findRegisterStates() {
  for (Nest &nest : nests) {
    if (!nest.operands || nest.overwrites.size() != 1)
      continue;
    Value next = nest.results.front();
    Value state = nest.overwrites.front();
    ArrayRef<int64_t> shape = shapeOf(state);
    bool readElsewhere = false;
    for (const Nest &other : nests)
      for (const Nest::Read &read : other.reads) {
        bool asOperand =
            other.operands && (other.operands->first.tile == state ||
                               other.operands->second.tile == state);
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
      bool asOperand = nest.operands && !read.same &&
                       (nest.operands->first.tile == tile ||
                        nest.operands->second.tile == tile);
      if (!asOperand)
        return true;
    }
  return false;
}

void BlockLoop::placeTiles() {
  llvm::SetVector<Value> formed;
  for (const Nest &nest : nests)
    if (nest.operands) {
      formed.insert(nest.operands->first.tile);
      formed.insert(nest.operands->second.tile);
    }
  auto makeForm = [&](Value tile, Value written, const Lifetime &lifetime) {
    Storage &form = context.forms[tile];
    if (elementOf(tile).isBF16()) {
      form = context.frame.storage[tile];
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
      bool isRead = isReadAsTile(result) || isa<tile::SolveOp>(nest.op) ||
                    (hasForm && element.isBF16());
      if (isRead) {
        Storage storage =
            makeBlockStorage(context.item, result, element, lifetime);
        context.targets[result].push_back(storage);
        context.frame.storage[result] = storage;
      }
      if (hasForm)
        makeForm(result, result, lifetime);
    }
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
  if (nest.waits)
    context.item.barrier();
  if (!nest.op && nest.source.pointer)
    return emitMove(context, shapeOf(nest.copied), nest.source, nest.target);
  if (!nest.op)
    return emitCopy(context, nest.copied, nest.target);
  if (nest.operands)
    return emitMmaProduct(context, cast<tile::ProductOp>(nest.op),
                          *nest.operands);
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
  for (Nest &nest : nests)
    emitNest(nest);
  context.item.barrier();
}
