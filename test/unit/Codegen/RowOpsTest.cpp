//===- RowOpsTest.cpp - Ops on chunks against plain loops -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each op of the tile dialect that takes the rows of a chunk, compiled and run
// on two chunks, for vector registers of three sizes.
//
//===----------------------------------------------------------------------===//

#include "test/unit/Codegen/RowOpsFixture.h"

using namespace lrc;
using namespace lrc::test;

template <typename T> class RowOps : public RowOpsFixture<T> {};
TYPED_TEST_SUITE(RowOps, Elements);

//===----------------------------------------------------------------------===//
// tile.decayed_product
//===----------------------------------------------------------------------===//

static std::string decayedProduct(const std::string &ref,
                                  const std::string &decay) {
  std::string with = decay.empty() ? "" : " decay %a";
  std::string types = decay.empty() ? "" : ", " + decay;
  std::string load =
      decay.empty()
          ? ""
          : "%a = tile.load %a_ref at %t rows : " + ref + " -> " + decay;
  return loopOver("input \"q\" %q_ref: !tile.ref<$Kx$F>, input \"k\" %k_ref: "
                  "!tile.ref<$Kx$F>, input \"a\" %a_ref: " +
                      ref + ", output \"o\" %o: !tile.ref<$Cx$F>",
                  R"(
    %q = tile.load %q_ref at %t rows : !tile.ref<$Kx$F> -> tensor<$Cx$Kx$F>
    %k = tile.load %k_ref at %t rows : !tile.ref<$Kx$F> -> tensor<$Cx$Kx$F>
)" + load + R"(
    %m = tile.decayed_product %q, %k)" +
                      with + " : tensor<$Cx$Kx$F>" + types +
                      R"( -> tensor<$Cx$Cx$F>
    tile.store %m, %o at %t rows : tensor<$Cx$Cx$F>, !tile.ref<$Cx$F>)");
}

/// `perRow`: decays of a row, 0 for none.
template <typename T>
static std::vector<double>
exactDecayedProduct(const Tensor<T> &q, const Tensor<T> &k, const Tensor<T> &a,
                    int64_t perRow, int64_t chunks, int64_t rows,
                    int64_t keys) {
  std::vector<double> result(chunks * rows * rows);
  for (int64_t chunk = 0; chunk < chunks; ++chunk)
    for (int64_t t = 0; t < rows; ++t)
      for (int64_t s = 0; s < t; ++s)
        for (int64_t i = 0; i < keys; ++i) {
          int64_t first = chunk * rows;
          double product = double(q.values[(first + t) * keys + i]) *
                           k.values[(first + s) * keys + i];
          for (int64_t r = s + 1; r < t && perRow; ++r)
            product *= a.values[(first + r) * perRow + (perRow > 1 ? i : 0)];
          result[(first + t) * rows + s] += product;
        }
  return result;
}

TYPED_TEST(RowOps, DecayedProduct) {
  for (auto [rows, keys] : std::vector<std::pair<int, int>>{{1, 5},
                                                            {2, 1},
                                                            {3, 5},
                                                            {5, 7},
                                                            {16, 8},
                                                            {32, 33},
                                                            {48, 5},
                                                            {33, 257}}) {
    for (int64_t perRow : {int64_t(0), int64_t(1), int64_t(keys)}) {
      int64_t steps = 2 * rows;
      auto q = this->random(steps, keys);
      auto k = this->random(steps, keys);
      auto a = this->decays(steps, std::max<int64_t>(perRow, 1));
      std::string ref =
          perRow == keys && keys > 1 ? "!tile.ref<$Kx$F>" : "!tile.ref<$F>";
      std::string decay = perRow == 0                  ? ""
                          : perRow == keys && keys > 1 ? "tensor<$Cx$Kx$F>"
                                                       : "tensor<$Cx$F>";
      this->check(decayedProduct(ref, decay),
                  {{"C", str(rows)}, {"K", str(keys)}}, steps,
                  {q, k, a, this->output(steps, rows)},
                  {exactDecayedProduct(q, k, a, perRow, 2, rows, keys)});
    }
  }
}

