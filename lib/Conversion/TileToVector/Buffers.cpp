//===- Buffers.cpp - Memory for tiles -------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Buffers.h"

using namespace mlir;
using namespace lrc;

int64_t lrc::countElements(Value tile) {
  int64_t count = 1;
  for (int64_t size : shapeOf(tile))
    count *= size;
  return count;
}

int64_t lrc::countBytes(Value tile) {
  return countElements(tile) * (elementOf(tile).getIntOrFloatBitWidth() / 8);
}

Storage Buffers::make(Value tile, int64_t innermost) {
  Storage storage;
  storage.element = elementOf(tile);
  storage.pointer = allocate(countBytes(tile));
  if (innermost < 0)
    innermost = plan.getLaneAxis(tile);
  ArrayRef<int64_t> shape = shapeOf(tile);
  storage.strides.assign(shape.size(), 1);
  int64_t stride = innermost >= 0 ? shape[innermost] : 1;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    if (axis == innermost)
      continue;
    storage.strides[axis] = stride;
    stride *= shape[axis];
  }
  return storage;
}
