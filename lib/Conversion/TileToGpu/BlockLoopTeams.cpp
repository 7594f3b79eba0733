//===- BlockLoopTeams.cpp - Warps that prepare chunks for others ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores, decays, and whatever else needs no state can be computed before the
// chunk's state is known. *Preparers*, some of a block's warps, do that for
// chunk n + 1 while the *carriers* take the states through chunk n, a warp some
// lanes (CarrierNest.h):
//
//   preparers   prepare(0) |  prepare(1) |  prepare(2) | ..
//   carriers               |  carry(0)   |  carry(1)   | ..
//
// All threads wait for each other at each |; between, preparers wait for
// themselves alone. What is handed on has two places. So have inputs that one
// team reads; those that both read have three, since the next chunk's arrive
// meanwhile. Preparers start all copies: carriers have no registers to spare.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"
#include "lib/Conversion/TileToGpu/CarrierNest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Who does what
//===----------------------------------------------------------------------===//

/// The nests that need no state, nor what is made of one; by index.
llvm::DenseSet<size_t> BlockLoop::findPrepared() const {
  llvm::DenseSet<Value> carried;
  for (Value state : scf::ForOp(loop).getRegionIterArgs())
    carried.insert(state);
  llvm::DenseSet<size_t> found;
  auto takesDecay = [&](const Nest &nest, const Nest &table) {
    return !nest.makesTable && nest.decay == table.decay &&
           nest.inclusive == table.inclusive;
  };
  for (bool changed = true; changed;) {
    changed = false;
    found.clear();
    for (auto [index, nest] : llvm::enumerate(nests)) {
      bool needsState = !nest.op || !nest.overwrites.empty() ||
                        llvm::any_of(nest.reads, [&](const Nest::Read &read) {
                          return carried.contains(read.tile);
                        });
      // A table has one place: those who read it make it.
      for (auto [other, reader] : llvm::enumerate(nests))
        needsState |= nest.makesTable && takesDecay(reader, nest) &&
                      llvm::any_of(reader.results, [&](Value result) {
                        return carried.contains(result);
                      });
      if (!needsState) {
        found.insert(index);
        continue;
      }
      for (Value result : nest.results)
        changed |= carried.insert(result).second;
    }
  }
  return found;
}

/// Whether a tile is [n, lanes] in some order, of sizes that warps can share.
bool BlockLoop::isCarriable(Value tile) const {
  int64_t axis = context.plan.getLaneAxis(tile);
  ArrayRef<int64_t> shape = shapeOf(tile);
  return shape.size() == 2 && axis >= 0 && shape[1 - axis] % 16 == 0 &&
         shape[axis] * warpThreads ==
             context.item.getShape().threads * carrierLanes;
}

/// Whether a warp can compute a nest for its lanes, of what others have in
/// `registers` for these lanes, and of what is in shared memory.
bool BlockLoop::isCarriable(const Nest &nest,
                            const llvm::DenseSet<Value> &registers) const {
  auto store = dyn_cast_or_null<tile::StoreOp>(nest.op);
  bool isPointwise = nest.op && nest.operands.empty() &&
                     !isa<tile::LoadOp>(nest.op) && !isRowOp(nest.op) &&
                     !isa<tile::ReduceOp, tile::InterleaveOp>(nest.op);
  bool multiplies =
      !nest.operands.empty() && isa<tile::ProductOp, tile::SolveOp>(nest.op);
  auto isLaned = [&](Value tile) { return isCarriable(tile); };
  if (!isPointwise && !multiplies)
    return false;
  if (store ? !isLaned(store.getTile()) : !llvm::all_of(nest.results, isLaned))
    return false;
  llvm::SmallDenseSet<Value> own;
  for (const auto &[first, second] : nest.operands) {
    if (nest.solves() || nest.makesInverses) {
      if (registers.contains(first.tile))
        return false;
      continue;
    }
    bool lanesLast = context.plan.getLaneAxis(nest.results.front()) == 1;
    const OperandTile &mine = lanesLast ? second : first;
    const OperandTile &other = lanesLast ? first : second;
    if (!isLaned(mine.tile) || registers.contains(other.tile) ||
        context.plan.getLaneAxis(mine.tile) != int64_t(1 - mine.sumAxis))
      return false;
    own.insert(mine.tile);
  }
  return llvm::all_of(nest.reads, [&](const Nest::Read &read) {
    return read.same || own.contains(read.tile) ||
           !registers.contains(read.tile);
  });
}

