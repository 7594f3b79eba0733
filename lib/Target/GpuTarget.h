//===- GpuTarget.h - What a GPU has and can do ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TARGET_GPUTARGET_H
#define LRC_LIB_TARGET_GPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace lrc {

/// Facts of a family of processors: passes ask for a fact, never for a name.
struct GpuTarget {
  /// As ptxas and LLVM call it.
  llvm::StringRef name;
  /// 10 * major + minor of the compute capability.
  unsigned capability;
  /// Version of PTX that has all that the code needs, as LLVM's feature.
  llvm::StringRef ptx;
  /// Bytes of shared memory that a block can have.
  int64_t blockSharedBytes;
  /// And all blocks of a multiprocessor; the system keeps 1 KiB of each.
  int64_t sharedBytes;
  /// Threads that a multiprocessor runs at once.
  int64_t threads;
  /// Multiprocessors of the largest processor of the family.
  int64_t multiprocessors;
  /// Of the clock of multiprocessors at work.
  double gigahertz;
  /// 1e9 bytes read plus written a second by a copy.
  double gigabytes;
  /// Of 32 bits, of a multiprocessor.
  int64_t registers = 64 << 10;
};

/// The targets that code can be made for, oldest first.
llvm::ArrayRef<GpuTarget> gpuTargets();

/// By name, or the error that names them all.
llvm::Expected<const GpuTarget *> findGpuTarget(llvm::StringRef name);

/// The best for a compute capability; null when all are newer.
const GpuTarget *findGpuTarget(unsigned capability);

} // namespace lrc

#endif // LRC_LIB_TARGET_GPUTARGET_H
