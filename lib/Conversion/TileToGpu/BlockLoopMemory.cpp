//===- BlockLoopMemory.cpp - When and where the tiles of a loop are kept --===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockLoop.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

/// Threads wait before a nest that reads what was written since they waited
/// last, or that overwrites a state that was read since then.
void BlockLoop::placeWaits() {
  llvm::DenseSet<Value> written, read, made;
  bool commits = false;
  end = start;
  for (Nest &nest : nests) {
    nest.waits = false;
    bool isCommit = !nest.op && !nest.overwrites.empty();
    for (const Nest::Read &source : nest.reads)
      nest.waits |= written.contains(source.tile);
    for (Value state : nest.overwrites)
      nest.waits |= written.contains(state) ||
                    (read.contains(state) && !hasTwoForms(state));
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

/// Whether what is read of a state has another place than what is written.
bool BlockLoop::hasTwoForms(Value state) const {
  return context.item.getShape().twoForms &&
         llvm::any_of(inRegisters,
                      [&](const auto &pair) { return pair.first == state; });
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
  return readsRowOnly(result, scan.getBackwards() ? 0 : shapeOf(result)[0] - 1);
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
    nest.tables.push_back(
        makeBlockStorage(context.item, {shapeOf(solve.getResult())[0], 16},
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
    auto reads = [&](const Nest &nest) {
      return nest.decay == maker.decay && nest.inclusive == maker.inclusive;
    };
    for (const Nest &nest : nests)
      if (reads(nest))
        lifetime.last = std::max(lifetime.last, nest.time);
    if (maker.isAhead)
      lifetime = {start - 1, end};
    int64_t rows = shapeOf(maker.decay)[0];
    // Threads that share a column write rows of all parts at once: parts are
    // further apart than their rows, by what keeps them in different banks.
    constexpr int64_t apart = 8;
    Storage table = makeBlockStorage(
        context.item,
        {rows + int64_t(llvm::divideCeil(apart * DecayTable::parts, rows)),
         rows},
        elementOf(maker.decay), lifetime);
    int64_t row = table.strides[0];
    table.strides = {rows / DecayTable::parts * row + apart, row, 1};
    for (std::vector<Nest> *list : {&nests, &aheadNests})
      for (Nest &nest : *list)
        if (reads(nest))
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
        decayedFactors.insert_range(
            std::initializer_list<Value>{q.tile, k.tile});
  auto makeForm = [&](Value tile, Value written, const Lifetime &lifetime,
                      int64_t copies = 1) {
    Storage &form = context.forms[tile];
    auto kept = context.frame.storage.find(tile);
    if (kept != context.frame.storage.end() && kept->second.element.isBF16()) {
      form = kept->second;
      return;
    }
    form = makeBlockStorage(context.item, tile,
                            BFloat16Type::get(tile.getContext()), lifetime,
                            copies);
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
      Lifetime lifetime{nest.time, std::max(nest.time, lastUse.lookup(result))};
      Type element = elementOf(result);
      if (nest.isAhead) {
        Storage storage = makeBlockStorage(context.item, result, element,
                                           {start - 1, end}, /*copies=*/2);
        aheadTiles.push_back({result, storage});
        context.frame.storage[result] = storage;
        context.targets[result].push_back(storage);
        continue;
      }
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
    if (llvm::is_contained(formed, state)) {
      makeForm(state, next, Lifetime(), hasTwoForms(state) ? 2 : 1);
      if (hasTwoForms(state))
        twoForms.push_back({state, context.forms[state]});
    }
}
