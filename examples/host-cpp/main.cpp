//===- main.cpp - Gated linear attention from C++ -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles examples/gla.dsf, runs it on vectors of this program, in two pieces
// with the state handed over, and compares with a plain loop.
//
//     host-cpp ../gla.dsf
//
//===----------------------------------------------------------------------===//

#include "lrc/Program.h"

#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

namespace {

constexpr int64_t B = 2, T = 50, H = 3, K = 16, V = 24;

/// A tensor over memory of its own, as any library with DLPack has it.
struct Array {
  std::vector<int64_t> shape;
  std::vector<float> data;

  explicit Array(std::vector<int64_t> sizes) : shape(std::move(sizes)) {
    size_t count = 1;
    for (int64_t size : shape)
      count *= size;
    data.resize(count);
  }

  /// Steps first .. first + count - 1 of [B, T, H, N]: a view, not a copy.
  DLTensor steps(int64_t first, int64_t count) {
    int64_t n = shape[3];
    view = {shape[0], count, shape[2], n};
    strides = {T * H * n, H * n, n, 1};
    DLTensor tensor = whole();
    tensor.shape = view.data();
    tensor.strides = strides.data();
    tensor.byte_offset = first * H * n * sizeof(float);
    return tensor;
  }

  DLTensor whole() {
    DLTensor tensor = {};
    tensor.data = data.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int32_t>(shape.size());
    tensor.dtype = {kDLFloat, 32, 1};
    tensor.shape = shape.data();
    return tensor;
  }

  void fillRandom(std::mt19937 &bits) {
    std::normal_distribution<float> normal;
    for (float &x : data)
      x = normal(bits);
  }

private:
  std::vector<int64_t> view, strides;
};

/// One head of one sequence, as the paper writes it, in f64.
void plainLoop(const float *q, const float *k, const float *v, const float *g,
               double *o) {
  std::vector<double> S(K * V);
  for (int64_t t = 0; t < T; ++t) {
    for (int64_t i = 0; i < K; ++i)
      for (int64_t j = 0; j < V; ++j)
        S[i * V + j] = std::exp(double(g[t * H * K + i])) * S[i * V + j] +
                       double(k[t * H * K + i]) * v[t * H * V + j];
    for (int64_t j = 0; j < V; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < K; ++i)
        sum += q[t * H * K + i] * S[i * V + j];
      o[t * V + j] = sum / std::sqrt(double(K));
    }
  }
}

double relativeError(const Array &q, const Array &k, const Array &v,
                     const Array &g, const Array &o) {
  double difference = 0, size = 0;
  std::vector<double> expected(T * V);
  for (int64_t b = 0; b < B; ++b)
    for (int64_t h = 0; h < H; ++h) {
      int64_t keys = (b * T * H + h) * K, values = (b * T * H + h) * V;
      plainLoop(&q.data[keys], &k.data[keys], &v.data[values], &g.data[keys],
                expected.data());
      for (int64_t t = 0; t < T; ++t)
        for (int64_t j = 0; j < V; ++j) {
          double y = o.data[values + t * H * V + j];
          double ref = expected[t * V + j];
          difference += (y - ref) * (y - ref);
          size += ref * ref;
        }
    }
  return std::sqrt(difference / size);
}

int report(const std::string &message) {
  std::fputs(message.c_str(), stderr);
  return 1;
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return report("usage: host-cpp gla.dsf\n");
  lrc::Result<lrc::Program> program = lrc::Program::fromFile(argv[1]);
  if (!program)
    return report(program.message());

  // A mistake comes back as a value, with its place in the source.
  lrc::Result<lrc::Program> broken =
      lrc::Program::fromString("recurrence r {\n  out y = x\n}\n", "broken");
  if (broken)
    return report("expected an error\n");
  std::printf("an error: line %u, column %u: %s\n",
              broken.diagnostics().front().line,
              broken.diagnostics().front().column,
              broken.diagnostics().front().message.c_str());

  lrc::Result<lrc::Signature> signature = program->signature();
  if (!signature)
    return report(signature.message());
  std::printf("%s has %zu tensors\n", signature->name.c_str(),
              signature->fields.size());

  std::mt19937 bits(1);
  Array q({B, T, H, K}), k({B, T, H, K}), v({B, T, H, V}), g({B, T, H, K});
  Array o({B, T, H, V}), state({B, H, K, V});
  for (Array *array : {&q, &k, &v, &g})
    array->fillRandom(bits);
  for (float &x : g.data)
    x = -std::fabs(x);

  // The first 20 steps start at 0, the others at the state that these leave.
  // The state may be updated in place.
  for (auto [first, count] : {std::pair<int64_t, int64_t>(0, 20), {20, 30}}) {
    DLTensor views[] = {q.steps(first, count), k.steps(first, count),
                        v.steps(first, count), g.steps(first, count),
                        o.steps(first, count), state.whole()};
    lrc::TensorArgs inputs = {
        {"q", &views[0]}, {"k", &views[1]}, {"v", &views[2]}, {"g", &views[3]}};
    if (first > 0)
      inputs["S"] = &views[5];
    lrc::Result<void> done =
        program->run(inputs, {{"o", &views[4]}, {"S", &views[5]}});
    if (!done)
      return report(done.message());
  }

  double error = relativeError(q, k, v, g, o);
  std::printf("relative error %.1e\n", error);
  return error < 1e-5 ? 0 : 1;
}
