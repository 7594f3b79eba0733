//===- Plan.h - Which tiles are kept in memory ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decisions of convert-tile-to-vector, made on the tile program before any
// code is emitted: which tiles are *materialised* (computed once, kept in a
// buffer) and which are recomputed where they are used; which axis of a tile is
// cut into this item's lanes; how a nest's roots read other tiles.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_PLAN_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_PLAN_H

#include "dialects/Tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/AffineMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/MapVector.h"

namespace lrc {

/// A tile that is read in memory while a root is computed: `map` takes the
/// root's iteration space to the axes of the tile.
struct TileRead {
  mlir::Value tile;
  mlir::AffineMap map;
};

class Plan {
public:
  /// With `stageLoads` a chunk's inputs are kept, in the type they have in
  /// memory.
  explicit Plan(tile::KernelOp kernel, bool stageLoads = false);

  /// The loops over time, in the order in which they run.
  llvm::ArrayRef<mlir::scf::ForOp> getLoops() const { return loops; }

  /// Whether an iteration of a loop takes a chunk of steps, whose tiles have a
  /// time axis.
  bool isChunked(mlir::scf::ForOp loop) const { return chunked.contains(loop); }

  /// The axis that is cut into lanes, or -1.
  int64_t getLaneAxis(mlir::Value tile) const {
    return laneAxes.lookup(tile) - 1;
  }

  /// Whether the tile is computed once and kept.
  bool isMaterialized(mlir::Value tile) const {
    return materialized.contains(tile);
  }

  /// Whether a tile is made in a loop over time.
  bool isInLoop(mlir::Value tile) const;
  /// Whether an op stands after the loops over time.
  bool isAfterLoops(mlir::Operation *op) const;

  /// The tile of which `tile` is a view in memory: accesses whose subscripts
  /// are linear are looked through.
  mlir::Value viewedTile(mlir::Value tile) const;

  /// The tiles that computing `tile` at one position reads in memory: kept
  /// tiles, states, and loads.
  void collectReads(mlir::Value tile, mlir::AffineMap map,
                    llvm::SmallVectorImpl<TileRead> &reads) const;

  /// The same, of the op that makes a kept tile.
  void collectOperandReads(mlir::Operation *op, mlir::AffineMap map,
                           llvm::SmallVectorImpl<TileRead> &reads) const;

private:
  /// What has been visited: an expression may share its parts many times.
  using Visited = llvm::DenseSet<std::pair<mlir::Value, mlir::AffineMap>>;
  void collectReads(mlir::Value tile, mlir::AffineMap map, Visited &visited,
                    llvm::SmallVectorImpl<TileRead> &reads) const;
  void collectOperandReads(mlir::Operation *op, mlir::AffineMap map,
                           Visited &visited,
                           llvm::SmallVectorImpl<TileRead> &reads) const;
  void findLanes(tile::KernelOp kernel);
  int64_t deriveLaneAxis(mlir::Operation *op) const;
  void findMaterialized(tile::KernelOp kernel);
  bool isWorthKeeping(mlir::Operation *op) const;
  bool isWorthKeepingInChunk(mlir::Operation *op) const;
  void findMaterializedInChunk(mlir::scf::ForOp loop);
  void keepOperand(mlir::Value tile);
  void keepNextStates(mlir::scf::ForOp loop);

  bool stageLoads;
  llvm::SmallVector<mlir::scf::ForOp, 2> loops;
  llvm::DenseSet<mlir::Operation *> chunked;
  /// Axis + 1; 0 without.
  llvm::DenseMap<mlir::Value, int64_t> laneAxes;
  llvm::DenseSet<mlir::Value> materialized;
};

/// Nothing to compute: as cheap from its source as from a buffer.
bool isLeaf(mlir::Operation *op);
/// More than a few instructions for an element.
bool isExpensive(mlir::Operation *op);
/// Users of a tile, looking through accesses.
void collectUsers(mlir::Value tile,
                  llvm::SmallVectorImpl<mlir::Operation *> &users,
                  bool &broadcast);
/// Whether an op is a nest of its own: what it computes of a chunk is more than
/// an expression for each element.
bool isRowOp(mlir::Operation *op);
/// Whether a load reads memory with strides that are known, all of it there.
bool hasConstantStrides(tile::LoadOp load);

/// Sizes of a tile.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value tile) {
  return mlir::cast<mlir::RankedTensorType>(tile.getType()).getShape();
}
inline mlir::Type elementOf(mlir::Value tile) {
  return mlir::cast<mlir::RankedTensorType>(tile.getType()).getElementType();
}
/// Whether a value is a tile.
inline bool isTile(mlir::Value value) {
  return mlir::isa<mlir::RankedTensorType>(value.getType());
}

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_PLAN_H
