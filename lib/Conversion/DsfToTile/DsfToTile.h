//===- DsfToTile.h - From the step to a tile program ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_DSFTOTILE_H
#define LRC_LIB_CONVERSION_DSFTOTILE_DSFTOTILE_H

#include "dialects/Dsf/Dsf.h"
#include "dialects/Tile/Tile.h"

namespace lrc {

/// What decides into how many blocks the lanes are cut, and how many steps are
/// taken at a time.
struct BlockOptions {
  int64_t threads = 1;
  /// Sequences times heads, as far as it is known.
  int64_t batchHeads = 1;
  /// Bytes of first-level data cache that states may take.
  int64_t cacheBytes = 32 * 1024;
  /// Steps of a chunk; up to 1 is the sequential schedule.
  int64_t chunk = 0;
  /// Lanes of a work item; 0 leaves it to the other members.
  int64_t laneWidth = 0;
};

/// Lanes of one work item, out of `extent`, when a step carries `bytesPerLane`
/// bytes of state: as many as keep the state in the cache, but no more than
/// leave every thread an item.
int64_t chooseLaneWidth(int64_t extent, int64_t bytesPerLane,
                        const BlockOptions &options);

/// Lowers a specialised recurrence to a `tile.kernel`, inserted before it. A
/// schedule of chunks needs its `dsf.form`. Emits a diagnostic where the
/// recurrence uses what can't be lowered.
mlir::FailureOr<tile::KernelOp> lowerToTile(dsf::RecurrenceOp recurrence,
                                            llvm::StringRef symbol,
                                            const BlockOptions &options);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_DSFTOTILE_H
