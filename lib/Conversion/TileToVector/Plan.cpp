//===- Plan.cpp - Which tiles are kept in memory --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace lrc;

/// Whether an op needs a time axis.
static bool takesRows(Operation &op) {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getRows();
  if (auto store = dyn_cast<tile::StoreOp>(op))
    return store.getRows();
  return isRowOp(&op) || isa<tile::PreviousOp, tile::WindowOp>(op);
}

Plan::Plan(tile::KernelOp kernel, bool stageLoads) : stageLoads(stageLoads) {
  llvm::append_range(loops, kernel.getBody().getOps<scf::ForOp>());
  for (scf::ForOp loop : loops)
    if (getConstantIntValue(loop.getStep()) != 1 ||
        llvm::any_of(*loop.getBody(), takesRows))
      chunked.insert(loop);
  findLanes(kernel);
  findMaterialized(kernel);
}

bool Plan::isInLoop(Value tile) const {
  return llvm::any_of(loops, [&](scf::ForOp loop) {
    return tile.getParentBlock() == loop.getBody();
  });
}

bool Plan::isAfterLoops(Operation *op) const {
  return !loops.empty() && op->getBlock() == loops.back()->getBlock() &&
         scf::ForOp(loops.back())->isBeforeInBlock(op);
}

//===----------------------------------------------------------------------===//
// Lanes
//===----------------------------------------------------------------------===//

/// The result axis that an access maps to source axis `axis`, or -1.
static int64_t followAccess(tile::AccessOp op, int64_t axis) {
  if (axis < 0)
    return -1;
  auto dim = dyn_cast<AffineDimExpr>(op.getMap().getResult(axis));
  assert(dim && "lanes are accessed by a plain index");
  return dim.getPosition();
}

/// The result axis of a product for the axes that are lanes of its operands.
static int64_t followProduct(tile::ProductOp op, int64_t lhs, int64_t rhs) {
  AffineExpr dim;
  if (lhs >= 0)
    dim = op.getLhsMap().getResult(lhs);
  else if (rhs >= 0)
    dim = op.getRhsMap().getResult(rhs);
  auto position = dim ? op.getResultMap().getResultPosition(dim) : std::nullopt;
  return position ? int64_t(*position) : -1;
}

int64_t Plan::deriveLaneAxis(Operation *op) const {
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return load.getLanes() ? *load.getLanes() + load.getRows() : -1;
  if (auto iota = dyn_cast<tile::IotaOp>(op))
    return iota.getLanes() ? 0 : -1;
  if (auto access = dyn_cast<tile::AccessOp>(op))
    return followAccess(access, getLaneAxis(access.getSource()));
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    int64_t axis = getLaneAxis(reduce.getSource());
    return axis - llvm::count_if(reduce.getAxes(),
                                 [&](int64_t other) { return other < axis; });
  }
  if (auto shift = dyn_cast<tile::ShiftOp>(op))
    return getLaneAxis(shift.getPast());
  if (auto product = dyn_cast<tile::ProductOp>(op))
    return followProduct(product, getLaneAxis(product.getLhs()),
                         getLaneAxis(product.getRhs()));
  if (auto window = dyn_cast<tile::WindowOp>(op)) {
    int64_t axis = getLaneAxis(window.getRows());
    return axis < 0 ? axis : axis + 1;
  }
  if (auto rows = dyn_cast<tile::PreviousOp>(op))
    return getLaneAxis(rows.getRows());
  int64_t axis = -1;
  for (Value operand : op->getOperands())
    if (isTile(operand))
      axis = std::max(axis, getLaneAxis(operand));
  return axis;
}

/// States and rows have the same axes, but for the rows' first.
static void findScanLanes(tile::ScanOp scan,
                          llvm::DenseMap<Value, int64_t> &laneAxes) {
  int64_t axis = 0;
  for (Value init : scan.getInits())
    axis = std::max(axis, laneAxes.lookup(init));
  for (Value rows : scan.getRows())
    axis = std::max(axis, laneAxes.lookup(rows) - 1);
  for (Value argument : scan.getBody().getArguments())
    laneAxes[argument] = axis;
  for (Value result : scan.getResults())
    laneAxes[result] = axis ? axis + 1 : 0;
}

