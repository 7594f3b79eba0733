//===- Emitter.h - Compute a tile at one position ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_EMITTER_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_EMITTER_H

#include "lib/Conversion/TileToVector/Plan.h"
#include "lib/Conversion/TileToVector/Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <map>

namespace lrc {

/// Where tiles and indices of the kernel are, in the function that is made.
struct Frame {
  /// Kept tiles and states.
  llvm::DenseMap<mlir::Value, Storage> storage;
  /// Kernel arguments: address of this sequence and head, at step 0.
  struct Reference {
    mlir::Value data;
    mlir::Value base;
    mlir::Value timeStride;
    /// See Storage::streams.
    mlir::Value streams;
    /// See Storage::alignment.
    int64_t alignment = 0;
  };
  llvm::DenseMap<mlir::Value, Reference> references;
  /// i64 values of index values of the kernel.
  llvm::DenseMap<mlir::Value, mlir::Value> indices;
  /// First lane of this item.
  mlir::Value laneOffset;
  /// Addresses of a reference at a step.
  std::map<std::pair<void *, void *>, mlir::Value> stepAddresses;
};

/// A loop nest in the making: computes tiles at subscripts that are made of the
/// loops' variables, each operation in the outermost loop where its subscripts
/// are known, and each only once.
class Emitter {
public:
  Emitter(Frame &frame, mlir::OpBuilder &builder, mlir::Location loc)
      : frame(frame), builder(builder), loc(loc), memory(builder, loc) {
    levels.push_back({builder.getInsertionBlock(), nullptr});
  }

  /// Width and mask of the vectors of this nest.
  void setVector(int64_t width, mlir::Value mask) {
    memory.width = width;
    memory.mask = mask;
  }
  int64_t getWidth() const { return memory.width; }
  mlir::Value getMask() const { return memory.mask; }

  /// Opens a loop of `count` iterations by `step` from `start` at the innermost
  /// level, carrying `carried`.
  mlir::scf::ForOp openLoop(int64_t start, int64_t count, int64_t step,
                            mlir::ValueRange carried = {});
  /// The same, up to but without `end`.
  mlir::scf::ForOp openLoopTo(int64_t start, mlir::Value end, int64_t step,
                              mlir::ValueRange carried = {});
  /// Closes the innermost loop or guard, yielding `results`.
  void closeLoop(mlir::ValueRange results = {});
  /// Opens a branch that is taken where `condition` holds; what follows is done
  /// inside it until closeLoop().
  void openGuard(mlir::Value condition);

  /// The value of a tile: a scalar or, where a subscript is a vector, a vector.
  mlir::Value emit(mlir::Value tile, llvm::ArrayRef<Subscript> at);

  /// The same, from the operands of the op that makes the tile, even if the
  /// tile is kept in memory.
  mlir::Value compute(mlir::Value tile, llvm::ArrayRef<Subscript> at) {
    return emitOp(tile.getDefiningOp(), at);
  }

  /// Says that a tile has a value at subscripts, at the innermost level.
  void define(mlir::Value tile, llvm::ArrayRef<Subscript> at,
              mlir::Value value);

  /// Of one element, at the innermost level.
  mlir::Value addressOf(const Storage &storage, llvm::ArrayRef<Subscript> at) {
    innermost();
    return memory.elementAddress(storage, at);
  }
  /// Loads from a buffer at the innermost level.
  mlir::Value load(const Storage &storage, llvm::ArrayRef<Subscript> at);
  /// Stores into a buffer, or into a kernel argument, at the innermost level.
  void store(mlir::Value value, const Storage &storage,
             llvm::ArrayRef<Subscript> at);
  /// Where the tile of a tile.load or tile.store lies in its tensor.
  template <typename OpT> Storage storageOf(OpT op, mlir::Value tile) {
    return storageOf(op.getRef(), tile, op.getTime(), op.getLanes(),
                     op.getPart(), op.getRows(), op.getBackwards());
  }

  /// A subscript so many further; known where `subscript` is.
  Subscript offset(const Subscript &subscript, int64_t by);
  /// A subscript that is the same everywhere.
  Subscript number(int64_t value);
  /// Forgets what a scan's body made of the row before.
  void forgetScanRow();
  /// Says that a value is known at the innermost level.
  void setLevel(mlir::Value value) { valueLevels[value] = levels.size() - 1; }

  /// While a scan is emitted: its rows are at this subscript, and what its body
  /// makes of them belongs to the innermost level.
  void setScanRow(const Subscript &row) {
    scanRow = row;
    scanLevel = levels.size() - 1;
  }

  mlir::Value constant(int64_t value);
  /// vector<W x i64>: the subscripts of all lanes.
  mlir::Value lanesOf(const Subscript &subscript) {
    return memory.lanesOf(subscript);
  }
  mlir::Value splat(mlir::Value value);
  mlir::OpBuilder &innermost();
  mlir::OpBuilder &outermost();

private:
  struct Level {
    mlir::Block *block;
    /// The next inner loop; null at the innermost level.
    mlir::Operation *inner;
  };
  using Key = std::pair<void *, llvm::SmallVector<Subscript, 4>>;

  Storage storageOf(mlir::Value ref, mlir::Value tile, mlir::Value time,
                    std::optional<uint64_t> lanes, std::optional<uint64_t> part,
                    bool rows, bool backwards);
  unsigned levelOf(llvm::ArrayRef<Subscript> at) const;
  void insertAt(unsigned level);
  mlir::Value widen(mlir::Value value, mlir::Type element);
  mlir::Value emitOp(mlir::Operation *op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitLoad(tile::LoadOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitAccess(tile::AccessOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitReordered(tile::AccessOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitShift(tile::ShiftOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitPrevious(tile::PreviousOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitWindow(tile::WindowOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitScanArgument(mlir::BlockArgument argument,
                               llvm::ArrayRef<Subscript> at);
  /// `number` where `test` compares with 0, else `other`, at subscripts.
  mlir::Value choose(mlir::arith::CmpIPredicate test, const Subscript &index,
                     mlir::Value number, mlir::Value other,
                     llvm::ArrayRef<Subscript> at);
  Subscript clampToZero(const Subscript &subscript);
  mlir::Value emitIota(tile::IotaOp op, llvm::ArrayRef<Subscript> at);
  mlir::Value emitConstant(mlir::arith::ConstantOp op);
  mlir::Value emitPointwise(mlir::Operation *op, llvm::ArrayRef<Subscript> at);
  Subscript evaluate(mlir::AffineExpr expr, llvm::ArrayRef<Subscript> at);
  mlir::Value evaluateBinary(mlir::AffineBinaryOpExpr expr, mlir::Value lhs,
                             mlir::Value rhs);
  mlir::Value toFloat(mlir::Value index, mlir::Type element);

  Frame &frame;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  MemoryEmitter memory;
  llvm::SmallVector<Level> levels;
  std::map<Key, std::pair<mlir::Value, unsigned>> memo;
  /// No operation goes to a level further out: that of the scan whose body is
  /// being emitted.
  unsigned floor = 0;
  /// The levels of guards that are open: what is computed in a branch stays
  /// there.
  llvm::SmallVector<unsigned, 2> guards;
  unsigned scanLevel = 0;
  Subscript scanRow;
  /// Level of loop variables and of what is computed from them.
  llvm::DenseMap<mlir::Value, unsigned> valueLevels;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_EMITTER_H
