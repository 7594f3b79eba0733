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
/// Tensors of linear attention: a decay for each key or each step.
struct AttentionTensors {
  int64_t steps, heads, keys, values;
  Floats q, k, v, g, o, states;

  AttentionTensors(const benchmark::State &state, bool isKeyed)
      : steps(state.range(0)), heads(state.range(1)), keys(state.range(2)),
        values(state.range(2)), q(randomTensor(steps * heads * keys, 1, plain)),
        k(randomTensor(steps * heads * keys, 2, plain)),
        v(randomTensor(steps * heads * values, 3, plain)),
        g(randomTensor(steps * heads * (isKeyed ? keys : 1), 4, logSigmoid)),
        o(steps * heads * values, NAN), states(heads * keys * values, NAN) {}

  lrc_tensor sequence(Floats &tensor) const {
    int64_t size = tensor.size() / (steps * heads);
    return {tensor.data(), 0, heads * size, size, heads};
  }
  lrc_tensor final() { return {states.data(), 0, 0, keys * values, heads}; }
  float scale() const { return 1 / std::sqrt(float(keys)); }
  /// So many operations for each element of the state.
  double flops(double each) const {
    return each * steps * heads * keys * values;
  }
};
} // namespace

constexpr lrc_tensor noTensor{nullptr, 0, 0, 0, 1};

static std::unique_ptr<CpuKernel> compileFor(const AttentionTensors &tensors,
                                             const char *path) {
  llvm::StringMap<int64_t> dims;
  dims["K"] = tensors.keys;
  dims["V"] = tensors.values;
  return compileFile(path, dims, tensors.heads);
}

static void countFlops(benchmark::State &state, double flops) {
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops / 1e9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak GFLOP/s"] = fmaPeak() / 1e9;
  state.counters["of peak"] = benchmark::Counter(
      flops / fmaPeak(), benchmark::Counter::kIsIterationInvariantRate);
}

static void runKernel(benchmark::State &state, const CpuKernel &kernel,
                      const AttentionTensors &t, lrc_tensor *tensors) {
  lrc_call call{1, t.steps, t.heads, nullptr, tensors, nullptr};
  kernel.run(call);
  for (auto _ : state)
    kernel.run(call);
}

/// Two multiply-adds and a multiply.
constexpr double glaFlops = 5;

static void glaLrc(benchmark::State &state) {
  AttentionTensors t(state, /*isKeyed=*/true);
  auto kernel = compileFor(t, "examples/gla.dsf");
  // `scale` has a default, which is compiled in.
  lrc_tensor tensors[] = {t.sequence(t.q), t.sequence(t.k), t.sequence(t.v),
                          t.sequence(t.g), noTensor,        t.sequence(t.o),
                          t.final()};
  runKernel(state, *kernel, t, tensors);
  countFlops(state, t.flops(glaFlops));
}
BENCHMARK(glaLrc)->Args({4096, 8, 128})->UseRealTime();

static void glaLoops(benchmark::State &state) {
  AttentionTensors t(state, /*isKeyed=*/true);
  for (auto _ : state)
    glaLoopNest(t.steps, t.heads, t.keys, t.values, t.q.data(), t.k.data(),
                t.v.data(), t.g.data(), t.scale(), t.states.data(), t.o.data());
  countFlops(state, t.flops(glaFlops));
}
BENCHMARK(glaLoops)->Args({4096, 8, 128})->UseRealTime();

//===----------------------------------------------------------------------===//
// The gated delta rule
//===----------------------------------------------------------------------===//

/// Three multiply-adds and a multiply.
constexpr double gatedDeltaFlops = 7;

static void scaleToUnit(Floats &keys, int64_t size) {
  for (size_t row = 0; row < keys.size(); row += size) {
    float squares = 0;
    for (int64_t i = 0; i < size; ++i)
      squares += keys[row + i] * keys[row + i];
    for (int64_t i = 0; i < size; ++i)
      keys[row + i] /= std::sqrt(squares);
  }
}

static Floats randomBeta(const AttentionTensors &t) {
  Floats beta = randomTensor(t.steps * t.heads, 5, logSigmoid);
  for (float &each : beta)
    each = std::exp(each);
  return beta;
}

static void gatedDeltaLrc(benchmark::State &state) {
  AttentionTensors t(state, /*isKeyed=*/false);
  scaleToUnit(t.k, t.keys);
  Floats beta = randomBeta(t);
  auto kernel = compileFor(t, "examples/gated_deltanet.dsf");
  lrc_tensor tensors[] = {t.sequence(t.q),  t.sequence(t.k), t.sequence(t.v),
                          t.sequence(beta), t.sequence(t.g), noTensor,
                          t.sequence(t.o),  t.final()};
  runKernel(state, *kernel, t, tensors);
  countFlops(state, t.flops(gatedDeltaFlops));
}
BENCHMARK(gatedDeltaLrc)->Args({4096, 8, 128})->UseRealTime();

static void runDeltaLoops(benchmark::State &state, bool isFused) {
  AttentionTensors t(state, /*isKeyed=*/false);
  scaleToUnit(t.k, t.keys);
  Floats beta = randomBeta(t);
  for (auto _ : state)
    gatedDeltaLoopNest(t.steps, t.heads, t.keys, t.values, t.q.data(),
                       t.k.data(), t.v.data(), beta.data(), t.g.data(),
                       t.scale(), isFused, t.states.data(), t.o.data());
  countFlops(state, t.flops(gatedDeltaFlops));
}

static void gatedDeltaLoops(benchmark::State &state) {
  runDeltaLoops(state, /*isFused=*/false);
}
BENCHMARK(gatedDeltaLoops)->Args({4096, 8, 128})->UseRealTime();

static void gatedDeltaFused(benchmark::State &state) {
  runDeltaLoops(state, /*isFused=*/true);
}
BENCHMARK(gatedDeltaFused)->Args({4096, 8, 128})->UseRealTime();

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