/// Operations come in order, so one pass sees operands first; the states' lanes
/// come from loading their initial value.
void Plan::findLanes(tile::KernelOp kernel) {
  kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto branch = dyn_cast<scf::IfOp>(op)) {
      branch.getThenRegion().walk([&](Operation *inner) {
        for (Value result : inner->getResults())
          if (isTile(result))
            laneAxes[result] = deriveLaneAxis(inner) + 1;
      });
      for (auto [result, yielded] : llvm::zip_equal(
               branch.getResults(), branch.thenYield().getOperands()))
        laneAxes[result] = int64_t(laneAxes.lookup(yielded));
      return;
    }
    if (auto forOp = dyn_cast<scf::ForOp>(op)) {
      for (auto [init, argument, result] :
           llvm::zip_equal(forOp.getInitArgs(), forOp.getRegionIterArgs(),
                           forOp.getResults())) {
        // Not in one statement: the second look-up may move the first.
        int64_t axis = laneAxes.lookup(init);
        laneAxes[argument] = axis;
        laneAxes[result] = axis;
      }
      return;
    }
    if (auto scan = dyn_cast<tile::ScanOp>(op))
      return findScanLanes(scan, laneAxes);
    for (Value result : op->getResults())
      if (isTile(result))
        laneAxes[result] = deriveLaneAxis(op) + 1;
  });
}

//===----------------------------------------------------------------------===//
// Materialisation
//===----------------------------------------------------------------------===//

bool lrc::isLeaf(Operation *op) {
  return isa<arith::ConstantOp, tile::LoadOp, tile::IotaOp, tile::RealOp>(op);
}

bool lrc::isExpensive(Operation *op) {
  // What is rounded afterwards is kept as that.
  if (auto rounded = dyn_cast<arith::TruncFOp>(op)) {
    Operation *made = rounded.getIn().getDefiningOp();
    return made && isExpensive(made);
  }
  return isa<math::MathDialect>(op->getDialect()) ||
         isa<arith::DivFOp, arith::RemFOp>(op);
}

/// Whether an access makes several results of one source element.
static bool isBroadcast(tile::AccessOp op) {
  return op.getMap().getNumDims() > op.getMap().getNumResults() ||
         !op.getMap().isProjectedPermutation();
}

/// A parameter whose elements are not consecutive along the lanes.
static bool isStridedLoad(tile::LoadOp op, int64_t laneAxis) {
  int64_t rank = op.getRef().getType().getShape().size();
  return op.getPart() || (laneAxis >= 0 && laneAxis != rank - 1);
}

void lrc::collectUsers(Value tile, SmallVectorImpl<Operation *> &users,
                       bool &broadcast) {
  for (Operation *user : tile.getUsers()) {
    auto access = dyn_cast<tile::AccessOp>(user);
    if (!access) {
      users.push_back(user);
      continue;
    }
    broadcast |= isBroadcast(access);
    collectUsers(access.getResult(), users, broadcast);
  }
}

bool Plan::isWorthKeeping(Operation *op) const {
  Value tile = op->getResult(0);
  // Bools have no form in memory; they are compared again.
  if (!isa<FloatType>(elementOf(tile)) ||
      isa<tile::AccessOp, arith::ConstantOp>(op))
    return false;
  // Final states are computed where they are stored.
  if (isAfterLoops(op))
    return false;
  if (isa<tile::ReduceOp, tile::InverseOp, tile::ProductOp>(op))
    return true;
  SmallVector<Operation *> users;
  bool broadcast = false;
  collectUsers(tile, users, broadcast);
  bool leavesPrologue =
      !isInLoop(tile) && llvm::any_of(users, [&](Operation *user) {
        return user->getBlock() != tile.getParentBlock();
      });
  int64_t laneAxis = getLaneAxis(tile);
  if (auto load = dyn_cast<tile::LoadOp>(op))
    return leavesPrologue && isStridedLoad(load, laneAxis);
  if (isLeaf(op))
    return false;
  if (leavesPrologue)
    return true;
  int64_t rank = shapeOf(tile).size();
  if (laneAxis >= 0) // On the lanes alone it stays in registers.
    return rank > 1 && isExpensive(op) && (broadcast || users.size() > 1);
  bool feedsLanes = llvm::any_of(users, [&](Operation *user) {
    return llvm::any_of(user->getResults(), [&](Value result) {
      return isTile(result) && getLaneAxis(result) >= 0;
    });
  });
  if (feedsLanes)
    return true;
  return isExpensive(op) && (broadcast || users.size() > 1);
}

