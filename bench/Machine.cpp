//===- Machine.cpp - What the machine can do ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Machine.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <omp.h>
#include <sys/mman.h>
#include <vector>

using Clock = std::chrono::steady_clock;

/// Median seconds of `run`.
template <typename FnT> static double timeMedian(int count, FnT run) {
  std::vector<double> seconds;
  for (int i = 0; i < count; ++i) {
    Clock::time_point start = Clock::now();
    run();
    seconds.push_back(
        std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + count / 2, seconds.end());
  return seconds[count / 2];
}

void *lrc::bench::allocateLines(size_t bytes) {
  constexpr size_t pageBytes = size_t(1) << 21;
  size_t alignment = bytes >= pageBytes ? pageBytes : 64;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void *memory = std::aligned_alloc(alignment, bytes);
#ifdef MADV_HUGEPAGE
  if (memory && alignment == pageBytes)
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

double lrc::bench::measureCopyBandwidth() {
  constexpr size_t bytes = size_t(1) << 29;
  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  using Buffer = std::unique_ptr<char, Free>;
  Buffer from(static_cast<char *>(allocateLines(bytes)));
  Buffer to(static_cast<char *>(allocateLines(bytes)));
  auto copy = [&] {
    int threads = omp_get_max_threads();
#pragma omp parallel for num_threads(threads)
    for (int part = 0; part < threads; ++part) {
      size_t begin = bytes / threads * part;
      size_t end = part + 1 == threads ? bytes : bytes / threads * (part + 1);
      std::memcpy(to.get() + begin, from.get() + begin, end - begin);
    }
  };
  std::memset(from.get(), 1, bytes);
  copy();
  return 2.0 * bytes / timeMedian(7, copy);
}

#ifdef __AVX512F__
constexpr int vectorBytes = 64;
#else
constexpr int vectorBytes = 32;
#endif
using Vector = float __attribute__((vector_size(vectorBytes)));
constexpr int lanes = vectorBytes / sizeof(float);

/// 12 independent chains cover the latency of two units, and stay in 16
/// registers with what they are made of.
constexpr int chains = 12;

static float runChains(int64_t iterations) {
  Vector sums[chains];
  for (int i = 0; i < chains; ++i)
    sums[i] = Vector{} + float(i);
  Vector scale = Vector{} + 0.999f;
  Vector shift = Vector{} + 0.001f;
  for (int64_t n = 0; n < iterations; ++n)
#pragma clang loop unroll(full)
    for (int i = 0; i < chains; ++i)
      sums[i] = __builtin_elementwise_fma(sums[i], scale, shift);
  float total = 0;
  for (Vector &sum : sums)
    for (int lane = 0; lane < lanes; ++lane)
      total += sum[lane];
  return total;
}

double lrc::bench::measureFmaPeak() {
  constexpr int64_t iterations = 4'000'000;
  int threads = omp_get_max_threads();
  volatile float sink = 0;
  double seconds = timeMedian(5, [&] {
#pragma omp parallel for num_threads(threads)
    for (int thread = 0; thread < threads; ++thread)
      sink = runChains(iterations);
  });
  return 2.0 * chains * lanes * iterations * threads / seconds;
}

double lrc::bench::measureThreadFmaPeak() {
  constexpr int64_t iterations = 1'000'000;
  volatile float sink = 0;
  auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec + 1e-9 * time.tv_nsec;
  };
  double best = 0;
  for (int i = 0; i < 20; ++i) {
    double start = now();
    sink = runChains(iterations);
    best = std::max(best, 2.0 * chains * lanes * iterations / (now() - start));
  }
  return best;
}
