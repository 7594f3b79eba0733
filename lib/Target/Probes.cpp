//===- Probes.cpp - Measure what a machine can do -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Target/Probes.h"
#include "lib/Target/ProbeKernels.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <omp.h>
#include <sys/mman.h>
#include <vector>

using namespace lrc::probes;

namespace {
struct Free {
  void operator()(void *memory) const { std::free(memory); }
};
template <typename T> using Buffer = std::unique_ptr<T[], Free>;
} // namespace

template <typename T> static Buffer<T> allocate(size_t count) {
  return Buffer<T>(static_cast<T *>(allocateLines(count * sizeof(T))));
}

/// Seconds of `run`, after one that does not count.
template <typename FnT> static double time(Timing timing, FnT run) {
  using Clock = std::chrono::steady_clock;
  run();
  std::vector<double> seconds;
  for (int i = 0; i < timing.runs; ++i) {
    Clock::time_point start = Clock::now();
    run();
    seconds.push_back(
        std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  // A clock that stands still must not give infinite speed.
  return std::max(timing.best ? seconds.front() : seconds[timing.runs / 2],
                  1e-9);
}

void *lrc::probes::allocateLines(size_t bytes) {
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

int lrc::probes::getThreads() { return omp_get_max_threads(); }

double lrc::probes::measureCopy(size_t bytes, Timing timing) {
  Buffer<char> from = allocate<char>(bytes), to = allocate<char>(bytes);
  if (!from || !to)
    return 0;
  int threads = getThreads();
  auto forEachPart = [&](auto run) {
#pragma omp parallel for num_threads(threads)
    for (int part = 0; part < threads; ++part) {
      size_t begin = bytes / threads * part;
      size_t end = part + 1 == threads ? bytes : bytes / threads * (part + 1);
      run(begin, end - begin);
    }
  };
  // Memory belongs to the thread that touches it first.
  forEachPart([&](size_t begin, size_t size) {
    std::memset(from.get() + begin, 1, size);
  });
  auto copy = [&] {
    forEachPart([&](size_t begin, size_t size) {
      std::memcpy(to.get() + begin, from.get() + begin, size);
    });
  };
  return 2.0 * bytes / time(timing, copy);
}

/// Keeps what a loop computes alive.
static volatile float sink;

double lrc::probes::measureFma(int64_t vectorBits, int threads, Timing timing) {
  constexpr int64_t iterations = 500'000;
  const Kernels &kernels = getKernels(vectorBits);
  double seconds = time(timing, [&] {
#pragma omp parallel for num_threads(threads)
    for (int thread = 0; thread < threads; ++thread)
      sink = kernels.multiplyAdd(iterations);
  });
  return double(kernels.operations) * iterations * threads / seconds;
}

double lrc::probes::measureRead(int64_t vectorBits, size_t bytes,
                                Timing timing) {
  // Passes are as long for small caches as for large ones.
  constexpr size_t totalBytes = size_t(1) << 26;
  size_t count = std::max<size_t>(bytes / sizeof(float) / 256, 1) * 256;
  size_t passes = std::max<size_t>(totalBytes / (count * sizeof(float)), 1);
  Buffer<float> data = allocate<float>(count);
  if (!data)
    return 0;
  std::fill_n(data.get(), count, 1.0f);
  const Kernels &kernels = getKernels(vectorBits);
  double seconds = time(timing, [&] {
    for (size_t i = 0; i < passes; ++i)
      sink = kernels.sum(data.get(), count);
  });
  return double(passes) * count * sizeof(float) / seconds;
}

double lrc::probes::measureExp(int64_t vectorBits, Timing timing) {
  constexpr size_t count = 2048, passes = 500;
  alignas(64) float data[count], result[count];
  for (size_t i = 0; i < count; ++i)
    data[i] = -float(i % 16);
  const Kernels &kernels = getKernels(vectorBits);
  double seconds = time(timing, [&] {
    for (size_t i = 0; i < passes; ++i) {
      kernels.exp(data, result, count);
      sink = result[i];
    }
  });
  return seconds / (count * passes);
}

double lrc::probes::measureFork(Timing timing) {
  int threads = getThreads();
  return time(timing, [&] {
#pragma omp parallel num_threads(threads)
    sink = 1;
  });
}
