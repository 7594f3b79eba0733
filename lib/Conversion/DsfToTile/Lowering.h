//===- Lowering.h - A recurrence becomes a tile kernel ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H
#define LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H

#include "lib/Conversion/DsfToTile/DsfToTile.h"
#include "lib/Conversion/DsfToTile/StepLowering.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace lrc {

/// The kernel around the steps: arguments, starts of states, loops over time,
/// final states.
class Lowering {
public:
  Lowering(dsf::RecurrenceOp recurrence, const BlockOptions &options);

  mlir::FailureOr<tile::KernelOp> run(llvm::StringRef symbol);

private:
  void chooseWidth();
  tile::KernelOp makeKernel(llvm::StringRef symbol);
  void addArguments(tile::Role role, llvm::SmallVectorImpl<Argument> &list);

  mlir::FailureOr<TileValue> makeStart(StepLowering &prologue,
                                       dsf::StateOp state);
  mlir::FailureOr<TileValue> makeState(StepLowering &prologue,
                                       dsf::StateOp state);
  mlir::FailureOr<TileValue> makeWhole(dsf::StateOp state);
  mlir::LogicalResult makeStates();
  mlir::LogicalResult storeStates();
  mlir::LogicalResult lowerTime();
  mlir::LogicalResult lowerChunks(mlir::Value start, mlir::Value end,
                                  mlir::Value last);
  mlir::LogicalResult lowerSteps(mlir::Value start, mlir::Value end,
                                 mlir::Value last);
  mlir::scf::ForOp openLoop(mlir::Value start, mlir::Value end, int64_t step);
  void enterLoop(StepLowering &step, mlir::scf::ForOp loop, mlir::Value last);
  void closeLoop(StepLowering &step, mlir::scf::ForOp loop);

  dsf::RecurrenceOp recurrence;
  BlockOptions options;
  KernelFrame frame;
  int64_t blocks = 1;
  mlir::OpBuilder builder;
  /// In order of declaration, at the builder's place.
  llvm::MapVector<mlir::Operation *, TileValue> states;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H
