//===- Blocks.h - Register-blocked sums of products -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_BLOCKS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_BLOCKS_H

#include "lib/Conversion/TileToVector/RowNests.h"

namespace lrc {

/// A tile seen through accesses that are linear in its subscripts.
struct View {
  /// Address of element 0.
  mlir::Value pointer;
  mlir::Type element;
  /// Of each axis, in elements.
  llvm::SmallVector<int64_t> strides;
};

/// The memory behind `tile`, in the layout in which `axis` is consecutive if
/// there is one. Emitted at the outermost level.
View viewOf(RowContext &context, Emitter &emitter, mlir::Value tile,
            int64_t axis = -1);

/// The kept tile and the axis of it along which axis `axis` of `tile` runs;
/// null where that isn't one axis step by step.
FormRequest traceAxis(const Plan &plan, mlir::Value tile, int64_t axis);

/// pointer + index * stride, in elements.
mlir::Value advance(Emitter &emitter, mlir::Location loc, mlir::Value pointer,
                    mlir::Type element, mlir::Value index, int64_t stride);
mlir::Value advance(Emitter &emitter, mlir::Location loc, mlir::Value pointer,
                    mlir::Type element, int64_t offset);

/// A rectangle of accumulators: so many rows of so many vectors.
struct RegisterBlock {
  int64_t rows = 1;
  int64_t vectors = 1;
  int64_t width = 1;
  /// Lanes of the last vector that are there; null: all.
  mlir::Value tailMask;

  int64_t size() const { return rows * vectors; }
  mlir::Value maskOf(int64_t vector) const {
    return vector + 1 == vectors ? tailMask : mlir::Value();
  }
};

/// The rows and vectors that compute a result of `rows` times `vectors` the
/// fastest, of what fits into the registers.
RegisterBlock chooseBlock(const VectorTarget &target, int64_t rows,
                          int64_t vectors, int64_t width);

/// One factor of a sum of products, from where a block starts. Strides are in
/// elements; 0 along what the factor does not depend on.
struct Factor {
  mlir::Value pointer;
  mlir::Type element;
  int64_t row = 0;
  int64_t lane = 0;
  /// Of each summed dimension.
  llvm::SmallVector<int64_t> sums;
};

/// Scalars broadcast, or vectors, of a factor for each row and vector of a
/// block.
mlir::Value loadFactor(Emitter &emitter, mlir::Location loc,
                       const RegisterBlock &block, const Factor &factor,
                       int64_t row, int64_t vector);

/// accumulators[r * vectors + v] += sum of lhs * rhs. `end`, when given, is how
/// far the last summed dimension runs.
llvm::SmallVector<mlir::Value>
addProducts(Emitter &emitter, mlir::Location loc, const RegisterBlock &block,
            Factor lhs, Factor rhs, llvm::ArrayRef<int64_t> sizes,
            mlir::Value end, llvm::SmallVector<mlir::Value> accumulators);

/// Covers `size` elements by blocks of `step`: a loop over whole ones, and what
/// is left. `body` gets the first element and how many there are.
void forEachBlock(
    Emitter &emitter, int64_t size, int64_t step,
    llvm::function_ref<void(mlir::Value first, int64_t count)> body);

/// The vector loop of blocks: as forEachBlock, for so many vectors at a time.
void forEachPanel(
    Emitter &emitter, mlir::Location loc, int64_t size, RegisterBlock block,
    llvm::function_ref<void(mlir::Value first, const RegisterBlock &block)>
        body);

mlir::Value zeroVector(Emitter &emitter, mlir::Location loc, int64_t width,
                       mlir::Type element);
mlir::Value fma(Emitter &emitter, mlir::Location loc, mlir::Value a,
                mlir::Value b, mlir::Value c);
mlir::Value loadVector(Emitter &emitter, mlir::Location loc,
                       mlir::Value pointer, mlir::Type element, int64_t width,
                       mlir::Value mask);
void storeVector(Emitter &emitter, mlir::Location loc, mlir::Value value,
                 mlir::Value pointer, mlir::Value mask);
/// A scalar from memory in all lanes.
mlir::Value loadSplat(Emitter &emitter, mlir::Location loc, mlir::Value pointer,
                      mlir::Type element, int64_t width);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_BLOCKS_H
