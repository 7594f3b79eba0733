//===- ThreadGrid.cpp - Which kernels threads keep in registers -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/ThreadLoop.h"

#include "llvm/Support/MathExtras.h"

#include <set>

using namespace mlir;
using namespace lrc;

namespace {
/// Follows what a step's states and outputs are made of, from their positions.
class ThreadReads {
public:
  ThreadReads(const Plan &plan, scf::ForOp loop, ThreadGrid &grid)
      : plan(plan), loop(loop), grid(grid) {}

  bool collect(tile::KernelOp kernel);

private:
  ThreadAxes axesOf(Value tile, int64_t laneAxis) const;
  bool visit(Value tile, ThreadAxes axes);
  bool visitAccess(tile::AccessOp op, ArrayRef<ThreadAxis> axes);
  bool visitReduce(tile::ReduceOp op, ArrayRef<ThreadAxis> axes);
  void note(Value tile, ArrayRef<ThreadAxis> axes);
  bool visitOperands(Operation *op, ArrayRef<ThreadAxis> axes);

  const Plan &plan;
  scf::ForOp loop;
  ThreadGrid &grid;
  llvm::DenseSet<Value> readTwice;
  std::set<std::pair<void *, std::vector<int>>> visited;
};
} // namespace

ThreadAxes ThreadReads::axesOf(Value tile, int64_t laneAxis) const {
  ThreadAxes axes(shapeOf(tile).size(), ThreadAxis::Inner);
  if (laneAxis >= 0)
    axes[laneAxis] = ThreadAxis::Lane;
  return axes;
}

bool ThreadReads::collect(tile::KernelOp kernel) {
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands()))
    if (!visit(next, axesOf(state, plan.getLaneAxis(state))))
      return false;
  WalkResult result = kernel.getBody().walk([&](tile::StoreOp op) {
    int64_t laneAxis = op.getLanes() ? int64_t(*op.getLanes()) : -1;
    return op.getRows() || !visit(op.getTile(), axesOf(op.getTile(), laneAxis))
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  if (result.wasInterrupted())
    return false;
  // Where states start: not what steps read.
  auto reads = grid.axes;
  for (Value init : loop.getInitArgs()) {
    auto branch = init.getDefiningOp<scf::IfOp>();
    if (!branch || branch.getNumResults() != 1)
      return false;
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()})
      if (!visit(region->front().getTerminator()->getOperand(0),
                 axesOf(init, plan.getLaneAxis(init))))
        return false;
  }
  grid.axes = std::move(reads);
  for (Value tile : readTwice)
    grid.axes.erase(tile);
  return true;
}

bool ThreadReads::visit(Value tile, ThreadAxes axes) {
  std::vector<int> key;
  for (ThreadAxis axis : axes)
    key.push_back(int(axis));
  if (!visited.insert({tile.getAsOpaquePointer(), key}).second)
    return true;
  bool isState = isa<BlockArgument>(tile) || tile.getDefiningOp() == loop;
  if (isState)
    return axes == axesOf(tile, plan.getLaneAxis(tile));
  Operation *op = tile.getDefiningOp();
  if (auto access = dyn_cast<tile::AccessOp>(op))
    return visitAccess(access, axes);
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    return visitReduce(reduce, axes);
  bool isInvariant = op->getBlock() != loop.getBody();
  auto load = dyn_cast<tile::LoadOp>(op);
  if (load || (isInvariant && !isa<arith::ConstantOp>(op)))
    note(tile, axes);
  if (load)
    return !load.getRows();
  if (isa<tile::IotaOp, tile::RealOp, arith::ConstantOp>(op))
    return true;
  bool isPointwise = op->hasTrait<OpTrait::Elementwise>() ||
                     isa<arith::ArithDialect>(op->getDialect());
  return isPointwise && visitOperands(op, axes);
}

bool ThreadReads::visitOperands(Operation *op, ArrayRef<ThreadAxis> axes) {
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return isTile(operand) && visit(operand, ThreadAxes(axes));
  });
}

