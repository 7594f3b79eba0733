//===- ThreadLoop.h - Steps whose states are in registers -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel that goes through time step by step, and whose lanes need nothing
// of each other, needs no shared memory and no waiting: a thread takes a few
// lanes, or a part of the rows of their states, and keeps them in registers.
// Parts of one lane are neighbours in a warp, and sum by shuffles.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_THREADLOOP_H
#define LRC_LIB_CONVERSION_TILETOGPU_THREADLOOP_H

#include "lib/Conversion/TileToGpu/BlockNests.h"

namespace lrc {

/// What the axes of a tile's position are.
enum class ThreadAxis {
  /// The lanes of the thread.
  Lane,
  /// All positions, or those of the thread's part.
  Inner,
  /// A function of others.
  Other
};
using ThreadAxes = llvm::SmallVector<ThreadAxis, 2>;

/// How threads share lanes and states.
struct ThreadGrid {
  /// Lanes of a block; of a thread, one after the other.
  int64_t lanes = 1;
  int64_t width = 1;
  /// Threads that share a lane: each has so many rows behind each other of
  /// every axis of size `rows`.
  int64_t parts = 1;
  int64_t rows = 0;
  /// Steps whose inputs are loaded while as many before are computed; 1: each
  /// when it is needed.
  int64_t ahead = 1;
  /// Multiple of a warp.
  int64_t threads = 0;
  /// How a step reads reductions, loads, and what is made before the loop.
  /// Loads that are read in several ways are not among them.
  llvm::MapVector<mlir::Value, ThreadAxes> axes;

  int64_t getGroups() const { return lanes / width; }
};

/// None where the kernel has other loops, where lanes need each other, or where
/// the states of a lane are too large for the registers of a warp.
std::optional<ThreadGrid>
chooseThreadGrid(const Plan &plan, tile::KernelOp kernel, bool manySteps);

/// The whole kernel, in the function that `context.item` has opened.
void emitThreadKernel(BlockContext &context, tile::KernelOp kernel,
                      const ThreadGrid &grid);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_THREADLOOP_H
