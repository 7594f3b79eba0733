//===- Lanes.cpp - The axis along which a recurrence is parallel ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/Lanes.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

static const void *key(Value value) { return value.getAsOpaquePointer(); }

static int64_t rankOf(Type type) {
  if (auto value = dyn_cast<ValueType>(type))
    return value.getLabels().size();
  if (auto array = dyn_cast<PositionalType>(type))
    return array.getExtents().size();
  return 0;
}

unsigned Lanes::find(unsigned id) {
  while (parents[id] != id)
    id = parents[id] = parents[parents[id]];
  return id;
}

unsigned Lanes::idOf(Node node) {
  auto [it, isNew] = ids.try_emplace(node, parents.size());
  if (isNew)
    parents.push_back(parents.size());
  return it->second;
}

void Lanes::unify(Node a, Node b) {
  unsigned from = find(idOf(a));
  unsigned to = find(idOf(b));
  if (from == to)
    return;
  parents[from] = to;
  blocked[to] = blocked.lookup(to) || blocked.lookup(from);
}

void Lanes::block(Node node) { blocked[find(idOf(node))] = true; }

//===----------------------------------------------------------------------===//
// Constraints of each op
//===----------------------------------------------------------------------===//

/// Inputs and parameters may be read at any position: no state ties them. Nor
/// does the start of a state, where another state starts with what it makes of
/// that: each block can have it whole.
static bool isFreelyRead(Value source) {
  if (!isa_and_present<GetOp>(source.getDefiningOp()))
    return false;
  Region *region = source.getParentRegion();
  auto state = dyn_cast<StateOp>(region->getParentOp());
  if (state && region == &state.getInit())
    return true;
  return !isa<StateType>(source.getType()) &&
         isa_and_present<InOp, ParamOp>(SymbolTable::lookupNearestSymbolFrom(
             source.getDefiningOp()->getParentOfType<RecurrenceOp>(),
             source.getDefiningOp<GetOp>().getFieldAttr()));
}

void Lanes::visitRead(ReadOp op) {
  bool free = isFreelyRead(op.getSource());
  SmallVector<unsigned> uses(op.getMap().getNumDims(), 0);
  for (auto [axis, expr] : llvm::enumerate(op.getMap().getResults())) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      Node label{key(op.getResult()), dim.getPosition()};
      if (!free)
        unify(label, {key(op.getSource()), axis});
      // A label that covers a part of the axis is no axis to cut.
      auto source = cast<PositionalType>(op.getSource().getType());
      if (op.getType().getExtents()[dim.getPosition()] !=
          source.getExtents()[axis])
        block(label);
      if (++uses[dim.getPosition()] > 1)
        block(label);
      continue;
    }
    // An axis that is read at a constant or a shifted position is not carried
    // pointwise.
    if (!free)
      block({key(op.getSource()), axis});
    expr.walk([&](AffineExpr inner) {
      if (auto dim = dyn_cast<AffineDimExpr>(inner))
        block({key(op.getResult()), dim.getPosition()});
    });
  }
}

/// Ties the axes of an array or declaration to the labels of a value.
void Lanes::visitLabels(const void *array, Value value, ArrayAttr labels) {
  auto type = cast<ValueType>(value.getType());
  for (auto [axis, label] : llvm::enumerate(labels.getAsRange<StringAttr>())) {
    int64_t position = type.getPosition(label);
    if (position >= 0)
      unify({array, axis}, {key(value), position});
    else
      idOf({array, axis});
  }
}

void Lanes::visitPointwise(Operation *op) {
  if (op->getNumResults() != 1 || !isa<ValueType>(op->getResult(0).getType()))
    return;
  auto result = cast<ValueType>(op->getResult(0).getType());
  for (Value operand : op->getOperands()) {
    auto type = dyn_cast<ValueType>(operand.getType());
    if (!type)
      continue;
    for (auto [position, label] : llvm::enumerate(type.getLabels())) {
      int64_t to = result.getPosition(label);
      if (to >= 0)
        unify({key(operand), position}, {key(op->getResult(0)), to});
      else
        block({key(operand), position});
    }
  }
}

/// A value that has a class twice can't be cut along it.
void Lanes::blockRepeated(const void *owner, int64_t rank) {
  for (int64_t a = 0; a < rank; ++a)
    for (int64_t b = a + 1; b < rank; ++b)
      if (find(idOf({owner, a})) == find(idOf({owner, b})))
        block({owner, a});
}

