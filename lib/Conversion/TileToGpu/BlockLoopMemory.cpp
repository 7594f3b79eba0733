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
void BlockLoop::placeWaits(std::vector<Nest> &list) {
  llvm::DenseSet<Value> written, read, made;
  bool commits = false;
  end = start;
  for (Nest &nest : list) {
    nest.waits = false;
    bool isCommit = !nest.op && !nest.overwrites.empty();
    for (const Nest::Read &source : nest.reads)
      nest.waits |= written.contains(source.tile);
    for (Value state : nest.overwrites)
      nest.waits |= written.contains(state) ||
                    (read.contains(state) && !hasTwoForms(state));
    nest.waits |= !nest.makesTable && nest.decay && made.contains(nest.decay);
    nest.waits |= nest.solves() && made.contains(nest.op->getResult(0));
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
    if (nest.makesInverses)
      made.insert(nest.op->getResult(0));
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
  for (const Nest &nest : allNests())
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

/// While what a nest makes is needed. Preparers run beside all others.
Lifetime BlockLoop::lifetimeOf(const Nest &nest, int64_t last) const {
  if (nest.isPrepared)
    return {start - 1, end};
  return {nest.time, std::max(nest.time, last)};
}

/// Memory that a nest of decayed scores keeps to itself.
void BlockLoop::makeTables(Nest &nest) {
  auto op = dyn_cast<tile::DecayedProductOp>(nest.op);
  if (!op || !op.getDecay())
    return;
  Lifetime lifetime = lifetimeOf(nest, nest.time);
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

/// Inverses of the blocks on the diagonals of triangular systems.
void BlockLoop::placeInverses() {
  for (Nest &maker : allNests()) {
    if (!maker.makesInverses)
      continue;
    Value solution = maker.op->getResult(0);
    Nest &reader = *llvm::find_if(allNests(), [&](const Nest &nest) {
      return nest.solves() && nest.op == maker.op;
    });
    bool isHanded = maker.isPrepared && !reader.isPrepared;
    Storage storage =
        makeBlockStorage(context.item, {shapeOf(solution)[0], solveBlockRows},
                         BFloat16Type::get(solution.getContext()),
                         lifetimeOf(maker, reader.time), isHanded ? 2 : 1);
    for (Nest *nest : {&maker, &reader}) {
      nest->tables.push_back(storage);
      nest->placeElements =
          isHanded ? shapeOf(solution)[0] * storage.strides[0] : 0;
    }
  }
}

void BlockLoop::placeDecayTables() {
  for (Nest &maker : allNests()) {
    if (!maker.makesTable)
      continue;
    auto reads = [&](const Nest &nest) {
      return nest.decay == maker.decay && nest.inclusive == maker.inclusive;
    };
    int64_t last = maker.time;
    for (const Nest &nest : nests)
      if (reads(nest))
        last = std::max(last, nest.time);
    Lifetime lifetime = lifetimeOf(maker, last);
    if (maker.isAhead)
      lifetime = {start - 1, end};
    int64_t rows = shapeOf(maker.decay)[0];
    // Threads that share a column write rows of all parts at once: parts are
    // further apart than their rows, by what keeps them in different banks.
    constexpr int64_t apart = 8;
    bool hasPlaces = maker.isAhead && maker.isPrepared;
    int64_t allRows =
        rows + int64_t(llvm::divideCeil(apart * DecayTable::parts, rows));
    Storage table =
        makeBlockStorage(context.item, {allRows, rows}, elementOf(maker.decay),
                         lifetime, hasPlaces ? 2 : 1);
    int64_t row = table.strides[0];
    table.strides = {rows / DecayTable::parts * row + apart, row, 1};
    for (std::vector<Nest> *list : {&nests, &aheadNests, &prepared})
      for (Nest &nest : *list)
        if (reads(nest)) {
          nest.tables.push_back(table);
          nest.placeElements = hasPlaces ? allRows * row : 0;
        }
  }
}

/// What tensor cores read, and what is rounded before they do.
BlockLoop::FormedTiles BlockLoop::findFormed() const {
  FormedTiles found;
  for (const Nest &nest : allNests())
    for (const auto &[lhs, rhs] : nest.operands)
      for (Value tile : {lhs.tile, rhs.tile})
        if (nest.readsForm(tile) && !isInWarps(tile))
          found.formed.insert(tile);
  // Rows that are decayed element by element are rounded then: they need no
  // more digits before.
  for (const Nest &nest : allNests())
    if (auto decayed = dyn_cast_or_null<tile::DecayedProductOp>(nest.op);
        decayed && decaysElements(decayed))
      for (const auto &[q, k] : nest.operands)
        found.decayed.insert_range(
            std::initializer_list<Value>{q.tile, k.tile});
  return found;
}

/// Memory for what tensor cores read of a tile, written with `written`.
void BlockLoop::makeForm(Value tile, Value written, const Lifetime &lifetime,
                         int64_t copies) {
  Storage &form = context.forms[tile];
  auto kept = context.frame.storage.find(tile);
  if (kept != context.frame.storage.end() && kept->second.element.isBF16()) {
    form = kept->second;
    return;
  }
  form =
      makeBlockStorage(context.item, tile, BFloat16Type::get(tile.getContext()),
                       lifetime, copies);
  context.targets[written].push_back(form);
}

/// Of what carriers read of a chunk the next is made while they do.
void BlockLoop::placeAheadTile(Value result, bool isHanded) {
  int64_t places = isHanded ? 3 : 2;
  Storage storage = makeBlockStorage(context.item, result, elementOf(result),
                                     {start - 1, end}, places);
  aheadTiles.push_back({result, storage, places});
  context.frame.storage[result] = storage;
  context.targets[result].push_back(storage);
}

/// Memory for what a nest makes, as a tile, as a form, or as both.
void BlockLoop::placeResult(const Nest &nest, Value result,
                            const FormedTiles &tiles,
                            std::optional<int64_t> lastUse) {
  bool isHanded = nest.isPrepared && lastUse;
  if (nest.isAhead)
    return placeAheadTile(result, isHanded);
  Lifetime lifetime = lifetimeOf(nest, lastUse.value_or(0));
  int64_t copies = isHanded ? 2 : 1;
  Type element = elementOf(result);
  bool hasForm = tiles.formed.contains(result);
  // What is in 16 bits is its own form.
  bool isRead = isReadAsTile(result) ||
                (isa<tile::SolveOp>(nest.op) && nest.operands.empty()) ||
                (hasForm && element.isBF16());
  if (isRead) {
    // What is rounded for a product needs no more digits elsewhere.
    if (tiles.decayed.contains(result) || (hasForm && element.isF32()))
      element = BFloat16Type::get(result.getContext());
    Storage storage =
        isLastRowOnly(nest, result) && !hasForm && !isHanded
            ? makeRowStorage(result, lifetime)
            : makeBlockStorage(context.item, result, element, lifetime, copies);
    context.targets[result].push_back(storage);
    context.frame.storage[result] = storage;
  }
  if (hasForm)
    makeForm(result, result, lifetime, copies);
  if (isHanded)
    handed.push_back({result, context.frame.storage.lookup(result),
                      context.forms.lookup(result)});
}

/// Forms of what no nest of an iteration makes: inputs and states.
void BlockLoop::placeForms(const FormedTiles &tiles) {
  for (Prefetch &prefetch : prefetches)
    if (Value tile = prefetch.op.getResult(); tiles.formed.contains(tile))
      makeForm(tile, tile, Lifetime(), /*copies=*/1);
  for (auto [state, next] : inRegisters)
    context.item.vacate(context.frame.storage[state].pointer, {start, end});
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    if (tiles.formed.contains(state)) {
      makeForm(state, next, Lifetime(), hasTwoForms(state) ? 2 : 1);
      if (hasTwoForms(state))
        twoForms.push_back({state, context.forms[state]});
    }
}

void BlockLoop::placeTiles() {
  placePrefetches();
  FormedTiles tiles = findFormed();
  llvm::DenseMap<Value, int64_t> lastUse;
  for (const Nest &nest : nests)
    for (const Nest::Read &read : nest.reads)
      lastUse[read.tile] = nest.time;
  for (const Nest &nest : allNests())
    for (Value result : nest.results) {
      if (context.frame.storage.count(result) || isInWarps(result))
        continue;
      auto last = lastUse.find(result);
      placeResult(nest, result, tiles,
                  last == lastUse.end() ? std::nullopt
                                        : std::optional(last->second));
    }
  placeForms(tiles);
  for (Nest &nest : allNests())
    if (!nest.operands.empty())
      makeTables(nest);
  placeInverses();
  placeDecayTables();
}
