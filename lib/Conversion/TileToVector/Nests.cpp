//===- Nests.cpp - Loop nests that compute tiles --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Nests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Widths of vectors
//===----------------------------------------------------------------------===//

namespace {
/// What the width of a nest's vectors depends on.
struct WidthFacts {
  unsigned bits = 32;
  bool callsLibm = false;

  void visit(Value tile, llvm::DenseSet<Value> &seen, const Plan &plan) {
    Operation *op = tile.getDefiningOp();
    if (!seen.insert(tile).second || !op)
      return;
    bool wide = elementOf(tile).isF64();
    if (wide && isa<math::MathDialect>(op->getDialect()) &&
        !isa<math::AbsFOp, math::SqrtOp, math::FloorOp>(op))
      callsLibm = true;
    for (Value operand : op->getOperands())
      if (isTile(operand) && !plan.isMaterialized(operand))
        visit(operand, seen, plan);
  }
};
} // namespace

static WidthFacts findFacts(const Plan &plan, ArrayRef<Root *> roots) {
  WidthFacts facts;
  llvm::DenseSet<Value> seen;
  for (const Root *root : roots) {
    if (elementOf(root->source).isF64())
      facts.bits = 64;
    facts.visit(root->source, seen, plan);
  }
  return facts;
}

/// Lanes of the vectors that run over `size` elements. Vectors of four machine
/// registers give independent chains of operations; where they would leave many
/// lanes empty, narrower ones do. What calls libm lane by lane stays narrow,
/// since each lane is a call in the code.
static int64_t chooseVectorWidth(int64_t size, WidthFacts facts) {
  constexpr unsigned registerBits = 512;
  int64_t lanes = registerBits / facts.bits;
  if (facts.callsLibm)
    lanes /= 2;
  if (size < lanes)
    return llvm::PowerOf2Ceil(size);
  for (int64_t width = facts.callsLibm ? lanes : 4 * lanes; width > lanes;
       width /= 2) {
    int64_t padded = llvm::alignTo(size, width);
    if ((padded - size) * 8 <= size)
      return width;
  }
  return lanes;
}

/// The first `count` lanes. Made at the outermost level, where loads that use
/// it may go.
static Value makeTailMask(Emitter &emitter, Location loc, int64_t width,
                          int64_t count) {
  OpBuilder &builder = emitter.outermost();
  SmallVector<bool> lanes(width);
  for (int64_t lane = 0; lane < width; ++lane)
    lanes[lane] = lane < count;
  auto type = VectorType::get(width, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, lanes));
}

