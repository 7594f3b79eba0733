//===- ChunkPlan.cpp - Which tiles of a chunk are kept in memory ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

bool lrc::isRowOp(Operation *op) {
  return isa<tile::ProductOp, tile::DecayedProductOp, tile::DecayedApplyOp,
             tile::SolveOp, tile::ScanOp, tile::InterleaveOp>(op);
}

static bool isLinear(AffineExpr expr) {
  if (isa<AffineDimExpr, AffineConstantExpr>(expr))
    return true;
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary || !isLinear(binary.getLHS()))
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return isLinear(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul &&
         isa<AffineConstantExpr>(binary.getRHS());
}

Value Plan::viewedTile(Value tile) const {
  while (auto access = tile.getDefiningOp<tile::AccessOp>()) {
    if (isMaterialized(tile) ||
        !llvm::all_of(access.getMap().getResults(), isLinear))
      break;
    tile = access.getSource();
  }
  return tile;
}

/// Row ops read some of their operands many times, in memory.
static SmallVector<Value> operandsInMemory(Operation *op) {
  if (auto product = dyn_cast<tile::ProductOp>(op))
    return {product.getLhs(), product.getRhs()};
  if (auto solve = dyn_cast<tile::SolveOp>(op))
    return {solve.getMatrix()};
  if (isa<tile::DecayedApplyOp>(op))
    return llvm::to_vector(op->getOperands());
  return {};
}

/// Other rows of these than a nest's own are read.
static Value findShifted(Operation *op) {
  if (auto previous = dyn_cast<tile::PreviousOp>(op))
    return previous.getRows();
  if (auto window = dyn_cast<tile::WindowOp>(op))
    return window.getRows();
  return {};
}

bool lrc::hasConstantStrides(tile::LoadOp load) {
  if (load.getTime() || load.getPart())
    return false;
  // Beyond the edge of a tensor there is nothing to read.
  return !load.getLanes() ||
         load.getRef().getType().getShape()[*load.getLanes()] %
                 shapeOf(load)[*load.getLanes()] ==
             0;
}

/// Operands of row ops are in memory; parameters where they are.
void Plan::keepOperand(Value tile) {
  tile = viewedTile(tile);
  if (auto extended = tile.getDefiningOp<arith::ExtFOp>())
    if (isMaterialized(extended.getIn()))
      return;
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (!load || !hasConstantStrides(load))
    materialized.insert(tile);
}

bool Plan::isWorthKeepingInChunk(Operation *op) const {
  if (!isa<FloatType>(elementOf(op->getResult(0))) || isa<tile::AccessOp>(op) ||
      isLeaf(op))
    return false;
  if (isRowOp(op) || isa<tile::ReduceOp>(op))
    return true;
  SmallVector<Operation *> users;
  bool broadcast = false;
  collectUsers(op->getResult(0), users, broadcast);
  return isExpensive(op) && (broadcast || users.size() > 1);
}

void Plan::findMaterializedInChunk(scf::ForOp loop) {
  if (stageLoads)
    for (auto load : loop.getOps<tile::LoadOp>())
      if (load.getRows())
        materialized.insert(load.getResult());
  for (Operation &op : *loop.getBody()) {
    for (Value result : op.getResults())
      if (isTile(result) && isWorthKeepingInChunk(&op))
        materialized.insert(result);
    for (Value operand : operandsInMemory(&op))
      keepOperand(operand);
    // Its axes but the first are read as one.
    if (isa<tile::DecayedProductOp>(op))
      for (Value operand : op.getOperands()) {
        if (operand.getDefiningOp<tile::AccessOp>())
          materialized.insert(operand);
        keepOperand(operand);
      }
    if (Value shifted = findShifted(&op)) {
      Operation *made = viewedTile(shifted).getDefiningOp();
      if (made && !isLeaf(made))
        keepOperand(shifted);
    }
  }
}
