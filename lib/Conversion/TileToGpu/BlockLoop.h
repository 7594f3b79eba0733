//===- BlockLoop.h - A loop over time by a block of threads -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each kept tile of an iteration is a nest, in program order. Decided before
// anything is emitted: which stores join the nest of what they store, which
// states are overwritten in place, between which nests the threads wait for
// each other, and how long each tile is needed.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_BLOCKLOOP_H
#define LRC_LIB_CONVERSION_TILETOGPU_BLOCKLOOP_H

#include "lib/Conversion/TileToGpu/TensorCore.h"

namespace lrc {

class BlockLoop {
public:
  /// `start` is the time at which the loop begins, see BlockMemory.h.
  BlockLoop(BlockContext &context, mlir::scf::ForOp loop, int64_t start);

  /// The loop; states are in their places before and afterwards.
  void emit();

  /// The time after the loop.
  int64_t getEnd() const { return end; }
  unsigned getNumNests() const { return nests.size(); }

private:
  struct Nest {
    /// Null for a copy.
    mlir::Operation *op = nullptr;
    llvm::SmallVector<mlir::Value, 2> results;
    /// Of a copy: what is copied, or where from, and where to.
    mlir::Value copied;
    Storage source;
    Storage target;
    /// What it reads; `same`: at the position that it writes alone.
    struct Read {
      mlir::Value tile;
      bool same;
    };
    llvm::SmallVector<Read> reads;
    /// Of a product that tensor cores compute.
    std::optional<std::pair<OperandTile, OperandTile>> operands;
    /// States that it overwrites.
    llvm::SmallVector<mlir::Value, 1> overwrites;
    bool waits = false;
    int64_t time = 0;
  };

  void findNests();
  void addReads(Nest &nest, mlir::Value tile, bool sameSpace) const;
  void addRowReads(Nest &nest) const;
  void joinStores();
  bool joinStore(size_t index);
  void placeStates();
  bool canOverwrite(mlir::Value state, size_t writer) const;
  void matchOperands();
  void placeWaits();
  void placeTiles();
  void emitBefore();
  void emitBody();
  void emitNest(Nest &nest);
  void findRegisterStates();
  bool isReadAsTile(mlir::Value tile) const;

  BlockContext &context;
  mlir::scf::ForOp loop;
  int64_t start;
  int64_t end;
  std::vector<Nest> nests;
  /// States that are in registers while the loop runs, and their next values.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> inRegisters;
};

/// Emits the nest of an op that computes a kept tile.
void emitBlockNest(BlockContext &context, mlir::Operation *op);

/// Memory for a tile in C order, with rows apart by what keeps their columns in
/// different banks.
Storage makeBlockStorage(BlockItem &item, mlir::Value tile, mlir::Type element,
                         const Lifetime &lifetime = {});

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_BLOCKLOOP_H
