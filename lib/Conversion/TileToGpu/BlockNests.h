//===- BlockNests.h - Nests whose positions threads share -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A nest computes a tile, or stores one, with all threads of a block. What a
// nest reads must be in memory, and seen by all threads, when it starts.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_BLOCKNESTS_H
#define LRC_LIB_CONVERSION_TILETOGPU_BLOCKNESTS_H

#include "lib/Conversion/TileToGpu/BlockItem.h"

namespace lrc {

/// Where nests are made, and what they share.
struct BlockContext {
  const Plan &plan;
  Frame &frame;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  BlockItem &item;
  /// Where a tile goes when it is computed. What is read as the tile is
  /// `frame.storage`; the others are forms of it for tensor cores.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Storage, 1>> targets{};
  /// bf16 forms of tiles that products by tensor cores read.
  llvm::DenseMap<mlir::Value, Storage> forms{};
  /// States in registers, by their next value, see TensorCore.h; and which
  /// state that is the next value of.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> fragments{};
  llvm::DenseMap<mlir::Value, mlir::Value> stateOf{};
  /// Pointwise tiles that are kept in the nest of what they are made of.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value, 1>> joined{};
  /// The thread that the next nest with few positions starts at: nests between
  /// which threads do not wait share them out.
  int64_t firstThread = 0;
  /// Stores that are done in the nest of what they store.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<tile::StoreOp, 1>> stores{};
};

/// An emitter whose outermost level is where the builder is, and where it is
/// afterwards.
class BlockNest {
public:
  explicit BlockNest(BlockContext &context)
      : context(context), builder(context.builder), loc(context.loc),
        emitter(context.frame, context.builder, context.loc),
        block(context.builder.getInsertionBlock()) {}
  ~BlockNest() { builder.setInsertionPointToEnd(block); }

protected:
  using Body = llvm::function_ref<void(mlir::Value index)>;

  /// Hands 0 .. count - 1, an i32 each, to the threads. Without `guarded` the
  /// last threads may get an index that is too large, so that whole warps run.
  void forEachIndex(int64_t count, Body body, bool guarded = true);
  /// The same, some indices of a thread at a time where all threads have as
  /// many: what is loaded for one need not wait for what is stored for another.
  void
  forEachIndices(int64_t count, int64_t most,
                 llvm::function_ref<void(llvm::ArrayRef<mlir::Value>)> body);
  /// Subscripts of position `index` in C order.
  llvm::SmallVector<Subscript> split(mlir::Value index,
                                     llvm::ArrayRef<int64_t> sizes);
  /// A subscript of an i32, known at the innermost level.
  Subscript toSubscript(mlir::Value index);
  mlir::Value constant32(int64_t value);
  mlir::Value divide(mlir::Value index, int64_t by);
  mlir::Value remainder(mlir::Value index, int64_t by);

  /// A number or vector in the element type of memory.
  mlir::Value convertTo(mlir::Value value, mlir::Type element);
  /// The value of a tile is known: stores it wherever it goes.
  void finish(mlir::Value tile, mlir::Value value,
              llvm::ArrayRef<Subscript> at);
  void store(tile::StoreOp op, mlir::Value value, llvm::ArrayRef<Subscript> at);

  /// Combines over groups of `lanes` neighbours, `stride` threads apart, of a
  /// warp; each gets the result.
  mlir::Value combineLanes(tile::Combine fn, mlir::Value value, int64_t lanes,
                           int64_t stride);
  /// The value of the thread `distance` lanes before, of 16.
  mlir::Value shuffleUp(mlir::Value value, int64_t distance);
  mlir::Value combineVector(tile::Combine fn, mlir::Value vector);
  mlir::Value combine(tile::Combine fn, mlir::Value a, mlir::Value b);
  mlir::Value neutral(tile::Combine fn, mlir::Type type);

  /// The value of the thread whose index differs in the bit `distance`.
  mlir::Value shuffle(mlir::Value value, int64_t distance);

  BlockContext &context;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  Emitter emitter;

private:
  mlir::Block *block;
};

/// A pointwise tile that is kept, a store, the copy of a tile or of memory to
/// `target`.
void emitPointwise(BlockContext &context, mlir::Value tile);
void emitStore(BlockContext &context, tile::StoreOp op);
void emitCopy(BlockContext &context, mlir::Value tile, const Storage &target);
void emitMove(BlockContext &context, llvm::ArrayRef<int64_t> sizes,
              const Storage &source, const Storage &target);
void emitReduce(BlockContext &context, tile::ReduceOp op);
void emitProduct(BlockContext &context, tile::ProductOp op);
void emitScan(BlockContext &context, tile::ScanOp op);
void emitSolve(BlockContext &context, tile::SolveOp op);
void emitDecayedProduct(BlockContext &context, tile::DecayedProductOp op);
void emitDecayedApply(BlockContext &context, tile::DecayedApplyOp op);
void emitInterleave(BlockContext &context, tile::InterleaveOp op);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_BLOCKNESTS_H