/// Runs `body` for vectors that cover 0 .. size - 1: a loop over whole vectors,
/// then the rest under a mask.
static void
forEachVector(Emitter &emitter, Location loc, int64_t size, int64_t width,
              llvm::function_ref<void(const Subscript &lanes)> body) {
  int64_t whole = size / width * width;
  emitter.setVector(width, {});
  if (whole == width) {
    emitter.outermost();
    body({emitter.constant(0), true, {}});
  } else if (whole > 0) {
    scf::ForOp loop = emitter.openLoop(0, whole, width);
    body({loop.getInductionVar(), true, {}});
    emitter.closeLoop();
  }
  if (whole == size)
    return;
  emitter.setVector(width, makeTailMask(emitter, loc, width, size - whole));
  emitter.outermost();
  body({emitter.constant(whole), true, {}});
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

static double neutralOf(tile::Combine fn) {
  switch (fn) {
  case tile::Combine::Sum:
    return 0;
  case tile::Combine::Prod:
    return 1;
  case tile::Combine::Max:
    return -INFINITY;
  case tile::Combine::Min:
    return INFINITY;
  }
  llvm_unreachable("unknown combination");
}

static Value makeNeutral(Emitter &emitter, OpBuilder &builder, Location loc,
                         const Root &root, bool isVector) {
  auto fn = cast<tile::ReduceOp>(root.op).getFn();
  Value scalar = arith::ConstantOp::create(
      builder, loc,
      builder.getFloatAttr(elementOf(root.source), neutralOf(fn)));
  return isVector ? emitter.splat(scalar) : scalar;
}

static Value combine(OpBuilder &builder, Location loc, tile::Combine fn,
                     Value a, Value b) {
  auto contract = arith::FastMathFlags::contract;
  switch (fn) {
  case tile::Combine::Sum:
    return arith::AddFOp::create(builder, loc, a, b, contract);
  case tile::Combine::Prod:
    return arith::MulFOp::create(builder, loc, a, b, contract);
  case tile::Combine::Max:
    return arith::MaximumFOp::create(builder, loc, a, b);
  case tile::Combine::Min:
    return arith::MinimumFOp::create(builder, loc, a, b);
  }
  llvm_unreachable("unknown combination");
}

static Value reduceLanes(OpBuilder &builder, Location loc, tile::Combine fn,
                         Value vector) {
  auto kind = [&] {
    switch (fn) {
    case tile::Combine::Sum:
      return vector::CombiningKind::ADD;
    case tile::Combine::Prod:
      return vector::CombiningKind::MUL;
    case tile::Combine::Max:
      return vector::CombiningKind::MAXIMUMF;
    case tile::Combine::Min:
      return vector::CombiningKind::MINIMUMF;
    }
    llvm_unreachable("unknown combination");
  }();
  // Without leave to reassociate, lanes are added one by one.
  return vector::ReductionOp::create(builder, loc, kind, vector,
                                     arith::FastMathFlags::reassoc);
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// The value of a root's source at subscripts.
static Value emitSource(Emitter &emitter, const Root &root,
                        ArrayRef<Subscript> at) {
  // A kept tile is computed here, and read from its buffer anywhere else.
  return root.kind == Root::Kind::Keep ? emitter.compute(root.source, at)
                                       : emitter.emit(root.source, at);
}

/// Combines the source into an accumulator; lanes under the mask only when
/// lanes are reduced themselves.
static Value accumulate(Emitter &emitter, OpBuilder &builder, Location loc,
                        const Root &root, Value accumulator,
                        ArrayRef<Subscript> at, bool maskLanes) {
  Value value = emitSource(emitter, root, at);
  emitter.innermost();
  bool isVector = isa<VectorType>(accumulator.getType());
  if (isVector)
    value = emitter.splat(value);
  if (maskLanes && emitter.getMask())
    value = arith::SelectOp::create(
        builder, loc, emitter.getMask(), value,
        makeNeutral(emitter, builder, loc, root, isVector));
  auto fn = cast<tile::ReduceOp>(root.op).getFn();
  return combine(builder, loc, fn, accumulator, value);
}

/// Stores a root's value and remembers it.
static void finish(Emitter &emitter, const Root &root, Value value,
                   ArrayRef<Subscript> at) {
  if (root.result)
    emitter.define(root.result, at, value);
  if (root.kind == Root::Kind::Write) {
    auto op = cast<tile::StoreOp>(root.op);
    emitter.innermost();
    Storage target =
        emitter.storageOf(op.getRef(), op.getTime(), op.getLanes(),
                          op.getPart());
    if (target.edgeAxis >= 0 &&
        op.getRef().getType().getShape()[target.edgeAxis] %
                shapeOf(op.getTile())[target.edgeAxis] ==
            0)
      target.edgeAxis = -1;
    emitter.store(value, target, at);
  } else if (root.target.pointer) {
    emitter.store(value, root.target, at);
  }
}

namespace {
/// Subscripts of a root from loop variables.
struct LoopVariables {
  SmallVector<Value> outer;
  SmallVector<Value> inner;

  SmallVector<Subscript> subscripts(const Root &root, int64_t vectorAxis,
                                    const Subscript &lanes,
                                    bool resultOnly) const {
    SmallVector<Subscript> at;
    unsigned nextOuter = 0;
    unsigned nextInner = 0;
    int64_t rank = shapeOf(root.source).size();
    for (int64_t axis = 0; axis < rank; ++axis) {
      bool reduced = root.isReduced(axis);
      Subscript subscript;
      if (axis == vectorAxis)
        subscript = lanes;
      else if (root.kind == Root::Kind::Reduce && !reduced)
        subscript.base = outer[nextOuter++];
      else
        subscript.base = inner[nextInner++];
      if (!resultOnly || !reduced)
        at.push_back(subscript);
    }
    return at;
  }
};
} // namespace

/// One stage for the lanes of one vector.
static void emitStage(Emitter &emitter, OpBuilder &builder, Location loc,
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

//===----------------------------------------------------------------------===//
// Nests without lanes
//===----------------------------------------------------------------------===//

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
  accumulator = accumulate(
      emitter, builder, loc, root, accumulator,
      variables.subscripts(root, axis, lanes, /*resultOnly=*/false),
      /*maskLanes=*/false);
  closeInner(emitter, loops, accumulator);
  finish(emitter, root, accumulator,
         variables.subscripts(root, axis, lanes, /*resultOnly=*/true));
}

static void emitPlain(Emitter &emitter, OpBuilder &builder, Location loc,
                      const Plan &plan, Root &root, ArrayRef<TileRead> reads) {
  int64_t axis = chooseVectorAxis(root, reads);
  if (axis >= 0 && shapeOf(root.source)[axis] == 1)
    axis = -1;
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
  } else {
    int64_t width = chooseVectorWidth(shapeOf(root.source)[axis],
                                      findFacts(plan, {&root}));
    if (root.isReduced(axis))
      emitLaneReduction(emitter, builder, loc, root, axis, width, variables);
    else
      forEachVector(emitter, loc, shapeOf(root.source)[axis], width,
                    [&](const Subscript &lanes) {
                      emitPlainBody(emitter, builder, loc, root, axis, lanes,
                                    variables);
                    });
  }
  while (opened--)
    emitter.closeLoop();
}

//===----------------------------------------------------------------------===//
// Sections
//===----------------------------------------------------------------------===//

void Section::emit(Frame &frame, OpBuilder &builder, Location loc,
                   Value guard) {
  Block *block = builder.getInsertionBlock();
  for (Root *root : plain) {
    builder.setInsertionPointToEnd(block);
    if (root->kind == Root::Kind::Write && guard) {
      auto branch = scf::IfOp::create(builder, loc, guard);
      branch.getThenRegion().front().clear();
      builder.setInsertionPointToEnd(&branch.getThenRegion().front());
      Emitter emitter(plan, frame, builder, loc);
      emitPlain(emitter, builder, loc, plan, *root, readsOf(*root));
      builder.setInsertionPointToEnd(&branch.getThenRegion().front());
      scf::YieldOp::create(builder, loc);
      continue;
    }
    Emitter emitter(plan, frame, builder, loc);
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
  int64_t width = chooseVectorWidth(size, findFacts(plan, all));
  Emitter emitter(plan, frame, builder, loc);
  forEachVector(emitter, loc, size, width,
                [&](const Subscript &lanes) {
                  for (Stage &stage : stages)
                    emitStage(emitter, builder, loc, plan, stage, lanes);
                });
  builder.setInsertionPointToEnd(block);
}
