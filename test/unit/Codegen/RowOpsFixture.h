//===- RowOpsFixture.h - Kernels compared with plain loops ------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_CODEGEN_ROWOPSFIXTURE_H
#define LRC_TEST_UNIT_CODEGEN_ROWOPSFIXTURE_H

#include "test/unit/Codegen/TileKernel.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>

namespace lrc::test {

/// A tensor of a test: values, and elements of a step (0 without time).
template <typename T> struct Tensor {
  std::vector<T> values;
  int64_t perStep = 0;

  lrc_tensor describe() { return {values.data(), 0, perStep, 0, 1}; }
};

template <typename T> class RowOpsFixture : public testing::Test {
protected:
  static constexpr const char *element = sizeof(T) == 4 ? "f32" : "f64";
  static constexpr double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-12;
  static constexpr VectorRegisters targets[] = {
      {512, 32}, {256, 16}, {128, 16}};

  Tensor<T> random(int64_t steps, int64_t perStep, bool timed = true) {
    Tensor<T> tensor{std::vector<T>(steps * perStep), timed ? perStep : 0};
    std::uniform_real_distribution<double> uniform(-1, 1);
    for (T &value : tensor.values)
      value = T(uniform(engine));
    return tensor;
  }
  /// Decays, some of them 0, negative, tiny or 1.
  Tensor<T> decays(int64_t steps, int64_t perStep) {
    Tensor<T> tensor = random(steps, perStep);
    for (T &value : tensor.values) {
      int kind = engine() % 16;
      value = kind == 0   ? T(0)
              : kind == 1 ? T(1e-30)
              : kind == 2 ? -std::fabs(value)
              : kind == 3 ? T(1)
                          : T(0.5 + std::fabs(value) / 2);
    }
    return tensor;
  }
  Tensor<T> output(int64_t steps, int64_t perStep, bool timed = true) {
    return {std::vector<T>(steps * perStep, T(NAN)), timed ? perStep : 0};
  }

  /// Runs a kernel and compares its last `expected.size()` tensors.
  void check(const std::string &body, std::map<std::string, std::string> values,
             int64_t steps, std::vector<Tensor<T>> tensors,
             const std::vector<std::vector<double>> &expected) {
    values["F"] = element;
    std::string text = substitute(body, values);
    for (const VectorRegisters &registers : targets) {
      std::vector<Tensor<T>> copies = tensors;
      std::vector<lrc_tensor> described;
      for (Tensor<T> &tensor : copies)
        described.push_back(tensor.describe());
      ASSERT_EQ(TileKernel(text, registers).run(steps, described, blocks), 0);
      for (size_t i = 0; i < expected.size(); ++i) {
        const Tensor<T> &got = copies[copies.size() - expected.size() + i];
        ASSERT_EQ(got.values.size(), expected[i].size());
        double scale = 1;
        for (double value : expected[i])
          scale = std::max(scale, std::fabs(value));
        for (size_t n = 0; n < expected[i].size(); ++n)
          ASSERT_NEAR(got.values[n], expected[i][n], tolerance * scale)
              << "element " << n << " of result " << i << ", registers of "
              << registers.bits << " bits, in\n"
              << text;
      }
    }
  }

  std::mt19937 engine{7};
  int64_t blocks = 1;
};

using Elements = testing::Types<float, double>;

inline std::string str(int64_t number) { return std::to_string(number); }

/// A kernel with a loop over chunks and no state that matters.
inline std::string loopOver(const std::string &arguments,
                            const std::string &body) {
  return "tile.kernel @kernel blocks 1 (" + arguments + R"() {
  %c0 = arith.constant 0 : index
  %step = arith.constant $C : index
  %steps = tile.steps
  %none = arith.constant dense<0.0> : tensor<$F>
  %end = scf.for %t = %c0 to %steps step %step iter_args(%s = %none) -> (tensor<$F>) {
)" + body +
         R"(
    scf.yield %s : tensor<$F>
  }
})";
}

} // namespace lrc::test

#endif // LRC_TEST_UNIT_CODEGEN_ROWOPSFIXTURE_H
