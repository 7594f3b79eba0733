//===- DenseGroup.h - Chunks of one matrix for all steps --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The chunk function of a state that every step multiplies with the same
// matrix. README.md has the derivation.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_DENSEGROUP_H
#define LRC_LIB_CONVERSION_DSFTOTILE_DENSEGROUP_H

#include "lib/Analysis/DenseUpdate.h"
#include "lib/Conversion/DsfToTile/StepLowering.h"

namespace lrc {

class DenseGroup {
public:
  DenseGroup(StepLowering &step, dsf::SetOp set, dsf::StateOp state,
             const DenseUpdate &update);

  /// The states after all rows; null after an error.
  mlir::Value run();

private:
  mlir::LogicalResult lowerMatrix();
  mlir::Value power(unsigned level);
  mlir::Value square(mlir::Value matrix);
  mlir::Value multiply(mlir::Value rows, mlir::Value matrix, mlir::Value add);
  mlir::Value runRows(mlir::Value rest, unsigned level);
  mlir::Value everySecond(mlir::Value rows, int64_t first);

  StepLowering &step;
  const DenseUpdate &update;
  mlir::MLIRContext *context;
  llvm::SmallVector<mlir::StringAttr> labels;
  llvm::SmallVector<int64_t> shape;
  mlir::Value start;
  /// The axes of the state that the matrix has, the mixed one among them; its
  /// last axis are the columns.
  llvm::SmallVector<int64_t> matrixAxes;
  /// A, A^2, A^4, .., in f64.
  llvm::SmallVector<mlir::Value> powers;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_DENSEGROUP_H