bool ThreadReads::visitAccess(tile::AccessOp op, ArrayRef<ThreadAxis> axes) {
  ThreadAxes source;
  ArrayRef<int64_t> sizes = shapeOf(op.getSource());
  for (auto [axis, expr] : llvm::enumerate(op.getMap().getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    // Of a longer axis others than its own positions would be read.
    bool isWhole =
        dim && shapeOf(op.getResult())[dim.getPosition()] == sizes[axis];
    source.push_back(isWhole ? axes[dim.getPosition()] : ThreadAxis::Other);
  }
  return visit(op.getSource(), source);
}

bool ThreadReads::visitReduce(tile::ReduceOp op, ArrayRef<ThreadAxis> axes) {
  bool isFirst = grid.axes.insert({op.getResult(), ThreadAxes(axes)}).second;
  if (llvm::is_contained(axes, ThreadAxis::Other) ||
      (!isFirst && ThreadAxes(axes) != grid.axes[op.getResult()]))
    return false;
  if (op->getBlock() != loop.getBody())
    return false;
  ThreadAxes source;
  size_t next = 0;
  for (size_t axis = 0; axis < shapeOf(op.getSource()).size(); ++axis)
    source.push_back(llvm::is_contained(op.getAxes(), int64_t(axis))
                         ? ThreadAxis::Inner
                         : axes[next++]);
  int64_t laneAxis = plan.getLaneAxis(op.getSource());
  if (laneAxis >= 0 && source[laneAxis] != ThreadAxis::Lane)
    return false;
  return visit(op.getSource(), source);
}

void ThreadReads::note(Value tile, ArrayRef<ThreadAxis> axes) {
  bool isFirst = grid.axes.insert({tile, ThreadAxes(axes)}).second;
  if (llvm::is_contained(axes, ThreadAxis::Other) ||
      (!isFirst && ThreadAxes(axes) != grid.axes[tile]))
    readTwice.insert(tile);
}

//===----------------------------------------------------------------------===//
// The grid
//===----------------------------------------------------------------------===//

/// Elements of a tile for each lane.
static int64_t perLane(const Plan &plan, Value tile, int64_t lanes) {
  return ShapedType::getNumElements(shapeOf(tile)) /
         (plan.getLaneAxis(tile) >= 0 ? lanes : 1);
}

/// Elements of states that leave a thread registers for other things.
constexpr int64_t manyElements = 32;

/// Splits the longest axis of the states among threads, if no tile has two of
/// its size.
static void chooseParts(const Plan &plan, scf::ForOp loop, int64_t elements,
                        ThreadGrid &grid) {
  for (Value state : loop.getRegionIterArgs())
    for (auto [axis, size] : llvm::enumerate(shapeOf(state)))
      if (int64_t(axis) != plan.getLaneAxis(state))
        grid.rows = std::max(grid.rows, size);
  bool repeats = false;
  auto check = [&](Value tile, ArrayRef<ThreadAxis> axes) {
    int64_t inner = 0;
    for (auto [axis, size] : llvm::zip_equal(axes, shapeOf(tile)))
      inner += axis != ThreadAxis::Lane && size == grid.rows;
    repeats |= inner > 1;
  };
  for (auto [tile, axes] : grid.axes)
    check(tile, axes);
  for (Value state : loop.getRegionIterArgs()) {
    ThreadAxes axes(shapeOf(state).size(), ThreadAxis::Inner);
    if (plan.getLaneAxis(state) >= 0)
      axes[plan.getLaneAxis(state)] = ThreadAxis::Lane;
    check(state, axes);
  }
  if (repeats)
    return;
  while (elements * grid.width / grid.parts > manyElements &&
         grid.parts < warpThreads && grid.rows % (2 * grid.parts) == 0)
    grid.parts *= 2;
}

/// Steps whose inputs are loaded ahead: as many as registers allow.
static int64_t chooseAhead(const ThreadGrid &grid) {
  constexpr int64_t fewWords = 96;
  constexpr int64_t mostSteps = 8;
  int64_t words = 0;
  for (auto [tile, axes] : grid.axes) {
    auto load = tile.getDefiningOp<tile::LoadOp>();
    if (!load || !load.getTime())
      continue;
    int64_t elements = 1;
    for (auto [axis, size] : llvm::zip_equal(axes, shapeOf(tile)))
      elements *= axis == ThreadAxis::Lane ? grid.width
                  : size == grid.rows      ? size / grid.parts
                                           : size;
    int64_t bits = elements * elementOf(tile).getIntOrFloatBitWidth();
    words += llvm::divideCeil(bits, 32);
  }
  int64_t ahead = mostSteps;
  while (ahead > 1 && ahead * words > fewWords)
    ahead /= 2;
  return ahead;
}

std::optional<ThreadGrid>
lrc::chooseThreadGrid(const Plan &plan, tile::KernelOp kernel, bool manySteps) {
  constexpr int64_t mostElements = 64;
  constexpr int64_t mostThreads = 512;
  constexpr int64_t mostPositions = 256;
  if (plan.getLoops().size() != 1 || plan.isChunked(plan.getLoops()[0]))
    return std::nullopt;
  scf::ForOp loop = plan.getLoops()[0];
  ThreadGrid grid;
  if (!ThreadReads(plan, loop, grid).collect(kernel))
    return std::nullopt;
  int64_t elements = 0;
  bool lanesLast = true;
  for (Value state : loop.getRegionIterArgs())
    if (int64_t axis = plan.getLaneAxis(state); axis >= 0) {
      grid.lanes = shapeOf(state)[axis];
      lanesLast &= axis == int64_t(shapeOf(state).size()) - 1;
    }
  for (Value state : loop.getRegionIterArgs())
    elements += perLane(plan, state, grid.lanes);
  // States that are large are moved as wide as memory is.
  constexpr int64_t wide = 4;
  if (lanesLast && elements >= manyElements && grid.lanes % wide == 0)
    grid.width = wide;
  chooseParts(plan, loop, elements, grid);
  if (elements * grid.width / grid.parts > mostElements)
    return std::nullopt;
  for (auto [tile, axes] : grid.axes)
    if (perLane(plan, tile, grid.lanes) / grid.parts > mostPositions)
      return std::nullopt;
  grid.threads = llvm::alignTo(grid.getGroups() * grid.parts, warpThreads);
  if (grid.threads > mostThreads)
    return std::nullopt;
  if (manySteps)
    grid.ahead = chooseAhead(grid);
  return grid;
}
