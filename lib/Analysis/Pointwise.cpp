//===- Pointwise.cpp - Groups of states without mixing --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/Pointwise.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Whether a read takes axis n at label `labels[n]`, for all axes.
static bool readsAt(ReadOp read, ArrayRef<StringAttr> labels) {
  AffineMap map = read.getMap();
  if (map.getNumResults() != labels.size())
    return false;
  for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim ||
        read.getType().getLabels()[dim.getPosition()] != labels[axis] ||
        cast<PositionalType>(read.getSource().getType()).getExtents()[axis] !=
            read.getType().getExtents()[dim.getPosition()])
      return false;
  }
  return true;
}

/// The array's elements at `labels`, when it is packed under those.
static Value findPacked(Value array, ArrayRef<StringAttr> labels) {
  auto pack = array.getDefiningOp<PackOp>();
  if (!pack || !llvm::equal(pack.getLabels().getAsRange<StringAttr>(), labels))
    return {};
  return pack.getValue();
}

bool lrc::isPointwise(const StateGroups &groups,
                      const StateGroups::Group &group) {
  auto first = dyn_cast_or_null<SetOp>(groups.getDefinition(group.front()));
  if (!first)
    return false;
  for (StateOp state : group) {
    auto set = dyn_cast<SetOp>(groups.getDefinition(state));
    if (!set || FieldOp(state).getType() != FieldOp(group.front()).getType())
      return false;
    SmallVector<StringAttr> labels(set.getLabels().getAsRange<StringAttr>());
    SmallVector<Value> worklist{set.getValue()};
    llvm::DenseSet<Value> visited;
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (!groups.dependsOn(value, group) || !visited.insert(value).second)
        continue;
      Operation *op = value.getDefiningOp();
      if (auto read = dyn_cast<ReadOp>(op)) {
        if (!readsAt(read, labels))
          return false;
        if (read.getSource().getDefiningOp<GetOp>())
          continue;
        Value packed = findPacked(read.getSource(), labels);
        if (!packed)
          return false;
        worklist.push_back(packed);
        continue;
      }
      if (!isa<UnaryOp, BinaryOp, SelectOp>(op))
        return false;
      llvm::append_range(worklist, op->getOperands());
    }
  }
  return true;
}

bool lrc::isShift(const StateGroups &groups, const StateGroups::Group &group) {
  if (group.size() != 1)
    return false;
  auto set = dyn_cast_or_null<SetOp>(groups.getDefinition(group.front()));
  auto read = set ? set.getValue().getDefiningOp<ReadOp>() : ReadOp();
  auto shift = read ? read.getSource().getDefiningOp<ShiftOp>() : ShiftOp();
  if (!shift || !readsAt(read, SmallVector<StringAttr>(
                                   set.getLabels().getAsRange<StringAttr>())))
    return false;
  auto past = shift.getPast().getDefiningOp<GetOp>();
  return past && past.getField() == StateOp(group.front()).getSymName() &&
         !groups.dependsOn(shift.getValue(), group);
}
