//===- ChunkLowering.h - Many steps at once ---------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The chunk function: from the states at the start of a chunk and the inputs of
// its steps to the states at its end and the outputs. Groups of states are run
// one after the other, each for all rows; README.md has the mathematics.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_CHUNKLOWERING_H
#define LRC_LIB_CONVERSION_DSFTOTILE_CHUNKLOWERING_H

#include "lib/Analysis/StateGroups.h"
#include "lib/Conversion/DsfToTile/StepLowering.h"

namespace lrc {

class AffineGroup;

class ChunkLowering {
public:
  /// `step.old` has the states at the start of the chunk.
  explicit ChunkLowering(StepLowering &step);
  ~ChunkLowering();

  /// Defines `step.next` of all states (at the end of the chunk) and outputs
  /// (of all rows).
  mlir::LogicalResult run();

private:
  mlir::LogicalResult runShift(const StateGroups::Group &group);
  mlir::LogicalResult runPointwise(const StateGroups::Group &group);
  mlir::LogicalResult runDense(const StateGroups::Group &group);
  mlir::LogicalResult runAffine(const StateGroups::Group &group);
  void setRows(dsf::StateOp state, TileValue rows);

  StepLowering &step;
  dsf::FormOp form;
  StateGroups groups;
  llvm::SmallVector<std::unique_ptr<AffineGroup>> affine;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_CHUNKLOWERING_H
