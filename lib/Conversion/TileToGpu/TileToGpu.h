//===- TileToGpu.h - From tiles to a block of threads -----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
#define LRC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H

#include "dialects/Tile/Tile.h"
#include "lib/Conversion/TileToGpu/GpuShape.h"

namespace lrc {

/// Lowers a tile kernel to a function that a block of threads runs for each
/// work item, inserted before it. `shape.sharedBytes` holds; what does not fit
/// goes to scratch memory.
GpuLayout lowerToGpu(tile::KernelOp kernel, const GpuShape &shape);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_TILETOGPU_H
