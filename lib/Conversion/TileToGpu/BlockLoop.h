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

class CarrierNest;

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
    /// A nest that inverts the blocks on the diagonal of a system, and one that
    /// solves it with them.
    bool makesInverses = false;
    bool solves() const {
      return !makesInverses && !operands.empty() &&
             llvm::isa<tile::SolveOp>(op);
    }
    /// Elements between two places of its tables; 0: there is one.
    int64_t placeElements = 0;
    /// Whether preparers run it, see BlockLoopTeams.cpp.
    bool isPrepared = false;
    /// States that it overwrites.
    llvm::SmallVector<mlir::Value, 1> overwrites;
    bool waits = false;
    int64_t time = 0;
    /// Whether it computes what the next chunk needs, and how many of such
    /// nests come one after the other before it.
    bool isAhead = false;
    int64_t level = 0;
    /// What it computes again from inputs, rather than wait for it.
    llvm::SmallVector<mlir::Value, 1> recomputed;
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
  void insertInverses();
  void joinSums();
  void placeWaits(std::vector<Nest> &list);
  Lifetime lifetimeOf(const Nest &nest, int64_t last) const;
  void placeInverses();
  /// Tiles that tensor cores read, and those that are rounded before.
  struct FormedTiles {
    llvm::SetVector<mlir::Value> formed;
    llvm::DenseSet<mlir::Value> decayed;
  };
  FormedTiles findFormed() const;
  void makeForm(mlir::Value tile, mlir::Value written, const Lifetime &lifetime,
                int64_t copies);
  void placeAheadTile(mlir::Value result, bool isHanded);
  void placeResult(const Nest &nest, mlir::Value result,
                   const FormedTiles &tiles, std::optional<int64_t> lastUse);
  void placeForms(const FormedTiles &tiles);
  void placeTiles();
  bool isFormed(mlir::Value tile) const;
  void takePrefetches();
  bool mayRunAhead(const Nest &nest) const;
  llvm::DenseSet<size_t> findAhead(const std::vector<Nest> &list) const;
  void takeAhead(std::vector<Nest> &list);
  bool placeAhead();
  bool canRecompute(const Nest &maker) const;
  void placeTimes();
  Storage placeOf(const Storage &storage, int64_t elements, mlir::Value which);
  static int64_t placeElements(const Storage &storage, mlir::Value tile);
  void selectAhead(int64_t further);
  void emitAhead(Nest &nest);
  void emitFirstAhead();
  bool hasTwoForms(mlir::Value state) const;
  /// Those of preparers first.
  auto allNests() { return llvm::concat<Nest>(prepared, nests); }
  auto allNests() const { return llvm::concat<const Nest>(prepared, nests); }
  bool hasTeams() const { return teams; }
  /// Whether a tile is in the registers of carriers.
  bool isInWarps(mlir::Value tile) const;
  llvm::DenseSet<size_t> findPrepared() const;
  bool isCarriable(mlir::Value tile) const;
  bool isCarriable(const Nest &nest,
                   const llvm::DenseSet<mlir::Value> &registers) const;
  bool mayCarry(const llvm::DenseSet<size_t> &found) const;
  void moveFactors(Nest &nest) const;
  bool canHaveForm(mlir::Value tile) const;
  void multiplyStates(CarrierNest &carrier) const;
  void emitCarried(CarrierNest &carrier, const Nest &nest);
  void takePrepared();
  int64_t countStateRegisters() const;
  void placeForTeams(Prefetch &prefetch) const;
  void selectHanded();
  void placeTeamTimes();
  void emitTeams();
  void emitPreparers();
  void emitCarriers();
  mlir::Value placeIndex(int64_t places, int64_t further) const;
  void countPlaces(mlir::Value count);
  void placePrefetches();
  void spreadStarts(int64_t last);
  void startLoads();
  void startSecondLoads(mlir::Value lower, mlir::Value upper);
  void issue(Prefetch &prefetch);
  void selectPlaces(mlir::Value iteration);
  llvm::SmallVector<Storage, 1> tablesOf(const Nest &nest);
  void emitBefore();
  void emitLoop(llvm::function_ref<void()> body);
  void emitBody();
  void emitNest(Nest &nest);
  void emitKind(Nest &nest);
  void findRegisterStates();
  bool isReadAsTile(mlir::Value tile) const;

  BlockContext &context;
  mlir::scf::ForOp loop;
  int64_t start;
  int64_t end;
  std::vector<Nest> nests;
  llvm::SmallVector<Prefetch, 4> prefetches;
  /// i1: whether there is a chunk so many behind this one; i32: 0 or 1, in
  /// turn, and the other.
  std::array<mlir::Value, 3> existsAfter;
  mlir::Value parity, nextPlace;
  /// i64: where the next chunk begins.
  mlir::Value nextChunk;
  /// i32: 0, 1 or 2, in turn, and that of the next chunk.
  mlir::Value turn, nextTurn;
  /// What preparers compute, and what carriers read of that: it has two places,
  /// as a tile, as a form, or as both.
  bool teams = false;
  std::vector<Nest> prepared;
  struct Handed {
    mlir::Value tile;
    Storage kept, form;
  };
  std::vector<Handed> handed;
  /// In the order in which they run, and what they make, with some places.
  std::vector<Nest> aheadNests;
  struct AheadTile {
    mlir::Value tile;
    Storage storage;
    int64_t places;
  };
  std::vector<AheadTile> aheadTiles;
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
