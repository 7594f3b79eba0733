//===- Machine.h - What the machine can do ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The floors that figures stand beside, measured in the same run.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_BENCH_MACHINE_H
#define LRC_BENCH_MACHINE_H

#include <cstddef>

namespace lrc::bench {

/// Memory from the start of a cache line, in large pages where the system has
/// them, so that the floor and the kernel see the same memory; for std::free.
void *allocateLines(size_t bytes);

/// Bytes read plus written per second by a copy of 1 GiB over all threads;
/// median of several.
double measureCopyBandwidth();

/// f32 operations per second of fused multiply-adds in registers over all
/// threads; median of several.
double measureFmaPeak();

/// The same of one thread, in its own time; the best of several.
double measureThreadFmaPeak();

} // namespace lrc::bench

#endif // LRC_BENCH_MACHINE_H
