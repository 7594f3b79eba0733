//===- PlainNest.cpp - Nests of roots without lanes -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/NestParts.h"
#include "lib/Conversion/TileToVector/RowNests.h"

using namespace mlir;
using namespace lrc;

/// The axis of the source along which most memory is consecutive; -1 for
/// scalars.
static int64_t chooseVectorAxis(const Root &root, ArrayRef<TileRead> reads) {
  int64_t rank = shapeOf(root.source).size();
  int64_t best = -1;
  std::pair<int64_t, int64_t> bestScore;
  for (int64_t axis = 0; axis < rank; ++axis) {
    AffineExpr dim = getAffineDimExpr(axis, root.source.getContext());
    int64_t score = 0;
    for (const TileRead &read : reads) {
      unsigned results = read.map.getNumResults();
      for (unsigned i = 0; i < results; ++i) {
        if (!read.map.getResult(i).isFunctionOfDim(axis))
          continue;
        score += i + 1 == results && read.map.getResult(i) == dim ? 1 : -2;
      }
    }
    bool last = true;
    for (int64_t after = axis + 1; after < rank; ++after)
      last &= root.isReduced(after);
    if (!root.isReduced(axis))
      score += last ? 1 : -2;
    std::pair<int64_t, int64_t> candidate(score, shapeOf(root.source)[axis]);
    if (best < 0 || candidate > bestScore) {
      best = axis;
      bestScore = candidate;
    }
  }
  return best;
}

/// Opens loops over the reduced axes but `skip`, carrying an accumulator.
static SmallVector<scf::ForOp> openInner(Emitter &emitter, const Root &root,
                                         int64_t skip, Value &accumulator,
                                         LoopVariables &variables) {
  SmallVector<scf::ForOp> loops;
  for (auto [axis, size] : llvm::enumerate(shapeOf(root.source))) {
    if (int64_t(axis) == skip || !root.isReduced(axis))
      continue;
    scf::ForOp loop = emitter.openLoop(0, size, 1, accumulator);
    variables.inner.push_back(loop.getInductionVar());
    accumulator = loop.getRegionIterArg(0);
    loops.push_back(loop);
  }
  return loops;
}

static void closeInner(Emitter &emitter, ArrayRef<scf::ForOp> loops,
                       Value &accumulator) {
  for (scf::ForOp loop : llvm::reverse(loops)) {
    emitter.closeLoop(accumulator);
    accumulator = loop.getResult(0);
  }
}

/// A reduction along consecutive memory: vectors of partial results.
static void emitLaneReduction(Emitter &emitter, OpBuilder &builder,
                              Location loc, const Root &root, int64_t axis,
                              int64_t width, LoopVariables &variables) {
  auto fn = cast<tile::ReduceOp>(root.op).getFn();
  emitter.setVector(width, {});
  emitter.innermost();
  Value accumulator = makeNeutral(emitter, builder, loc, root, true);
  SmallVector<scf::ForOp> loops =
      openInner(emitter, root, axis, accumulator, variables);
  int64_t size = shapeOf(root.source)[axis];
  int64_t whole = size / width * width;
  auto step = [&](const Subscript &lanes) {
    accumulator = accumulate(
        emitter, builder, loc, root, accumulator,
        variables.subscripts(root, axis, lanes, /*resultOnly=*/false),
        /*maskLanes=*/true);
  };
  if (whole > 0) {
    scf::ForOp loop = emitter.openLoop(0, whole, width, accumulator);
    accumulator = loop.getRegionIterArg(0);
    step({loop.getInductionVar(), true, {}});
    emitter.closeLoop(accumulator);
    accumulator = loop.getResult(0);
  }
  if (whole < size) {
    emitter.setVector(width, makeTailMask(emitter, loc, width, size - whole));
    emitter.outermost();
    step({emitter.constant(whole), true, {}});
  }
  closeInner(emitter, loops, accumulator);
  emitter.innermost();
  Value scalar = reduceLanes(builder, loc, fn, accumulator);
  emitter.setVector(1, {});
  finish(emitter, root, scalar,
         variables.subscripts(root, axis, {}, /*resultOnly=*/true));
}

