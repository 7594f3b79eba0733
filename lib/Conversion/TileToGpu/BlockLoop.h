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

#include "lib/Conversion/TileToGpu/Prefetch.h"
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
      /// From the positions of what the nest computes, if that is one tile.
      mlir::AffineMap map = {};
    };
    llvm::SmallVector<Read> reads;
    /// Of a product that tensor cores compute: what they read, and what the
    /// nest keeps to itself.
    llvm::SmallVector<OperandPair, 1> operands;
    /// Of a product: what its sum starts from.
    mlir::Value init;
    llvm::SmallVector<Storage, 1> tables;
    bool readsForm(mlir::Value tile) const;
    /// A nest that makes the table of a decay, and one that reads it.
    mlir::Value decay;
    bool inclusive = false;
    bool makesTable = false;
    /// States that it overwrites.
    llvm::SmallVector<mlir::Value, 1> overwrites;
    bool waits = false;
    int64_t time = 0;
    /// Whether it computes what the next chunk needs, and how many of such
    /// nests come one after the other before it.
    bool isAhead = false;
    int64_t level = 0;
  };

  void findNests();
  void addReads(Nest &nest, mlir::Value tile, bool sameSpace) const;
  void addRowReads(Nest &nest) const;
  void moveFirst(llvm::function_ref<bool(const Nest &)> isFirst);
  void orderNests();
  void joinScans();
  bool joinScan(size_t index);
  bool readsRowOnly(mlir::Value tile, int64_t row) const;
  bool isLastRowOnly(const Nest &nest, mlir::Value result) const;
  Storage makeRowStorage(mlir::Value tile, const Lifetime &lifetime);
  void makeTables(Nest &nest);
  void placeDecayTables();
  void joinStores();
  bool joinStore(size_t index);
  void placeStates();
  bool canOverwrite(mlir::Value state, size_t writer) const;
  void matchOperands();
  void readOperands(Nest &nest);
  void dropUnread();
  void insertTables();
  void joinSums();
  void placeWaits();
  void placeTiles();
  bool isFormed(mlir::Value tile) const;
  void takePrefetches();
  bool mayRunAhead(const Nest &nest) const;
  llvm::DenseSet<size_t> findAhead() const;
  void takeAhead();
  bool placeAhead();
  void placeTimes();
  Storage placeOf(const Storage &storage, int64_t elements, mlir::Value which);
  static int64_t placeElements(const Storage &storage, mlir::Value tile);
  void selectAhead(mlir::Value which);
  void emitAhead(Nest &nest);
  void emitFirstAhead();
  bool hasTwoForms(mlir::Value state) const;
  void placePrefetches();
  void spreadStarts(int64_t last);
  void startLoads();
  void startSecondLoads(mlir::Value lower, mlir::Value upper);
  void issue(Prefetch &prefetch);
  void selectPlaces(mlir::Value iteration);
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
  llvm::SmallVector<Prefetch, 4> prefetches;
  /// i1: whether there is a chunk after this one, and one after that; i64: 0 or
  /// 1, in turn, and the other.
  mlir::Value hasNext, hasSecond, parity, nextPlace;
  /// In the order in which they run, and what they make, with two places.
  std::vector<Nest> aheadNests;
  llvm::SmallVector<std::pair<mlir::Value, Storage>> aheadTiles;
  /// Forms of states with two places: one is read while the other is written.
  llvm::SmallVector<std::pair<mlir::Value, Storage>> twoForms;
  /// States that are in registers while the loop runs, and their next values.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> inRegisters;
};

/// Emits the nest of an op that computes a kept tile.
void emitBlockNest(BlockContext &context, mlir::Operation *op);

/// Memory for a tile in C order, with rows apart by what keeps their columns in
/// different banks; of several, those behind the first. What is in bf16 must be
/// in shared memory, where tensor cores read it.
Storage makeBlockStorage(BlockItem &item, mlir::Value tile, mlir::Type element,
                         const Lifetime &lifetime = {}, int64_t copies = 1);

Storage makeBlockStorage(BlockItem &item, llvm::ArrayRef<int64_t> shape,
                         mlir::Type element, const Lifetime &lifetime = {},
                         int64_t copies = 1);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_BLOCKLOOP_H
