//===- CpuTarget.h - What a CPU has and can do ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts that costs are computed from: passes ask for a fact, never for the name
// of a machine.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TARGET_CPUTARGET_H
#define LRC_LIB_TARGET_CPUTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <optional>
#include <string>

namespace lrc {

/// The values here are those of a modest machine, for when none is known.
struct CpuTarget {
  /// Bits of the widest vector register that code is made for.
  int64_t vectorBits = 256;
  /// Vector registers that a program can name.
  int64_t registers = 16;
  /// Threads of a parallel region.
  int64_t threads = 4;
  /// Bytes of the first data cache and of the second cache of a core, and of
  /// one third cache, which cores share.
  int64_t l1Bytes = 32 << 10;
  int64_t l2Bytes = 512 << 10;
  int64_t l3Bytes = 16 << 20;
  /// Bytes of a cache line.
  int64_t lineBytes = 64;
  /// 1e9 f32 operations a second of fused multiply-adds in the registers of
  /// one core; a multiply-add counts as 2.
  double fmaGflops = 80;
  /// 1e9 bytes read plus written a second by a copy of large memory over all
  /// threads.
  double copyGBps = 20;
  /// 1e9 bytes read a second by one core from its second cache.
  double l2GBps = 60;
  /// Nanoseconds of one core for each f32 element of a vector exp.
  double expNs = 0.5;
  /// Microseconds to start and end an OpenMP parallel region of all threads.
  double forkUs = 3;

  bool operator==(const CpuTarget &other) const;
  bool operator!=(const CpuTarget &other) const { return !(*this == other); }
};

/// One line `key = value` for each fact, with three digits of what is measured.
void print(const CpuTarget &target, llvm::raw_ostream &os);

/// Reads such lines; '#' begins a comment. A fact that is not given keeps its
/// default. `fileName` is for errors.
llvm::Expected<CpuTarget> parseCpuTarget(llvm::StringRef text,
                                         llvm::StringRef fileName);

/// What can be known of the machine that this runs on without measuring; the
/// measures keep their defaults.
CpuTarget inspectCpu();

/// Text that is the same only on machines and for versions of lrc that run a
/// kernel alike, as far as can be known without measuring.
std::string describeHost();

/// Looks at the machine that this runs on and measures it, in a fraction of a
/// second; nothing when that is impossible, as without memory.
std::optional<CpuTarget> measureCpu();

/// This machine, measured once and then read from the cache; the defaults when
/// it cannot be measured. The answer stays the same in a process.
const CpuTarget &hostTarget();

} // namespace lrc

#endif // LRC_LIB_TARGET_CPUTARGET_H
