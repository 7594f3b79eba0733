//===- BlockMemory.h - Memory of a block of threads -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buffers are asked for with the time in which they are needed, and placed when
// all of them are known: in shared memory, where buffers that are not needed at
// the same time share their place, or, when that is full, in scratch memory of
// the block in global memory.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_BLOCKMEMORY_H
#define LRC_LIB_CONVERSION_TILETOGPU_BLOCKMEMORY_H

#include "mlir/IR/Builders.h"

namespace lrc {

/// An interval of time, ends included. Times of different loops are different.
struct Lifetime {
  int64_t first = 0;
  int64_t last = INT64_MAX;

  bool overlaps(const Lifetime &other) const {
    return first <= other.last && other.first <= last;
  }
  bool contains(const Lifetime &other) const {
    return first <= other.first && other.last <= last;
  }
};

class BlockMemory {
public:
  static constexpr int64_t alignment = 128;

  /// A generic pointer that place() gives its value. `entry` is where it is
  /// made.
  mlir::Value allocate(mlir::OpBuilder &entry, mlir::Location loc,
                       int64_t bytes, const Lifetime &lifetime,
                       bool mustBeShared = false);

  /// Says that what is in a buffer is not needed in a time.
  void vacate(mlir::Value pointer, const Lifetime &time);

  /// Decides on all places. The pointers become offsets from `shared` and
  /// `scratch`, at the place where they were made. False if a buffer that must
  /// be shared is not.
  bool place(mlir::Value shared, mlir::Value scratch, int64_t sharedLimit);

  int64_t getSharedBytes() const { return sharedBytes; }
  int64_t getScratchBytes() const { return scratchBytes; }
  /// Whether a buffer of a loop's iterations is in scratch memory.
  bool spillsLoops() const { return loopScratch; }

private:
  struct Buffer {
    mlir::Operation *pointer;
    int64_t bytes;
    Lifetime lifetime;
    bool mustBeShared;
    llvm::SmallVector<Lifetime, 1> vacant;
    int64_t offset = -1;

    bool isNeededIn(const Lifetime &time) const;
  };
  int64_t findOffset(const Buffer &buffer, int64_t limit) const;

  std::vector<Buffer> buffers;
  int64_t sharedBytes = 0;
  int64_t scratchBytes = 0;
  bool loopScratch = false;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_BLOCKMEMORY_H
