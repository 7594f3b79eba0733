//===- RowOps.cpp - Speed of the ops on rows of a chunk -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One op of the tile dialect on operands that stay in the caches, run for many
// chunks by one thread, beside the peak of one thread. A product's floor is its
// multiply-adds; the triangular ops count those below the diagonal, and a decay
// counts one more for each.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "lib/Target/CpuTarget.h"
#include "lib/Target/Probes.h"

#include "benchmark/benchmark.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

using namespace lrc;
using namespace lrc::bench;

/// Chunks of one call: the operands are made once, before the loop.
constexpr int64_t chunks = 512;

static std::string substitute(const std::string &text,
                              const std::map<char, int64_t> &sizes) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '$')
      result += std::to_string(sizes.at(text[++i]));
    else
      result += text[i];
  return result;
}

/// A loop over chunks whose states are a matrix and rows; `body` makes %next
/// of %s from %a, %b and %d.
static std::string makeKernel(const std::string &types,
                              const std::string &body) {
  return R"(
tile.kernel @kernel blocks 1 ()" +
         types + R"(, final "S" %out: !tile.ref<$Mx$Nxf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %steps = tile.steps
  %zero = arith.constant dense<0.0> : tensor<$Mx$Nxf32>
)" + body +
         R"(
  tile.store %end, %out : tensor<$Mx$Nxf32>, !tile.ref<$Mx$Nxf32>
})";
}

static const std::string loop = R"(
  %end = scf.for %t = %c0 to %steps step %c1 iter_args(%s = %zero) -> (tensor<$Mx$Nxf32>) {
)";
static const std::string yield = R"(
    scf.yield %n : tensor<$Mx$Nxf32>
  })";

static void run(benchmark::State &state, const std::string &text,
                std::vector<int64_t> sizes, int64_t resultSize,
                double multiplyAdds) {
  TileKernel kernel(text);
  struct Free {
    void operator()(float *memory) const { std::free(memory); }
  };
  std::vector<std::unique_ptr<float, Free>> tensors;
  std::vector<lrc_tensor> described;
  sizes.push_back(resultSize);
  for (int64_t size : sizes) {
    auto *memory =
        static_cast<float *>(probes::allocateLines(size * sizeof(float)));
    // Decays come third; products of small ones would be denormal numbers.
    std::fill_n(memory, size, tensors.size() < 2 ? 0.01f : 0.95f);
    tensors.emplace_back(memory);
    described.push_back({memory, 0, 0, 0, 1});
  }
  lrc_call call{1, chunks, 1, nullptr, described.data(), nullptr};
  kernel.run(call);
  for (auto _ : state)
    kernel.run(call);
  static const double peak =
      probes::measureFma(inspectCpu().vectorBits, /*threads=*/1, {20, true});
  double flops = 2 * multiplyAdds * chunks;
  state.counters["GFLOP/s"] = benchmark::Counter(
      flops / 1e9, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak GFLOP/s"] = peak / 1e9;
  state.counters["of peak"] = benchmark::Counter(
      flops / peak, benchmark::Counter::kIsIterationInvariantRate);
}

/// S += A B with A [M,K] and B [K,N], the state in place.
static void product(benchmark::State &state) {
  int64_t m = state.range(0), k = state.range(1), n = state.range(2);
  bool lower = state.range(3) == 1;
  bool transposed = state.range(3) == 2;
  std::string a = transposed ? "$Kx$M" : "$Mx$K";
  std::string text = makeKernel(
      "param \"a\" %ar: !tile.ref<" + a +
          "xf32>, param \"b\" %br: !tile.ref<$Kx$Nxf32>",
      "  %a = tile.load %ar : !tile.ref<" + a + "xf32> -> tensor<" + a +
          "xf32>\n  %b = tile.load %br : !tile.ref<$Kx$Nxf32> -> "
          "tensor<$Kx$Nxf32>" +
          loop + "    %n = tile.product %a, %b init %s maps [" +
          (transposed ? "affine_map<(t, k, j) -> (k, t)>"
                      : "affine_map<(t, k, j) -> (t, k)>") +
          ", affine_map<(t, k, j) -> (k, j)>, affine_map<(t, k, j) -> (t, "
          "j)>]" +
          (lower ? " strictly_lower" : "") + " : tensor<" + a +
          "xf32>, tensor<$Kx$Nxf32> -> tensor<$Mx$Nxf32>" + yield);
  run(state, substitute(text, {{'M', m}, {'K', k}, {'N', n}}), {m * k, k * n},
      m * n, double(m) * n * k / (lower ? 2 : 1));
}
BENCHMARK(product)
    ->ArgNames({"M", "K", "N", "lower1_transposed2"})
    ->Args({32, 128, 64, 0})
    ->Args({32, 32, 64, 1})
    ->Args({128, 32, 64, 2})
    ->Args({64, 128, 128, 0});

/// X with X = B + tril(A) X.
static void solve(benchmark::State &state) {
  int64_t rows = state.range(0), n = state.range(1);
  std::string text = makeKernel(
      "param \"a\" %ar: !tile.ref<$Mx$Mxf32>, param \"b\" %br: "
      "!tile.ref<$Mx$Nxf32>",
      "  %a = tile.load %ar : !tile.ref<$Mx$Mxf32> -> tensor<$Mx$Mxf32>\n"
      "  %b = tile.load %br : !tile.ref<$Mx$Nxf32> -> tensor<$Mx$Nxf32>" +
          loop +
          "    %n = tile.solve %a, %b : tensor<$Mx$Mxf32>, tensor<$Mx$Nxf32>" +
          yield);
  run(state, substitute(text, {{'M', rows}, {'N', n}}), {rows * rows, rows * n},
      rows * n, double(rows) * (rows - 1) / 2 * n);
}
BENCHMARK(solve)->ArgNames({"C", "V"})->Args({32, 64})->Args({64, 128});

/// Decays: 0 none, 1 of a row, 2 of an element.
static void decayedProduct(benchmark::State &state) {
  int64_t rows = state.range(0), keys = state.range(1);
  bool full = state.range(2) == 2;
  std::string decay = full ? "$Mx$Kx" : "$Mx";
  std::string text = makeKernel(
      "param \"q\" %qr: !tile.ref<$Mx$Kxf32>, param \"k\" %kr: "
      "!tile.ref<$Mx$Kxf32>, param \"d\" %dr: !tile.ref<" +
          decay + "f32>",
      "  %q = tile.load %qr : !tile.ref<$Mx$Kxf32> -> tensor<$Mx$Kxf32>\n"
      "  %k = tile.load %kr : !tile.ref<$Mx$Kxf32> -> tensor<$Mx$Kxf32>\n"
      "  %d = tile.load %dr : !tile.ref<" +
          decay + "f32> -> tensor<" + decay + "f32>\n" + loop +
          "    %n = tile.decayed_product %q, %k" +
          (state.range(2) ? " decay %d" : "") + " : tensor<$Mx$Kxf32>" +
          (state.range(2) ? ", tensor<" + decay + "f32>" : "") +
          " -> tensor<$Mx$Nxf32>" + yield);
  double pairs = double(rows) * (rows - 1) / 2;
  run(state, substitute(text, {{'M', rows}, {'N', rows}, {'K', keys}}),
      {rows * keys, rows * keys, full ? rows * keys : rows}, rows * rows,
      pairs * keys * (full ? 2 : 1));
}
BENCHMARK(decayedProduct)
    ->ArgNames({"C", "K", "decay"})
    ->Args({32, 128, 0})
    ->Args({32, 128, 1})
    ->Args({32, 128, 2})
    ->Args({64, 128, 2});
