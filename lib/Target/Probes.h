//===- Probes.h - Measure what a machine can do -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Also the floors that the benchmarks stand beside.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TARGET_PROBES_H
#define LRC_LIB_TARGET_PROBES_H

#include <cstddef>
#include <cstdint>

namespace lrc::probes {

/// How often to measure, and what of it counts. Other work on the machine makes
/// a run slower and never faster, so the best tells what the machine can do;
/// the median tells what it does.
struct Timing {
  int runs;
  bool best;
};

/// Memory from the start of a cache line, in large pages where the system has
/// them, for std::free; null when there is none.
void *allocateLines(size_t bytes);

/// Threads of a parallel region.
int getThreads();

/// Bytes read plus written per second by a copy of so many bytes over all
/// threads; 0 without memory.
double measureCopy(size_t bytes, Timing timing);

/// f32 operations per second of fused multiply-adds in registers over so many
/// threads, with vectors of `vectorBits`, which the machine must have.
double measureFma(int64_t vectorBits, int threads, Timing timing);

/// Bytes per second at which one core reads so many bytes again and again; 0
/// without memory.
double measureRead(int64_t vectorBits, size_t bytes, Timing timing);

/// Seconds for each element of a vector exp of f32 as lrc emits it: a reduction
/// of the argument and a polynomial.
double measureExp(int64_t vectorBits, Timing timing);

/// Seconds of an empty parallel region of all threads.
double measureFork(Timing timing);

} // namespace lrc::probes

#endif // LRC_LIB_TARGET_PROBES_H
