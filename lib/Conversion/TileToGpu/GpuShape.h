//===- GpuShape.h - What a block of threads has -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_GPUSHAPE_H
#define LRC_LIB_CONVERSION_TILETOGPU_GPUSHAPE_H

#include <cstdint>

namespace lrc {

constexpr int64_t warpThreads = 32;
/// Lanes of a warp of carriers.
constexpr int64_t carrierLanes = 16;

/// Which of a chunk's inputs are loaded while the chunk before is computed.
enum class Prefetching {
  None,
  /// All; what the last nests do not read has one place, and is loaded when it
  /// is not needed any more.
  OnePlace,
  /// All, each with two places in turn.
  TwoPlaces
};

/// How a tile kernel is laid out on a multiprocessor.
struct GpuShape {
  /// Threads of a block, a multiple of a warp.
  int64_t threads = 256;
  /// Threads beside those, a multiple of a warp: they compute what needs no
  /// state, a chunk ahead of the others. 0: there are none.
  int64_t preparers = 0;
  /// Shared memory that a block may have, in bytes.
  int64_t sharedBytes = 227 * 1024;
  /// Blocks that a multiprocessor runs at once, where shared memory allows it:
  /// they must share its registers.
  int64_t resident = 2;
  /// Whether the caller's tensors start, and step in time, heads and batch, at
  /// multiples of 16 bytes, as far as their rows do.
  bool aligned = true;
  /// Whether tensor cores take products in bf16, accumulated in f32.
  bool tensorCores = false;
  /// Whether tensors have 16 bits for a number: what is computed needs no more
  /// digits.
  bool halfTensors = false;
  Prefetching prefetching = Prefetching::None;
  /// Whether what tensor cores read of a state has two places in turn, so that
  /// threads need not wait before they write the next.
  bool twoForms = false;
  /// Whether there are steps enough to load the inputs of some while those
  /// before are computed.
  bool manySteps = true;
};

/// What a launch of a lowered kernel needs.
struct GpuLayout {
  int64_t threads = 0;
  /// Dynamic shared memory of a block, and scratch in global memory, in bytes.
  int64_t sharedBytes = 0;
  int64_t scratchBytes = 0;
  /// Whether all that tensor cores read is in shared memory, and carriers'
  /// states leave registers for the rest.
  bool fits = true;
  /// Whether there are preparers.
  bool hasTeams = false;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_GPUSHAPE_H
