//===- StageNest.cpp - Nests of roots with lanes --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/NestParts.h"

using namespace mlir;
using namespace lrc;

void lrc::emitStage(Emitter &emitter, OpBuilder &builder, Location loc,
                    const Plan &plan, const Stage &stage,
                    const Subscript &lanes) {
  LoopVariables variables;
  for (int64_t size : stage.outer)
    variables.outer.push_back(emitter.openLoop(0, size, 1).getInductionVar());

  SmallVector<Root *> reductions;
  SmallVector<Value> carried;
  emitter.innermost();
  for (Root *root : stage.roots)
    if (root->kind == Root::Kind::Reduce) {
      reductions.push_back(root);
      carried.push_back(makeNeutral(emitter, builder, loc, *root, true));
    }
  SmallVector<scf::ForOp> loops;
  for (int64_t size : stage.inner) {
    loops.push_back(emitter.openLoop(0, size, 1, carried));
    variables.inner.push_back(loops.back().getInductionVar());
    carried.assign(loops.back().getRegionIterArgs().begin(),
                   loops.back().getRegionIterArgs().end());
  }

  // All values come before all stores: a root may read what another overwrites.
  unsigned reduction = 0;
  SmallVector<std::pair<Value, SmallVector<Subscript>>> values;
  for (Root *root : stage.roots) {
    SmallVector<Subscript> at = variables.subscripts(
        *root, plan.getLaneAxis(root->source), lanes, /*resultOnly=*/false);
    if (root->kind == Root::Kind::Reduce) {
      Value &accumulator = carried[reduction++];
      accumulator = accumulate(emitter, builder, loc, *root, accumulator, at,
                               /*maskLanes=*/false);
      continue;
    }
    Value value = emitter.splat(emitSource(emitter, *root, at));
    if (root->result)
      emitter.define(root->result, at, value);
    values.push_back({value, at});
  }
  unsigned next = 0;
  for (Root *root : stage.roots)
    if (root->kind != Root::Kind::Reduce) {
      auto &[value, at] = values[next++];
      finish(emitter, *root, value, at);
    }
  for (scf::ForOp loop : llvm::reverse(loops)) {
    emitter.closeLoop(carried);
    carried.assign(loop.getResults().begin(), loop.getResults().end());
  }
  for (auto [root, value] : llvm::zip_equal(reductions, carried))
    finish(emitter, *root, value,
           variables.subscripts(*root, plan.getLaneAxis(root->source), lanes,
                                /*resultOnly=*/true));
  for (size_t i = 0; i < stage.outer.size(); ++i)
    emitter.closeLoop();
}

void Section::emit(Frame &frame, OpBuilder &builder, Location loc,
                   Value guard) {
  Block *block = builder.getInsertionBlock();
  for (Root *root : plain) {
    builder.setInsertionPointToEnd(block);
    if (root->kind == Root::Kind::Write && guard) {
      auto branch = scf::IfOp::create(builder, loc, guard);
      branch.getThenRegion().front().clear();
      builder.setInsertionPointToEnd(&branch.getThenRegion().front());
      Emitter emitter(frame, builder, loc);
      emitPlain(emitter, builder, loc, plan, *root, readsOf(*root));
      builder.setInsertionPointToEnd(&branch.getThenRegion().front());
      scf::YieldOp::create(builder, loc);
      continue;
    }
    Emitter emitter(frame, builder, loc);
    emitPlain(emitter, builder, loc, plan, *root, readsOf(*root));
  }
  builder.setInsertionPointToEnd(block);
  if (stages.empty())
    return;
  SmallVector<Root *> all;
  for (Stage &stage : stages)
    llvm::append_range(all, stage.roots);
  int64_t size =
      shapeOf(all.front()->source)[plan.getLaneAxis(all.front()->source)];
  int64_t width = chooseVectorWidth(size, plan, all);
  Emitter emitter(frame, builder, loc);
  forEachVector(emitter, loc, size, width, [&](const Subscript &lanes) {
    for (Stage &stage : stages)
      emitStage(emitter, builder, loc, plan, stage, lanes);
  });
  builder.setInsertionPointToEnd(block);
}
