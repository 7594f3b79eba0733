//===- ChunkLoop.h - A loop over chunks of steps ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each kept tile of a chunk is a nest of its own, in program order. Decided
// before anything is emitted: in which layouts a tile is kept, which states are
// overwritten in place, and which stores join the nest of what they store.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_CHUNKLOOP_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_CHUNKLOOP_H

#include "lib/Conversion/TileToVector/Buffers.h"
#include "lib/Conversion/TileToVector/RowNests.h"

namespace lrc {

class ChunkLoop {
public:
  ChunkLoop(RowContext &context, Buffers &buffers, WorkItem &item,
            mlir::scf::ForOp loop);

  /// Other layouts of what is made before the loop.
  void emitBefore();

  /// The nests of one chunk; states have their next values afterwards.
  void emitBody();

  unsigned getNumNests() const { return nests.size(); }

private:
  /// One nest: of an op of the loop, or a copy of a state's next value.
  struct Nest {
    mlir::Operation *op = nullptr;
    /// Of ops with one kept result, copies and stores.
    Root root;
    /// Of row ops.
    llvm::SmallVector<RowResult, 2> results;
    /// What it reads; `same`: at the position that it writes alone.
    struct Read {
      mlir::Value tile;
      bool same;
    };
    llvm::SmallVector<Read> reads;
  };

  struct Commit {
    Storage from;
    Storage to;
    int64_t bytes;
  };

  void findNests();
  void addReads(Nest &nest, mlir::Value tile, bool sameSpace) const;
  void findRowReads(Nest &nest) const;
  void joinStores();
  bool joinStore(const Nest &store, size_t index);
  bool isReadOutside(mlir::Value tile, const Nest &except, const Nest &store);
  void placeStates();
  bool canOverwrite(mlir::Value state, size_t writer) const;
  void placeCopy(mlir::Value state, mlir::Value next);
  void chooseLayouts();
  bool isReadByRowOpsOnly(mlir::Value tile) const;
  void placeTiles();
  bool isMadeInLoop(mlir::Value tile) const;
  void emitForms(mlir::Value tile);
  void emitNest(Nest &nest);
  void emitGuarded(Nest &nest);

  RowContext &context;
  Buffers &buffers;
  WorkItem &item;
  mlir::scf::ForOp loop;
  std::vector<Nest> nests;
  llvm::SmallVector<Commit, 2> commits;
  /// The layout of a tile that is kept for row ops alone.
  llvm::DenseMap<mlir::Value, int64_t> innermost;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_CHUNKLOOP_H