/// Whether each lane block is whole: warps look for no edge.
static bool dividesLanes(const Plan &plan, scf::ForOp loop) {
  bool divides = true;
  loop.getBody()->walk([&](Operation *op) {
    auto check = [&](auto access, Value tile) {
      if (std::optional<uint64_t> lanes = access.getLanes())
        divides &=
            cast<tile::RefType>(access.getRef().getType()).getShape()[*lanes] %
                shapeOf(tile)[*lanes + access.getRows()] ==
            0;
    };
    if (auto load = dyn_cast<tile::LoadOp>(op))
      check(load, load.getResult());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      check(store, store.getTile());
  });
  return divides;
}

/// Whether all nests but those found can be the carriers', and all states can
/// be in their registers.
bool BlockLoop::mayCarry(const llvm::DenseSet<size_t> &found) const {
  bool hasStates = !scf::ForOp(loop).getRegionIterArgs().empty();
  if (found.empty() || !hasStates || !dividesLanes(context.plan, loop))
    return false;
  // Scores whose decay is each element's own take longer than all the rest:
  // carriers would wait for a few preparers.
  bool isUneven = llvm::any_of(nests, [](const Nest &nest) {
    auto scores = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
    return scores && decaysElements(scores);
  });
  if (isUneven)
    return false;
  llvm::DenseSet<Value> registers;
  for (Value state : scf::ForOp(loop).getRegionIterArgs())
    registers.insert(state);
  for (auto [index, nest] : llvm::enumerate(nests))
    if (!found.contains(index))
      registers.insert(nest.results.begin(), nest.results.end());
  for (auto [index, nest] : llvm::enumerate(nests))
    if (!found.contains(index) && !isCarriable(nest, registers))
      return false;
  return llvm::all_of(
      llvm::zip_equal(
          scf::ForOp(loop).getRegionIterArgs(),
          scf::ForOp(loop).getBody()->getTerminator()->getOperands()),
      [&](auto pair) {
        auto [state, next] = pair;
        return isCarriable(state) && registers.contains(next);
      });
}

/// Whether a tile is in bf16, or can be written so by the nest that makes it.
bool BlockLoop::canHaveForm(Value tile) const {
  return elementOf(tile).isBF16() || llvm::any_of(nests, [&](const Nest &nest) {
           return llvm::is_contained(nest.results, tile);
         });
}

/// Takes factors along the sum of a product off the operand that carriers read
/// in shared memory, and multiplies the one in registers by them.
void BlockLoop::moveFactors(Nest &nest) const {
  if (!isa_and_present<tile::ProductOp>(nest.op) || nest.results.empty())
    return;
  bool lanesLast = context.plan.getLaneAxis(nest.results.front()) == 1;
  for (auto &[first, second] : nest.operands) {
    OperandTile &own = lanesLast ? second : first;
    OperandTile &other = lanesLast ? first : second;
    SmallVector<Value> factors;
    OperandTile peeled = peelSums(context.plan, other, factors);
    if (factors.empty() || !canHaveForm(peeled.tile))
      continue;
    llvm::erase_if(nest.reads, [&](const Nest::Read &read) {
      return read.tile == other.tile && !read.same;
    });
    other = peeled;
    llvm::append_range(own.sumFactors, factors);
    nest.reads.push_back({other.tile, false, {}});
    for (Value factor : factors)
      addReads(nest, factor, false);
  }
}