//===----------------------------------------------------------------------===//
// tile.decayed_apply, tile.solve
//===----------------------------------------------------------------------===//

static const char *matrixArguments =
    "input \"A\" %a_ref: !tile.ref<$Cx$F>, input \"x\" %x_ref: "
    "!tile.ref<$Vx$F>, input \"b\" %b_ref: !tile.ref<$Vx$F>, output \"o\" %o: "
    "!tile.ref<$Vx$F>";
static const char *matrixLoads = R"(
    %a = tile.load %a_ref at %t rows : !tile.ref<$Cx$F> -> tensor<$Cx$Cx$F>
    %x = tile.load %x_ref at %t rows lanes 0 : !tile.ref<$Vx$F> -> tensor<$Cx$Vx$F>
    %b = tile.load %b_ref at %t rows lanes 0 : !tile.ref<$Vx$F> -> tensor<$Cx$Vx$F>
)";
static const char *matrixStore = R"(
    tile.store %y, %o at %t rows lanes 0 : tensor<$Cx$Vx$F>, !tile.ref<$Vx$F>)";

static const std::vector<std::pair<int, int>> matrixSizes = {
    {1, 1}, {2, 40}, {3, 5}, {5, 1}, {16, 64}, {32, 40}, {48, 17}};

TYPED_TEST(RowOps, DecayedApply) {
  for (auto [rows, size] : matrixSizes) {
    int64_t steps = 2 * rows;
    auto a = this->random(steps, rows);
    auto x = this->random(steps, size);
    auto b = this->decays(steps, size);
    std::vector<double> exact(steps * size);
    for (int64_t step = 0; step < steps; ++step)
      for (int64_t j = 0; j < size; ++j)
        for (int64_t s = 0, first = step / rows * rows; first + s < step; ++s) {
          double product = double(a.values[step * rows + s]) *
                           x.values[(first + s) * size + j];
          for (int64_t r = first + s + 1; r < step; ++r)
            product *= b.values[r * size + j];
          exact[step * size + j] += product;
        }
    this->check(loopOver(matrixArguments, std::string(matrixLoads) + R"(
    %y = tile.decayed_apply %a, %x decay %b : tensor<$Cx$Cx$F>, tensor<$Cx$Vx$F>)" +
                                              matrixStore),
                {{"C", str(rows)}, {"V", str(size)}}, steps,
                {a, x, b, this->output(steps, size)}, {exact});
  }
}

TYPED_TEST(RowOps, Solve) {
  for (auto [rows, size] : matrixSizes)
    for (bool scaled : {false, true}) {
      int64_t steps = 2 * rows;
      auto a = this->random(steps, rows);
      for (TypeParam &value : a.values)
        value /= 4;
      auto x = this->random(steps, size);
      auto b = this->random(steps, size);
      std::vector<double> exact(steps * size);
      for (int64_t step = 0; step < steps; ++step)
        for (int64_t j = 0; j < size; ++j) {
          double sum = 0;
          int64_t first = step / rows * rows;
          for (int64_t s = 0; first + s < step; ++s)
            sum += a.values[step * rows + s] * exact[(first + s) * size + j];
          exact[step * size + j] =
              x.values[step * size + j] +
              (scaled ? b.values[step * size + j] : 1) * sum;
        }
      std::string solve = "\n    %y = tile.solve %a, %x " +
                          std::string(scaled ? "scale %b " : "") +
                          ": tensor<$Cx$Cx$F>, tensor<$Cx$Vx$F>";
      this->check(loopOver(matrixArguments,
                           std::string(matrixLoads) + solve + matrixStore),
                  {{"C", str(rows)}, {"V", str(size)}}, steps,
                  {a, x, b, this->output(steps, size)}, {exact});
    }
}
