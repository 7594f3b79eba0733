//===- Section.cpp - Order and fusion of the roots of a block -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Nests.h"

using namespace mlir;
using namespace lrc;

ArrayRef<int64_t> Root::getReducedAxes() const {
  if (kind == Kind::Reduce)
    return cast<tile::ReduceOp>(op).getAxes();
  return {};
}

bool Root::isReduced(int64_t axis) const {
  return llvm::is_contained(getReducedAxes(), axis);
}

Section::Section(const Plan &plan, std::vector<Root> list)
    : plan(plan), roots(std::move(list)) {
  for (const Root &root : roots)
    reads.push_back(findReads(plan, root));
  formStages();
}

//===----------------------------------------------------------------------===//
// What roots read
//===----------------------------------------------------------------------===//

SmallVector<TileRead> lrc::findReads(const Plan &plan, const Root &root) {
  SmallVector<TileRead> reads;
  auto identity = AffineMap::getMultiDimIdentityMap(shapeOf(root.source).size(),
                                                    root.source.getContext());
  // A kept tile is computed from the operands of its op.
  if (root.kind == Root::Kind::Keep)
    plan.collectOperandReads(root.op, identity, reads);
  else
    plan.collectReads(root.source, identity, reads);
  return reads;
}

/// In terms of the stage's loops, d0.. from the outermost, and the lanes, s0.
AffineMap Section::normalize(const Root &root, AffineMap map) const {
  MLIRContext *context = map.getContext();
  SmallVector<AffineExpr> axes;
  unsigned loop = 0;
  int64_t rank = shapeOf(root.source).size();
  for (int64_t axis = 0; axis < rank; ++axis)
    axes.push_back(axis == plan.getLaneAxis(root.source)
                       ? getAffineSymbolExpr(0, context)
                       : getAffineDimExpr(loop++, context));
  return map.replaceDimsAndSymbols(axes, {}, rank, 1);
}

/// Where a root writes its result, normalised.
AffineMap Section::ownMap(const Root &root) const {
  auto identity = AffineMap::getMultiDimIdentityMap(shapeOf(root.source).size(),
                                                    root.source.getContext());
  SmallVector<int64_t> reduced(root.getReducedAxes());
  return normalize(root, identity.dropResults(ArrayRef<int64_t>(reduced)));
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

static void findLoops(const Root &root, int64_t laneAxis,
                      SmallVectorImpl<int64_t> &outer,
                      SmallVectorImpl<int64_t> &inner) {
  for (auto [axis, size] : llvm::enumerate(shapeOf(root.source))) {
    if (int64_t(axis) == laneAxis)
      continue;
    bool keeps = root.kind == Root::Kind::Reduce && !root.isReduced(axis);
    (keeps ? outer : inner).push_back(size);
  }
}

/// Whether `root` reads what a root of the stage defines elsewhere than where
/// the stage is just then.
bool Section::readsStage(const Stage &stage, const Root &root) const {
  for (const TileRead &read : readsOf(root))
    for (const Root *producer : stage.roots) {
      if (producer->result != read.tile)
        continue;
      bool inLoops = !stage.inner.empty() || !stage.outer.empty();
      if (producer->kind == Root::Kind::Reduce && inLoops)
        return true;
      if (normalize(root, read.map) != ownMap(*producer))
        return true;
    }
  return false;
}

bool Section::joins(const Stage &stage, const Root &root) const {
  SmallVector<int64_t> outer;
  SmallVector<int64_t> inner;
  findLoops(root, plan.getLaneAxis(root.source), outer, inner);
  return outer.empty() && stage.outer.empty() && inner == stage.inner &&
         !readsStage(stage, root);
}

void Section::formStages() {
  for (Root &root : roots) {
    if (!hasLanes(root)) {
      plain.push_back(&root);
      continue;
    }
    if (stages.empty() || !joins(stages.back(), root)) {
      Stage &stage = stages.emplace_back();
      findLoops(root, plan.getLaneAxis(root.source), stage.outer, stage.inner);
    }
    stages.back().roots.push_back(&root);
  }
  orders.resize(roots.size());
  for (auto [index, root] : llvm::enumerate(plain))
    orders[root - roots.data()] = index;
  for (auto [index, stage] : llvm::enumerate(stages))
    for (Root *root : stage.roots)
      orders[root - roots.data()] = plain.size() + index;
}

bool Section::canOverwrite(Value state, const Root &writer) const {
  unsigned order = orderOf(writer);
  for (const Root &root : roots) {
    unsigned other = orderOf(root);
    for (const TileRead &read : readsOf(root)) {
      if (read.tile != state || other < order)
        continue;
      if (other > order)
        return false;
      // A reduction writes after its loops. When it keeps the lanes alone, all
      // reads come first; else a later iteration may read what is gone.
      bool lanesOnly = writer.kind == Root::Kind::Reduce && hasLanes(writer) &&
                       stages[order - plain.size()].outer.empty();
      if (!lanesOnly && normalize(root, read.map) != ownMap(writer))
        return false;
      if (writer.kind == Root::Kind::Reduce && !lanesOnly)
        return false;
    }
  }
  return true;
}