void BlockLoop::takePrepared() {
  const GpuShape &shape = context.item.getShape();
  if (shape.preparers == 0 || shape.prefetching != Prefetching::TwoPlaces ||
      !context.plan.isChunked(loop))
    return;
  std::vector<Nest> before = nests;
  llvm::DenseSet<size_t> found = findPrepared();
  for (auto [index, nest] : llvm::enumerate(nests))
    if (!found.contains(index))
      moveFactors(nest);
  dropUnread();
  found = findPrepared();
  if (!mayCarry(found)) {
    nests = std::move(before);
    return;
  }
  std::vector<Nest> rest;
  for (auto [index, nest] : llvm::enumerate(nests)) {
    nest.isPrepared = found.contains(index);
    (nest.isPrepared ? prepared : rest).push_back(std::move(nest));
  }
  nests = std::move(rest);
  teams = true;
  inRegisters.clear();
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    inRegisters.push_back({state, next});
  context.item.setTeams();
  // Sums, operands and addresses take the rest.
  constexpr double mostForStates = 0.6;
  if (countStateRegisters() >
      int64_t(mostForStates * double(context.item.getRegisters())))
    context.item.lackRegisters();
}

/// Of a thread.
int64_t BlockLoop::countStateRegisters() const {
  int64_t elements = 0;
  for (auto [state, next] : inRegisters)
    elements += ShapedType::getNumElements(shapeOf(state));
  return elements / context.item.getShape().threads;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

bool BlockLoop::isInWarps(Value tile) const {
  if (!hasTeams())
    return false;
  return llvm::is_contained(scf::ForOp(loop).getRegionIterArgs(), tile) ||
         llvm::any_of(nests, [&](const Nest &nest) {
           return llvm::is_contained(nest.results, tile);
         });
}

/// What is one number for each step is prepared a chunk ahead of the rest: it
/// takes many waits, which the rest need not share.
void BlockLoop::placeTeamTimes() {
  takeAhead(prepared);
  placeWaits(prepared);
  int64_t last = end;
  for (Nest &nest : aheadNests) {
    nest.time = start + nest.level;
    last = std::max(last, nest.time + 1);
  }
  std::vector<Nest> inOrder;
  for (int64_t time = start; time < last; ++time) {
    size_t first = inOrder.size();
    for (const std::vector<Nest> *list : {&aheadNests, &prepared})
      llvm::copy_if(*list, std::back_inserter(inOrder),
                    [&](const Nest &nest) { return nest.time == time; });
    for (size_t index = first; index < inOrder.size(); ++index)
      inOrder[index].waits = time > start && index == first;
  }
  prepared = std::move(inOrder);
  placeWaits(nests);
}

/// Carriers are a chunk behind: what they alone read is loaded a chunk later.
void BlockLoop::placeForTeams(Prefetch &prefetch) const {
  auto isRead = [&](const std::vector<Nest> &list) {
    return llvm::any_of(list, [&](const Nest &nest) {
      return llvm::any_of(nest.reads, [&](const Nest::Read &read) {
        return read.tile == prefetch.getTile();
      });
    });
  };
  bool isPrepared = isRead(prepared);
  bool isAhead = prefetch.ahead == 2;
  prefetch.places = !isAhead && isPrepared && isRead(nests) ? 3 : 2;
  prefetch.ahead = isAhead ? 2 : isPrepared ? 1 : 0;
}

/// Lets preparers and carriers of a chunk find what is handed on with it.
void BlockLoop::selectHanded() {
  for (const Handed &each : handed) {
    Value tile = each.tile;
    auto &targets = context.targets[tile];
    targets.clear();
    auto select = [&](const Storage &storage) {
      targets.push_back(placeOf(storage, placeElements(storage, tile), parity));
      return targets.back();
    };
    if (each.kept.pointer)
      context.frame.storage[tile] = select(each.kept);
    if (!each.form.pointer)
      continue;
    bool isOne = each.kept.pointer == each.form.pointer;
    context.forms[tile] =
        isOne ? context.frame.storage[tile] : select(each.form);
  }
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

void BlockLoop::emitPreparers() {
  BlockItem &item = context.item;
  OpBuilder &builder = context.builder;
  item.blockBarrier();
  context.firstThread = 0;
  startLoads();
  item.barrier();
  emitFirstAhead();
  item.barrier();
  scf::ForOp made = item.openLoop(loop, context.frame);
  selectPlaces(made.getInductionVar());
  context.firstThread = 0;
  for (Prefetch &prefetch : prefetches)
    issue(prefetch);
  context.firstThread = 0;
  for (Nest &nest : prepared)
    nest.isAhead ? emitAhead(nest) : emitNest(nest);
  emitPrefetchWait(context);
  item.blockBarrier();
  scf::YieldOp::create(builder, context.loc);
  builder.setInsertionPointAfter(made);
}

/// The products with each state come first.
void BlockLoop::multiplyStates(CarrierNest &carrier) const {
  for (auto [state, next] : inRegisters) {
    SmallVector<CarrierNest::Term> terms;
    for (const Nest &nest : nests)
      if (isa<tile::ProductOp>(nest.op))
        for (const OperandPair &pair : nest.operands)
          for (const OperandTile *own : {&pair.first, &pair.second})
            if (own->tile == state && own->sumFactors.empty())
              terms.push_back({nest.results.front(), &pair});
    if (!terms.empty())
      carrier.multiplyFirst(state, terms);
  }
}

void BlockLoop::emitCarried(CarrierNest &carrier, const Nest &nest) {
  // What is in shared memory for these lanes is taken as numbers come to lie.
  for (const Nest::Read &read : nest.reads) {
    auto kept = context.frame.storage.find(read.tile);
    if (read.same && kept != context.frame.storage.end() &&
        kept->second.element.isBF16() && isCarriable(read.tile))
      carrier.take(read.tile);
  }
  if (auto store = dyn_cast<tile::StoreOp>(nest.op))
    return carrier.emitStore(store);
  if (auto product = dyn_cast<tile::ProductOp>(nest.op))
    return carrier.emitProduct(product, nest.operands, nest.init);
  if (auto solve = dyn_cast<tile::SolveOp>(nest.op))
    return carrier.emitSolve(solve, nest.operands.front(),
                             tablesOf(nest).front());
  carrier.emitPointwise(nest.results.front());
}

void BlockLoop::emitCarriers() {
  BlockItem &item = context.item;
  for (auto [state, next] : inRegisters)
    context.fragments[next] =
        CarrierNest(context).load(state, context.frame.storage[state]);
  // The states' memory is free for others from here on.
  item.blockBarrier();
  emitLoop([&] {
    item.blockBarrier();
    CarrierNest carrier(context);
    for (auto [state, next] : inRegisters)
      carrier.define(state, context.fragments[next]);
    multiplyStates(carrier);
    for (const Nest &nest : nests)
      emitCarried(carrier, nest);
    for (auto [state, next] : inRegisters)
      context.fragments[next] = carrier.valuesOf(next);
  });
  item.barrier();
  for (auto [state, next] : inRegisters)
    CarrierNest(context).store(state, context.fragments[next],
                               context.frame.storage[state]);
}

void BlockLoop::emitTeams() {
  BlockItem &item = context.item;
  OpBuilder &builder = context.builder;
  auto branch = scf::IfOp::create(builder, context.loc, item.isPreparer(),
                                  /*withElseRegion=*/true);
  auto emitFor = [&](Team team, Region &region) {
    Block *inside = &region.front();
    inside->clear();
    builder.setInsertionPointToEnd(inside);
    item.enter(team);
    // Those of the other team's loop are not known in this one.
    context.frame.stepAddresses.clear();
    team == Team::Preparers ? emitPreparers() : emitCarriers();
    builder.setInsertionPointToEnd(inside);
    scf::YieldOp::create(builder, context.loc);
  };
  emitFor(Team::Preparers, branch.getThenRegion());
  emitFor(Team::Carriers, branch.getElseRegion());
  builder.setInsertionPointAfter(branch);
  item.enter(Team::All);
  item.barrier();
}
