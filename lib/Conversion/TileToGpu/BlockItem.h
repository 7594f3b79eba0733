//===- BlockItem.h - A work item as a block of threads ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_BLOCKITEM_H
#define LRC_LIB_CONVERSION_TILETOGPU_BLOCKITEM_H

#include "lib/Conversion/TileToGpu/BlockMemory.h"
#include "lib/Conversion/TileToGpu/GpuShape.h"
#include "lib/Conversion/TileToVector/WorkItem.h"

namespace lrc {

/// Threads of a block that run a part of it together.
enum class Team { All, Carriers, Preparers };

/// The kernel function: block b of the grid is work item b. Its parameters are
/// an `lrc_call` by value, with the tensors behind it in place of the pointer
/// to them, and a pointer to scratch memory.
class BlockItem : public WorkItem {
public:
  BlockItem(tile::KernelOp kernel, mlir::OpBuilder &builder,
            const GpuShape &shape)
      : WorkItem(kernel, builder), shape(shape) {}

  mlir::LLVM::LLVMFuncOp open(const Plan &plan, Frame &frame);
  /// Places the buffers and returns.
  GpuLayout close();

  /// What follows is emitted for a team, where only its threads come.
  void enter(Team team);
  /// i32: index of this thread in its team; and how many there are.
  mlir::Value getThread() const { return teamThread; }
  int64_t getThreads() const;
  /// i1: whether this thread is a preparer.
  mlir::Value isPreparer();
  const GpuShape &getShape() const { return shape; }

  /// The threads of the team wait for each other, and see what they wrote.
  void barrier();
  /// The same for all threads of the block. Each team must come to as many.
  void blockBarrier();

  /// Registers that a thread can have.
  int64_t getRegisters() const;
  /// Says that threads need more of them.
  void lackRegisters() { hasRegisters = false; }
  /// Says that preparers have something to do.
  void setTeams() { hasTeams = true; }

  /// A buffer of the block.
  mlir::Value allocate(int64_t bytes, const Lifetime &lifetime = {},
                       bool mustBeShared = false);

  /// Says that what is in a buffer is not needed in a time.
  void vacate(mlir::Value buffer, const Lifetime &time) {
    memory.vacate(buffer, time);
  }

private:
  mlir::Value toMemory(mlir::Value pointer) override;
  void setAlignments(Frame &frame);
  void emitBarrier(int64_t number, int64_t threads);

  GpuShape shape;
  BlockMemory memory;
  Team team = Team::All;
  bool hasTeams = false;
  bool hasRegisters = true;
  mlir::Value thread, teamThread, sharedBase, scratchBase;
  mlir::Operation *buffersEnd = nullptr;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_BLOCKITEM_H
