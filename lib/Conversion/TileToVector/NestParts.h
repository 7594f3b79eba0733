//===- NestParts.h - What loop nests are made of ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_NESTPARTS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_NESTPARTS_H

#include "lib/Conversion/TileToVector/Nests.h"
#include "lib/Conversion/TileToVector/VectorTarget.h"

namespace lrc {

/// Lanes of the vectors that run over `size` elements in a nest of these roots.
/// Vectors of four machine registers give independent chains of operations;
/// where they would leave many lanes empty, narrower ones do. What calls libm
/// lane by lane stays narrow, since each lane is a call in the code.
int64_t chooseVectorWidth(int64_t size, const Plan &plan,
                          llvm::ArrayRef<Root *> roots);

/// The same for a nest of a chunk: one or two registers.
int64_t chooseRowWidth(int64_t size, const Plan &plan, Root &root,
                       const VectorTarget &target);

/// The first `count` lanes. Made at the outermost level, where loads that use
/// it may go.
mlir::Value makeTailMask(Emitter &emitter, mlir::Location loc, int64_t width,
                         int64_t count);

/// Runs `body` for vectors that cover 0 .. size - 1: a loop over whole vectors,
/// then the rest under a mask.
void forEachVector(Emitter &emitter, mlir::Location loc, int64_t size,
                   int64_t width,
                   llvm::function_ref<void(const Subscript &lanes)> body);

/// What a combination leaves as it is, and two numbers or vectors combined.
double neutralOf(tile::Combine fn);
mlir::Value combine(mlir::OpBuilder &builder, mlir::Location loc,
                    tile::Combine fn, mlir::Value a, mlir::Value b);

/// The neutral element of a reduction, at the builder's insertion point.
mlir::Value makeNeutral(Emitter &emitter, mlir::OpBuilder &builder,
                        mlir::Location loc, const Root &root, bool isVector);

/// One number of all lanes.
mlir::Value reduceLanes(mlir::OpBuilder &builder, mlir::Location loc,
                        tile::Combine fn, mlir::Value vector);

/// The value of a root's source at subscripts.
mlir::Value emitSource(Emitter &emitter, const Root &root,
                       llvm::ArrayRef<Subscript> at);

/// Combines the source into an accumulator; lanes under the mask only when
/// lanes are reduced themselves.
mlir::Value accumulate(Emitter &emitter, mlir::OpBuilder &builder,
                       mlir::Location loc, const Root &root,
                       mlir::Value accumulator, llvm::ArrayRef<Subscript> at,
                       bool maskLanes);

/// Stores a root's value and remembers it.
void finish(Emitter &emitter, const Root &root, mlir::Value value,
            llvm::ArrayRef<Subscript> at);

/// Subscripts of a root from loop variables.
struct LoopVariables {
  llvm::SmallVector<mlir::Value> outer;
  llvm::SmallVector<mlir::Value> inner;

  /// `lanes` stands at `vectorAxis`; `resultOnly` leaves out reduced axes.
  llvm::SmallVector<Subscript> subscripts(const Root &root, int64_t vectorAxis,
                                          const Subscript &lanes,
                                          bool resultOnly) const;
};

/// Emits a root without lanes, whose reads are `reads`, as a nest of its own.
void emitPlain(Emitter &emitter, mlir::OpBuilder &builder, mlir::Location loc,
               const Plan &plan, Root &root, llvm::ArrayRef<TileRead> reads);

/// Emits one stage for the lanes of one vector.
void emitStage(Emitter &emitter, mlir::OpBuilder &builder, mlir::Location loc,
               const Plan &plan, const Stage &stage, const Subscript &lanes);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_NESTPARTS_H