void Plan::findMaterialized(tile::KernelOp kernel) {
  kernel.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<scf::ForOp, scf::IfOp>(op)) {
      for (Value result : op->getResults())
        materialized.insert(result);
      auto loop = dyn_cast<scf::ForOp>(op);
      return loop && isChunked(loop) ? WalkResult::skip()
                                     : WalkResult::advance();
    }
    if (op->getNumResults() == 1 && isTile(op->getResult(0)) &&
        isWorthKeeping(op))
      materialized.insert(op->getResult(0));
    if (auto product = dyn_cast<tile::ProductOp>(op))
      for (Value factor : {product.getLhs(), product.getRhs()})
        keepOperand(factor);
    return WalkResult::advance();
  });
  for (scf::ForOp loop : loops) {
    for (Value argument : loop.getRegionIterArgs())
      materialized.insert(argument);
    if (isChunked(loop))
      findMaterializedInChunk(loop);
    keepNextStates(loop);
  }
}

/// A state's next value is computed once, into the state.
void Plan::keepNextStates(scf::ForOp loop) {
  for (Value next : loop.getBody()->getTerminator()->getOperands()) {
    Operation *op = next.getDefiningOp();
    if (op && next.getParentBlock() == loop.getBody() && !isLeaf(op) &&
        !isa<tile::AccessOp>(op))
      materialized.insert(next);
  }
}

//===----------------------------------------------------------------------===//
// Reads
//===----------------------------------------------------------------------===//

void Plan::collectReads(Value tile, AffineMap map,
                        SmallVectorImpl<TileRead> &reads) const {
  Visited visited;
  collectReads(tile, map, visited, reads);
}

void Plan::collectReads(Value tile, AffineMap map, Visited &visited,
                        SmallVectorImpl<TileRead> &reads) const {
  if (!visited.insert({tile, map}).second)
    return;
  Operation *op = tile.getDefiningOp();
  if (isMaterialized(tile) || !op || isa<tile::LoadOp>(op)) {
    reads.push_back({tile, map});
    return;
  }
  collectOperandReads(op, map, visited, reads);
}

void Plan::collectOperandReads(Operation *op, AffineMap map,
                               SmallVectorImpl<TileRead> &reads) const {
  Visited visited;
  collectOperandReads(op, map, visited, reads);
}

void Plan::collectOperandReads(Operation *op, AffineMap map, Visited &visited,
                               SmallVectorImpl<TileRead> &reads) const {
  if (auto access = dyn_cast<tile::AccessOp>(op))
    return collectReads(access.getSource(), access.getMap().compose(map),
                        visited, reads);
  if (auto shift = dyn_cast<tile::ShiftOp>(op)) {
    // Row m reads row m - 1 of the past.
    SmallVector<AffineExpr> exprs(map.getResults());
    exprs[0] = exprs[0] - 1;
    collectReads(shift.getPast(),
                 AffineMap::get(map.getNumDims(), 0, exprs, map.getContext()),
                 visited, reads);
    return collectReads(shift.getRow(),
                        map.getSubMap(llvm::to_vector(
                            llvm::seq<unsigned>(1, map.getNumResults()))),
                        visited, reads);
  }
  if (auto previous = dyn_cast<tile::PreviousOp>(op)) {
    SmallVector<AffineExpr> exprs(map.getResults());
    exprs[0] = exprs[0] - 1;
    collectReads(previous.getRows(),
                 AffineMap::get(map.getNumDims(), 0, exprs, map.getContext()),
                 visited, reads);
    return collectReads(previous.getInit(), map.dropResult(0), visited, reads);
  }
  if (auto window = dyn_cast<tile::WindowOp>(op)) {
    SmallVector<AffineExpr> exprs(map.getResults().drop_front());
    AffineExpr row = map.getResult(0) - map.getResult(1);
    exprs[0] = row;
    collectReads(window.getRows(),
                 AffineMap::get(map.getNumDims(), 0, exprs, map.getContext()),
                 visited, reads);
    exprs[0] = -row - 1;
    return collectReads(
        window.getPast(),
        AffineMap::get(map.getNumDims(), 0, exprs, map.getContext()), visited,
        reads);
  }
  for (Value operand : op->getOperands())
    if (isTile(operand))
      collectReads(operand, map, visited, reads);
}
