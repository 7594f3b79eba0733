//===- WorkItem.h - The function and its loop over work items ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Knows the layout of `lrc_call` and `lrc_tensor` (include/lrc-c/kernel.h).
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_WORKITEM_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_WORKITEM_H

#include "lib/Conversion/TileToVector/Emitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace lrc {

class WorkItem {
public:
  WorkItem(tile::KernelOp kernel, mlir::OpBuilder &builder)
      : kernel(kernel), builder(builder), loc(kernel.getLoc()) {}
  virtual ~WorkItem() = default;

  /// Makes the function and opens the loop over items: finds the sequence, head
  /// and block of an item, and where its tensors are.
  mlir::LLVM::LLVMFuncOp open(const Plan &plan, Frame &frame);

  /// Ends the loop, frees what was allocated, returns 0.
  void close();

  /// Finds where the loads and stores of a loop's body are, with the indices of
  /// an iteration.
  void findAddresses(mlir::scf::ForOp loop, Frame &frame);
  /// Gives the index values of a block their i64.
  void lowerIndices(mlir::Block *block, Frame &frame);
  /// A loop over time, with the indices and addresses of an iteration.
  mlir::scf::ForOp openLoop(mlir::scf::ForOp loop, Frame &frame,
                            mlir::ValueRange carried = {});

  /// Bytes of an element of a reference.
  static int64_t elementBytes(mlir::Value ref);

  /// i1 of whether this is block 0; null when there is one block.
  mlir::Value isFirstBlock() const { return firstBlock; }
  mlir::Value isGiven(mlir::Value data);
  mlir::Value addressAt(const Frame::Reference &reference, mlir::Value ref,
                        mlir::Value time);

  /// Memory that lives as long as the call: on the stack while that is small.
  mlir::Value allocate(int64_t bytes);
  void copy(mlir::Value to, mlir::Value from, int64_t bytes);
  mlir::Value constant(int64_t value);

protected:
  /// Finds the item of an index, from `call`, and where its tensors are.
  void enterItem(mlir::Value index, const Plan &plan, Frame &frame);
  /// The data of a tensor, as the target addresses it.
  virtual mlir::Value toMemory(mlir::Value pointer) { return pointer; }

  mlir::Value loadField(mlir::Value pointer, int64_t offset, mlir::Type type);
  mlir::Value i64Field(mlir::Value pointer, int64_t offset);
  void findItem(mlir::Value index);
  void findSequence();
  void findOrigin();
  mlir::Value findSlice(mlir::Value slices);
  Frame::Reference findTensor(unsigned argument);
  mlir::Value decideStreaming(const Frame::Reference &output, mlir::Value ref,
                              mlir::Value laneOffset);
  mlir::LLVM::LLVMFuncOp declare(llvm::StringRef name, mlir::Type result,
                                 llvm::ArrayRef<mlir::Type> arguments);
  void checkAllocations();

  tile::KernelOp kernel;
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::LLVM::LLVMFuncOp function;
  mlir::scf::ForOp loop;
  mlir::Value origin, origins;
  mlir::Value call, batch, head, heads, block, steps, segments, start;
  mlir::Value tensors, firstBlock;
  int64_t stackBytes = 0;
  llvm::SmallVector<mlir::Value> heap;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_WORKITEM_H
