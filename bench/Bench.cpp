//===- Bench.cpp - Speed on the CPU, beside the machine's floor -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every figure is a median of repetitions and stands beside a floor that was
// measured in the same run: the bandwidth of a copy, or the peak of fused
// multiply-adds.
//
//===----------------------------------------------------------------------===//

#include "Baseline.h"
#include "Kernels.h"

#include "lib/Target/CpuTarget.h"
#include "lib/Target/Probes.h"

#include "benchmark/benchmark.h"

#include <cmath>
#include <cstdlib>
#include <vector>

using namespace lrc;
using namespace lrc::bench;

namespace {
/// Tensors lie as the buffers of the measured copy do.
template <typename T> struct LineAllocator {
  using value_type = T;
  LineAllocator() = default;
  template <typename U> LineAllocator(const LineAllocator<U> &) {}
  T *allocate(size_t count) {
    return static_cast<T *>(probes::allocateLines(count * sizeof(T)));
  }
  void deallocate(T *pointer, size_t) { std::free(pointer); }
  bool operator==(const LineAllocator &) const { return true; }
  bool operator!=(const LineAllocator &) const { return false; }
};
} // namespace

using Floats = std::vector<float, LineAllocator<float>>;

/// Uniform numbers of variance 1, mapped; xorshift, since the tensors are
/// large.
static Floats randomTensor(size_t size, uint64_t seed, float (*map)(float)) {
  uint64_t bits = seed * 0x9e3779b97f4a7c15u;
  Floats values(size);
  for (float &value : values) {
    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    float uniform = float(bits >> 40) / float(1 << 24);
    value = map((uniform - 0.5f) * 3.4641f);
  }
  return values;
}

static float plain(float x) { return x; }
/// A log forget gate: log(sigmoid(x)).
static float logSigmoid(float x) { return -std::log1p(std::exp(-x)); }
/// A decay in (0, 1), cheap to compute.
static float decay(float x) { return 0.5f + x / 4; }

static double copyBandwidth() {
  static const double measured =
      probes::measureCopy(size_t(1) << 29, {7, /*best=*/false});
  return measured;
}

static double fmaPeak() {
  static const double measured = probes::measureFma(
      inspectCpu().vectorBits, probes::getThreads(), {25, /*best=*/false});
  return measured;
}

//===----------------------------------------------------------------------===//
// h <- a h + b: memory bound
//===----------------------------------------------------------------------===//

static void diagonalScan(benchmark::State &state) {
  int64_t steps = state.range(0);
  int64_t channels = state.range(1);
  llvm::StringMap<int64_t> dims;
  dims["D"] = channels;
  auto kernel = compileFile("bench/diagonal_scan.dsf", dims, 1);
  // The benchmark library calls this function many times.
  static Floats a = randomTensor(steps * channels, 1, decay);
  static Floats b = randomTensor(steps * channels, 2, plain);
  static Floats o(steps * channels, NAN);
  static Floats last(channels);
  auto sequence = [&](Floats &tensor) {
    return lrc_tensor{tensor.data(), 0, channels, 0, 1};
  };
  lrc_tensor tensors[] = {sequence(a),
                          sequence(b),
                          {nullptr, 0, 0, 0, 1},
                          sequence(o),
                          {last.data(), 0, 0, 0, 1}};
  lrc_call call{1, steps, 1, nullptr, tensors, nullptr};
  kernel->run(call);
  for (auto _ : state)
    kernel->run(call);
  double bytes = 12.0 * steps * channels;
  state.counters["GB/s"] = benchmark::Counter(
      bytes / 1e9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["copy GB/s"] = copyBandwidth() / 1e9;
  state.counters["of copy"] = benchmark::Counter(
      bytes / copyBandwidth(), benchmark::Counter::kIsIterationInvariantRate);
}
// One shape: the tensors above are made once.
BENCHMARK(diagonalScan)->Args({65536, 2048})->UseRealTime();

//===----------------------------------------------------------------------===//
// Gated linear attention: arithmetic bound
//===----------------------------------------------------------------------===//

namespace {
struct GlaTensors {
  int64_t steps, heads, keys, values;
  Floats q, k, v, g, o, states;

  GlaTensors(int64_t steps, int64_t heads, int64_t keys, int64_t values)
      : steps(steps), heads(heads), keys(keys), values(values),
        q(randomTensor(steps * heads * keys, 1, plain)),
        k(randomTensor(steps * heads * keys, 2, plain)),
        v(randomTensor(steps * heads * values, 3, plain)),
        g(randomTensor(steps * heads * keys, 4, logSigmoid)),
        o(steps * heads * values, NAN), states(heads * keys * values, NAN) {}

  /// Two multiply-adds and a multiply for each element of the state.
  double flops() const { return 5.0 * steps * heads * keys * values; }
};
} // namespace

static void countFlops(benchmark::State &state, double flops) {
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops / 1e9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak GFLOP/s"] = fmaPeak() / 1e9;
  state.counters["of peak"] = benchmark::Counter(
      flops / fmaPeak(), benchmark::Counter::kIsIterationInvariantRate);
}

static void glaLrc(benchmark::State &state) {
  GlaTensors t(state.range(0), state.range(1), state.range(2), state.range(2));
  llvm::StringMap<int64_t> dims;
  dims["K"] = t.keys;
  dims["V"] = t.values;
  auto kernel = compileFile("examples/gla.dsf", dims, t.heads);
  auto sequence = [&](Floats &tensor, int64_t size) {
    return lrc_tensor{tensor.data(), 0, t.heads * size, size, t.heads};
  };
  // `scale` has a default, which is compiled in.
  lrc_tensor tensors[] = {sequence(t.q, t.keys),
                          sequence(t.k, t.keys),
                          sequence(t.v, t.values),
                          sequence(t.g, t.keys),
                          {nullptr, 0, 0, 0, 1},
                          sequence(t.o, t.values),
                          {t.states.data(), 0, 0, t.keys * t.values, t.heads}};
  lrc_call call{1, t.steps, t.heads, nullptr, tensors, nullptr};
  kernel->run(call);
  for (auto _ : state)
    kernel->run(call);
  countFlops(state, t.flops());
}
BENCHMARK(glaLrc)->Args({4096, 8, 128})->UseRealTime();

static void glaLoops(benchmark::State &state) {
  GlaTensors t(state.range(0), state.range(1), state.range(2), state.range(2));
  float scale = 1 / std::sqrt(float(t.keys));
  for (auto _ : state)
    glaLoopNest(t.steps, t.heads, t.keys, t.values, t.q.data(), t.k.data(),
                t.v.data(), t.g.data(), scale, t.states.data(), t.o.data());
  countFlops(state, t.flops());
}
BENCHMARK(glaLoops)->Args({4096, 8, 128})->UseRealTime();

int main(int argc, char **argv) {
  // Medians of repetitions, unless the command line says otherwise.
  std::vector<char *> arguments(argv, argv + argc);
  char repetitions[] = "--benchmark_repetitions=9";
  char aggregates[] = "--benchmark_report_aggregates_only=true";
  arguments.insert(arguments.begin() + 1, {repetitions, aggregates});
  int count = arguments.size();
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
    return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
