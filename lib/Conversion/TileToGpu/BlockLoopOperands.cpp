//===- BlockLoopOperands.cpp - What tensor cores compute in a loop --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

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
      bool isUsed =
          !nest.op || isa<tile::StoreOp>(nest.op) || !nest.overwrites.empty() ||
          nest.makesTable || nest.makesInverses ||
          llvm::any_of(nest.results, [&](Value result) {
            return needed.contains(result) || context.stores.count(result);
          });
      if (isUsed)
        continue;
      nests.erase(nests.begin() + index--);
      changed = true;
    }
  }
}

/// Whether the queries of scores are multiplied by the decay of their own row;
/// takes that factor off them.
static bool takeOwnDecay(tile::DecayedProductOp op, OperandTile &query) {
  auto own = llvm::find(query.factors, op.getDecay());
  if (own == query.factors.end())
    return false;
  query.factors.erase(own);
  return true;
}

/// Scores with one decay share the table of its products, which is made as soon
/// as the decay is there.
void BlockLoop::insertTables() {
  llvm::SetVector<std::pair<Value, int>> tables;
  for (Nest &nest : nests) {
    auto op = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
    if (!op || nest.operands.empty() || !op.getDecay() || decaysElements(op))
      continue;
    nest.decay = op.getDecay();
    nest.inclusive =
        op.getInclusive() || takeOwnDecay(op, nest.operands.front().first);
    tables.insert({nest.decay, int(nest.inclusive)});
  }
  for (auto [decay, inclusive] : tables) {
    Nest table;
    table.op = decay.getDefiningOp();
    table.decay = decay;
    table.inclusive = inclusive;
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

/// Inverses of the blocks on the diagonal of a triangular system, as soon as
/// its matrix is there.
void BlockLoop::insertInverses() {
  for (size_t index = 0; index < nests.size(); ++index) {
    if (!nests[index].solves())
      continue;
    Nest inverses;
    inverses.op = nests[index].op;
    inverses.operands = nests[index].operands;
    inverses.makesInverses = true;
    Value matrix = inverses.operands.front().first.tile;
    inverses.reads.push_back({matrix, false, {}});
    auto maker = llvm::find_if(nests, [&](const Nest &nest) {
      return llvm::is_contained(nest.results, matrix);
    });
    nests.insert(std::next(maker), std::move(inverses));
    ++index;
  }
}

/// A product whose sum starts from another one adds to it, if nothing else
/// reads that.
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
    llvm::erase_if(reader->reads,
                   [&](const Nest::Read &read) { return read.tile == tile; });
    reader->reads.append(nest.reads);
    nests.erase(nests.begin() + index);
    --index;
  }
}

/// A state that tensor cores compute, and that nothing else reads but as their
/// operand, stays in the registers of the threads that compute it.
void BlockLoop::findRegisterStates() {
  // Teams have all of them there, or the kernel is made again without.
  if (context.item.getShape().preparers > 0)
    return;
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
