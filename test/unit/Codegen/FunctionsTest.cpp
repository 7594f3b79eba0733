//===- FunctionsTest.cpp - Accuracy of compiled functions -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each function of the language, compiled to vector code in f32, against libm
// in f64: the error in units of the last place of the f32 result.
//
//===----------------------------------------------------------------------===//

#include "lrc/Program.h"

#include "gtest/gtest.h"

#include <cmath>
#include <functional>

using namespace lrc;

namespace {
struct Function {
  const char *name;
  std::function<double(double)> exact;
  double lower, upper;
  double maxUlps;
};

// Found by the test library, so that a failure names the function.
[[maybe_unused]] void PrintTo(const Function &function, std::ostream *stream) {
  *stream << function.name;
}
} // namespace

template <typename T>
static DLTensor describe(std::vector<T> &values, int64_t (&shape)[3]) {
  DLTensor tensor{};
  tensor.data = values.data();
  tensor.device = {kDLCPU, 0};
  tensor.ndim = 3;
  tensor.dtype = {kDLFloat, 8 * sizeof(T), 1};
  tensor.shape = shape;
  return tensor;
}

/// Distance of the nearest f32 neighbours of `exact`; results below the normal
/// range may be flushed.
static double ulpOf(double exact) {
  int exponent = std::max(std::ilogb(exact == 0 ? 1e-300 : exact), -126);
  return std::ldexp(1.0, exponent - 23);
}

template <typename T>
static std::vector<T> evaluate(const Function &function, std::vector<T> &x) {
  std::string text = "recurrence f {\n  dim D\n  in x[D]\n  out o[d] = " +
                     std::string(function.name) + "(x[d])\n}\n";
  auto program = Program::fromString(text);
  EXPECT_TRUE(bool(program));
  std::vector<T> o(x.size(), NAN);
  int64_t shape[3] = {1, 1, int64_t(x.size())};
  DLTensor in = describe(x, shape);
  DLTensor out = describe(o, shape);
  auto result = program->run({{"x", &in}}, {{"o", &out}});
  EXPECT_TRUE(bool(result));
  return o;
}

class FunctionAccuracy : public testing::TestWithParam<Function> {};

TEST_P(FunctionAccuracy, WithinUlps) {
  const Function &function = GetParam();
  // A count that is no multiple of a vector.
  constexpr int count = 20011;
  std::vector<float> x(count);
  for (int i = 0; i < count; ++i)
    x[i] = float(function.lower +
                 (function.upper - function.lower) * i / (count - 1));
  std::vector<float> o = evaluate(function, x);
  double worst = 0;
  double where = 0;
  for (int i = 0; i < count; ++i) {
    double exact = function.exact(x[i]);
    double error = std::fabs(o[i] - exact) / ulpOf(exact);
    if (!(error <= worst)) {
      worst = error;
      where = x[i];
    }
  }
  EXPECT_LE(worst, function.maxUlps) << "at x = " << where;
  RecordProperty("ulps", std::to_string(worst));
}

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
static double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x)));
}

INSTANTIATE_TEST_SUITE_P(
    Language, FunctionAccuracy,
    testing::Values(
        Function{"exp", [](double x) { return std::exp(x); }, -87, 88, 3},
        Function{"log", [](double x) { return std::log(x); }, 1e-6, 50, 3},
        Function{"expm1", [](double x) { return std::expm1(x); }, -20, 20, 4},
        Function{"log1p", [](double x) { return std::log1p(x); }, -0.9, 50, 4},
        Function{"tanh", [](double x) { return std::tanh(x); }, -12, 12, 4},
        Function{"sigmoid", sigmoid, -80, 80, 4},
        Function{"softplus", softplus, -80, 80, 5},
        Function{"logsigmoid", [](double x) { return -softplus(-x); }, -80, 80,
                 5},
        Function{"silu", [](double x) { return x * sigmoid(x); }, -80, 80, 5},
        Function{"sqrt", [](double x) { return std::sqrt(x); }, 0, 1e6, 1},
        Function{"rsqrt", [](double x) { return 1 / std::sqrt(x); }, 1e-3, 1e3,
                 2},
        Function{"erf", [](double x) { return std::erf(x); }, -4, 4, 5}),
    [](const testing::TestParamInfo<Function> &info) {
      return std::string(info.param.name);
    });

/// Near their zeros sin and cos are judged by the absolute error.
TEST(Trigonometry, WithinFourUlpsOfOne) {
  for (auto [name, exact] :
       {std::pair<const char *, double (*)(double)>("sin", std::sin),
        std::pair<const char *, double (*)(double)>("cos", std::cos)}) {
    Function function{name, exact, -1e5, 1e5, 0};
    std::vector<float> x(10007);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(-1e5 + 2e5 * i / (x.size() - 1));
    std::vector<float> o = evaluate(function, x);
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(o[i], exact(x[i]), 4.8e-7) << name << " at " << x[i];
  }
}

/// Angles of positions in time are in f64.
TEST(Trigonometry, WideToTheLastDigits) {
  for (auto [name, exact] :
       {std::pair<const char *, double (*)(double)>("sin", std::sin),
        std::pair<const char *, double (*)(double)>("cos", std::cos)})
    for (double range : {4.0, 1e6, 1e12}) {
      std::vector<double> x(1009);
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = -range + 2 * range * i / (x.size() - 1);
      std::vector<double> o = evaluate(Function{name, exact, 0, 0, 0}, x);
      for (size_t i = 0; i < x.size(); ++i)
        EXPECT_NEAR(o[i], exact(x[i]), 3e-16) << name << " at " << x[i];
      std::vector<double> odd = {NAN, INFINITY, 0};
      std::vector<double> result =
          evaluate(Function{name, exact, 0, 0, 0}, odd);
      EXPECT_TRUE(std::isnan(result[0]));
      EXPECT_TRUE(std::isnan(result[1]));
      EXPECT_EQ(result[2], exact(0));
    }
}

/// Gates of any size: no overflow on the way to a finite result.
TEST(Extremes, StayFinite) {
  std::vector<float> x = {-1e4f, -200, -104, -88, 0, 88, 104, 200, 1e4f};
  for (Function function :
       {Function{"sigmoid", sigmoid, 0, 0, 0},
        Function{"softplus", softplus, 0, 0, 0},
        Function{"logsigmoid", [](double v) { return -softplus(-v); }, 0, 0, 0},
        Function{"silu", [](double v) { return v * sigmoid(v); }, 0, 0, 0},
        Function{"tanh", [](double v) { return std::tanh(v); }, 0, 0, 0}}) {
    std::vector<float> o = evaluate(function, x);
    for (size_t i = 0; i < x.size(); ++i)
      EXPECT_NEAR(o[i], function.exact(x[i]),
                  1e-6 * std::fabs(function.exact(x[i])) + 1e-37)
          << function.name << " at " << x[i];
  }
  std::vector<float> exps =
      evaluate({"exp", [](double v) { return std::exp(v); }, 0, 0, 0}, x);
  EXPECT_EQ(exps.front(), 0);
  EXPECT_TRUE(std::isinf(exps.back()));
}
