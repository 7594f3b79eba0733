//===- Prefetch.h - Inputs that arrive while others are used ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_PREFETCH_H
#define LRC_LIB_CONVERSION_TILETOGPU_PREFETCH_H

#include "lib/Conversion/TileToGpu/BlockNests.h"

namespace lrc {

/// A load of a chunk that is copied to shared memory, without passing through
/// registers, while the chunk before is computed.
struct Prefetch {
  tile::LoadOp op;
  Storage storage;
  /// When the last nest of a chunk reads it, see BlockMemory.h.
  int64_t lastUse = 0;
  /// Places, for chunks in turn: one that comes while another is read.
  int64_t places = 1;
  /// When it is started, if that is not as soon as nothing reads it any more.
  int64_t startTime = 0;
  /// Which chunk is loaded beside one: 1 for the next; 2 for the one after
  /// that, where nests run a chunk ahead; 0 for the same, beside preparers,
  /// where only carriers read it, who are a chunk behind.
  int64_t ahead = 1;
  bool issued = false;

  bool hasPlaces() const { return places > 1; }

  mlir::Value getTile() const { return tile::LoadOp(op).getResult(); }
};

/// Bytes that one such copy can move of a load's rows; 0 where it must not be
/// copied in this way.
int64_t prefetchBytes(tile::LoadOp op, const GpuShape &shape);

/// Starts copying the rows that begin `rows` behind those of the load to
/// `target`.
void emitPrefetch(BlockContext &context, tile::LoadOp op, const Storage &target,
                  int64_t rows);

/// All copies that were started are complete, for this thread.
void emitPrefetchWait(BlockContext &context);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_PREFETCH_H
