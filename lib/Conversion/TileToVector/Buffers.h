//===- Buffers.h - Memory for tiles -----------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_BUFFERS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_BUFFERS_H

#include "lib/Conversion/TileToVector/WorkItem.h"

namespace lrc {

/// Makes the buffers of kept tiles and states.
class Buffers {
public:
  Buffers(const Plan &plan, WorkItem &item, unsigned &count)
      : plan(plan), item(item), count(count) {}

  /// `innermost` is the axis whose elements lie next to each other, the lanes
  /// unless it is given; the other axes lie around it in C order.
  Storage make(mlir::Value tile, int64_t innermost = -1);

  /// Bytes of such a buffer.
  int64_t countBytes(mlir::Value tile, int64_t innermost = -1) const;

  mlir::Value allocate(int64_t bytes) {
    ++count;
    return item.allocate(bytes);
  }

private:
  int64_t layOut(mlir::Value tile, int64_t innermost,
                 llvm::SmallVectorImpl<int64_t> &strides) const;

  const Plan &plan;
  WorkItem &item;
  unsigned &count;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_BUFFERS_H
