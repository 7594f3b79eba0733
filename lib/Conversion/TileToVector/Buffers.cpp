//===- Buffers.cpp - Memory for tiles -------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Buffers.h"

using namespace mlir;
using namespace lrc;

/// A row of this many bytes, or of a multiple of it, begins in the same few
/// sets of a cache as the rows before.
constexpr int64_t conflictBytes = 256;

/// Strides of a buffer; returns how many elements it has.
int64_t Buffers::layOut(Value tile, int64_t innermost,
                        SmallVectorImpl<int64_t> &strides) const {
  if (innermost < 0)
    innermost = plan.getLaneAxis(tile);
  ArrayRef<int64_t> shape = shapeOf(tile);
  int64_t rank = shape.size();
  if (innermost < 0)
    innermost = rank - 1;
  strides.assign(rank, 1);
  int64_t stride = innermost >= 0 ? shape[innermost] : 1;
  // Chunks read columns of matrices again and again: their rows must not
  // compete for the first cache.
  bool chunked = llvm::any_of(
      plan.getLoops(), [&](scf::ForOp loop) { return plan.isChunked(loop); });
  int64_t bytes = elementOf(tile).getIntOrFloatBitWidth() / 8;
  if (chunked && rank == 2 && stride * bytes % conflictBytes == 0)
    stride += cacheLineBytes / bytes;
  for (int64_t axis = rank - 1; axis >= 0; --axis) {
    if (axis == innermost)
      continue;
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return stride;
}

int64_t Buffers::countBytes(Value tile, int64_t innermost) const {
  SmallVector<int64_t> strides;
  return layOut(tile, innermost, strides) *
         (elementOf(tile).getIntOrFloatBitWidth() / 8);
}

Storage Buffers::make(Value tile, int64_t innermost) {
  Storage storage;
  storage.element = elementOf(tile);
  storage.pointer = allocate(countBytes(tile, innermost));
  layOut(tile, innermost, storage.strides);
  return storage;
}