/// Any other root, for the lanes of one vector, or a scalar (axis -1).
static void emitPlainBody(Emitter &emitter, OpBuilder &builder, Location loc,
                          const Root &root, int64_t axis,
                          const Subscript &lanes, LoopVariables variables) {
  if (root.kind != Root::Kind::Reduce) {
    SmallVector<Subscript> at =
        variables.subscripts(root, axis, lanes, /*resultOnly=*/false);
    finish(emitter, root, emitSource(emitter, root, at), at);
    return;
  }
  emitter.innermost();
  Value accumulator =
      makeNeutral(emitter, builder, loc, root, /*isVector=*/axis >= 0);
  SmallVector<scf::ForOp> loops =
      openInner(emitter, root, axis, accumulator, variables);
  accumulator =
      accumulate(emitter, builder, loc, root, accumulator,
                 variables.subscripts(root, axis, lanes, /*resultOnly=*/false),
                 /*maskLanes=*/false);
  closeInner(emitter, loops, accumulator);
  finish(emitter, root, accumulator,
         variables.subscripts(root, axis, lanes, /*resultOnly=*/true));
}

/// The whole nest, with vectors along `axis`, or scalars (axis -1).
static void emitAlong(Emitter &emitter, OpBuilder &builder, Location loc,
                      const Root &root, int64_t axis, int64_t width) {
  LoopVariables variables;
  unsigned opened = 0;
  for (auto [index, size] : llvm::enumerate(shapeOf(root.source))) {
    if (int64_t(index) == axis || root.isReduced(index))
      continue;
    Value variable = emitter.openLoop(0, size, 1).getInductionVar();
    ++opened;
    (root.kind == Root::Kind::Reduce ? variables.outer : variables.inner)
        .push_back(variable);
  }
  if (axis < 0) {
    emitter.setVector(1, {});
    emitPlainBody(emitter, builder, loc, root, axis, {}, variables);
  } else if (root.isReduced(axis)) {
    emitLaneReduction(emitter, builder, loc, root, axis, width, variables);
  } else {
    forEachVector(emitter, loc, shapeOf(root.source)[axis], width,
                  [&](const Subscript &lanes) {
                    emitPlainBody(emitter, builder, loc, root, axis, lanes,
                                  variables);
                  });
  }
  while (opened--)
    emitter.closeLoop();
}

void lrc::emitPlain(Emitter &emitter, OpBuilder &builder, Location loc,
                    const Plan &plan, Root &root, ArrayRef<TileRead> reads) {
  int64_t axis = chooseVectorAxis(root, reads);
  if (axis >= 0 && shapeOf(root.source)[axis] == 1)
    axis = -1;
  int64_t width = 1;
  if (axis >= 0)
    width = chooseVectorWidth(shapeOf(root.source)[axis], plan, {&root});
  emitAlong(emitter, builder, loc, root, axis, width);
}

void lrc::emitPointwise(RowContext &context, Root &root) {
  const Plan &plan = context.plan;
  // Lanes lie next to each other, and some may be beyond a tensor's edge.
  int64_t axis = plan.getLaneAxis(root.source);
  if (axis < 0)
    axis = chooseVectorAxis(root, findReads(plan, root));
  if (axis >= 0 && shapeOf(root.source)[axis] == 1 &&
      plan.getLaneAxis(root.source) < 0)
    axis = -1;
  int64_t width = 1;
  if (axis >= 0)
    width =
        chooseRowWidth(shapeOf(root.source)[axis], plan, root, context.target);
  Emitter emitter(context.frame, context.builder, context.loc);
  emitAlong(emitter, context.builder, context.loc, root, axis, width);
}
