//===- RowNests.h - Nests of the ops on rows of a chunk ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_ROWNESTS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_ROWNESTS_H

#include "lib/Conversion/TileToVector/Nests.h"
#include "lib/Conversion/TileToVector/VectorTarget.h"

namespace lrc {

/// Where the nests of a chunk are made, and what they share.
struct RowContext {
  const Plan &plan;
  Frame &frame;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  VectorTarget target;
  /// Memory for as long as the kernel runs.
  std::function<mlir::Value(int64_t bytes)> allocate;
  /// Kept tiles in a second layout, in which an axis is consecutive.
  llvm::MapVector<std::pair<mlir::Value, int64_t>, Storage> forms;
};

/// A tile that a row op computes, and what is made of it in the same nest.
struct RowResult {
  mlir::Value tile;
  /// No pointer: nobody but `consumers` reads it.
  Storage target;
  /// Stores of the tile, or of what is pointwise in it.
  llvm::SmallVector<Root> consumers;
};

/// An axis of a tile that a row op wants to be consecutive in memory.
struct FormRequest {
  mlir::Value tile;
  int64_t axis;
};

/// What the op wants of its operands; `forms` of them must be there when it is
/// emitted, or it will gather.
llvm::SmallVector<FormRequest> requestForms(mlir::Operation *op,
                                            const Plan &plan);

void emitProduct(RowContext &context, tile::ProductOp op,
                 const RowResult &result);
void emitSolve(RowContext &context, tile::SolveOp op, const RowResult &result);
void emitDecayedProduct(RowContext &context, tile::DecayedProductOp op,
                        const RowResult &result);
void emitDecayedApply(RowContext &context, tile::DecayedApplyOp op,
                      const RowResult &result);
void emitScan(RowContext &context, tile::ScanOp op,
              llvm::ArrayRef<RowResult> results);
void emitInterleave(RowContext &context, tile::InterleaveOp op,
                    const RowResult &result);

/// The axis along which a tile's buffer is consecutive; -1 for single elements.
int64_t consecutiveAxis(const Plan &plan, mlir::Value tile);

/// Whether axis `axis` of a tile runs along consecutive memory of the tile that
/// it is a view of.
bool isConsecutive(const Plan &plan, mlir::Value tile, int64_t axis);

/// Asks for the form in which axis `axis` of a tile is consecutive, unless it
/// is so anyway.
void requestForm(const Plan &plan, mlir::Value tile, int64_t axis,
                 llvm::SmallVectorImpl<FormRequest> &requests);

/// What tile.product wants.
void requestForms(const Plan &plan, tile::ProductOp op,
                  llvm::SmallVectorImpl<FormRequest> &requests);

/// Stores a vector or scalar of a result, and what is made of it.
void finishRow(Emitter &emitter, const RowResult &result, mlir::Value value,
               llvm::ArrayRef<Subscript> at);

/// Copies a kept tile to a layout in which `axis` is consecutive.
void emitForm(RowContext &context, mlir::Value tile, int64_t axis,
              const Storage &target);

/// Computes a tile that is kept in that layout alone; false, and nothing done,
/// where its sizes are no multiples of a vector.
bool emitComputedForm(RowContext &context, mlir::Value tile, int64_t axis,
                      const Storage &target);

/// A nest over all positions of a root's source, or a reduction of it.
void emitPointwise(RowContext &context, Root &root);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_ROWNESTS_H