void Lanes::visit(Operation *op) {
  auto recurrence = op->getParentOfType<RecurrenceOp>();
  if (auto read = dyn_cast<ReadOp>(op))
    return visitRead(read);
  if (auto set = dyn_cast<SetOp>(op))
    return visitLabels(recurrence.lookupSymbol(set.getField()), set.getValue(),
                       set.getLabels());
  if (auto evolve = dyn_cast<EvolveOp>(op)) {
    for (Value operand : op->getOperands())
      visitLabels(recurrence.lookupSymbol(evolve.getField()), operand,
                  evolve.getLabels());
    return;
  }
  if (auto pack = dyn_cast<PackOp>(op))
    return visitLabels(key(pack.getResult()), pack.getValue(),
                       pack.getLabels());
  if (auto yield = dyn_cast<YieldOp>(op))
    return visitLabels(op->getParentOp(), yield.getValues().front(),
                       yield.getLabelsAttr());
  if (auto get = dyn_cast<GetOp>(op)) {
    if (!isFreelyRead(get.getResult()))
      for (int64_t axis = 0; axis < rankOf(get.getType()); ++axis)
        unify({key(get.getResult()), axis},
              {recurrence.lookupSymbol(get.getField()), axis});
    return;
  }
  if (auto shift = dyn_cast<ShiftOp>(op)) {
    block({key(shift.getPast()), 0});
    for (int64_t axis = 0; axis < rankOf(shift.getType()); ++axis)
      unify({key(shift.getResult()), axis}, {key(shift.getPast()), axis});
    for (int64_t axis = 0; axis < rankOf(shift.getValue().getType()); ++axis)
      unify({key(shift.getValue()), axis}, {key(shift.getPast()), axis + 1});
    return;
  }
  if (auto inverse = dyn_cast<InverseOp>(op)) {
    int64_t rank = rankOf(inverse.getType());
    for (int64_t axis = 0; axis < rank; ++axis)
      unify({key(inverse.getMatrix()), axis}, {key(inverse.getResult()), axis});
    // The elimination mixes rows and columns; what is before them is a batch.
    block({key(inverse.getResult()), rank - 2});
    block({key(inverse.getResult()), rank - 1});
    return;
  }
  visitPointwise(op);
}

//===----------------------------------------------------------------------===//
// The choice
//===----------------------------------------------------------------------===//

Lanes::Lanes(RecurrenceOp recurrence) {
  recurrence.getBody().walk([&](Operation *op) { visit(op); });
  recurrence.getBody().walk([&](Operation *op) {
    for (Value result : op->getResults())
      blockRepeated(key(result), rankOf(result.getType()));
    if (FieldOp::classof(op) && !isa<InOp, ParamOp>(op))
      blockRepeated(op, rankOf(FieldOp(op).getType()));
  });
  choose(recurrence);
}

/// Among the parallel classes, the one along which memory is most often
/// contiguous; the larger one on a tie.
void Lanes::choose(RecurrenceOp recurrence) {
  struct Candidate {
    int64_t contiguous = 0;
    int64_t extent = 0;
    bool carried = false;
  };
  llvm::MapVector<unsigned, Candidate> candidates;
  auto visitAxis = [&](Node node, int64_t rank, Attribute size, bool state) {
    unsigned id = find(idOf(node));
    if (blocked.lookup(id))
      return;
    Candidate &candidate = candidates[id];
    candidate.contiguous += node.second == rank - 1 ? 1 : -1;
    candidate.extent = cast<IntegerAttr>(size).getInt();
    candidate.carried |= state;
  };
  recurrence.getBody().walk([&](Operation *op) {
    if (isa<StateOp, OutOp>(op)) {
      ArrayRef<Attribute> sizes = FieldOp(op).getType().getExtents();
      for (auto [axis, size] : llvm::enumerate(sizes))
        visitAxis({op, axis}, sizes.size(), size, isa<StateOp>(op));
    }
    auto read = dyn_cast<ReadOp>(op);
    if (!read || !isFreelyRead(read.getSource()))
      return;
    for (auto [axis, expr] : llvm::enumerate(read.getMap().getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        visitAxis({key(read.getResult()), dim.getPosition()},
                  // Contiguous when the label is the last axis of the source.
                  axis + 1 == read.getMap().getNumResults()
                      ? int64_t(dim.getPosition()) + 1
                      : -1,
                  read.getType().getExtents()[dim.getPosition()], false);
  });
  auto better = [](const Candidate &a, const Candidate &b) {
    return std::pair(a.contiguous, a.extent) >
           std::pair(b.contiguous, b.extent);
  };
  Candidate best;
  for (auto &[id, candidate] : candidates)
    if (candidate.carried && (chosen < 0 || better(candidate, best))) {
      chosen = id;
      best = candidate;
    }
  extent = best.extent;
  for (auto [node, id] : ids)
    if (int64_t(find(id)) == chosen)
      axes[node.first] = node.second;
}

int64_t Lanes::axisOf(const void *owner) const {
  auto it = axes.find(owner);
  return it == axes.end() ? -1 : it->second;
}

int64_t Lanes::getAxis(Value value) const { return axisOf(key(value)); }

int64_t Lanes::getAxis(Operation *field) const { return axisOf(field); }
