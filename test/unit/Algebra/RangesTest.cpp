//===- RangesTest.cpp - Bounds hold on what the interpreter computes ------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/Ranges.h"

#include "test/unit/Transforms/Recurrences.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::test;

/// Bounds on output o of a recurrence, which must hold for random inputs.
static Interval boundOutput(const std::string &body) {
  SCOPED_TRACE(body);
  Recurrences recurrences("recurrence r {\n  dim K\n" + body + "}\n");
  auto list = recurrences.get();
  if (list.empty())
    return {};
  RecurrenceOp recurrence = list.front();
  Block &block = recurrence.getPhase<StepOp>().getBody().front();
  Ranges ranges(recurrence, block);
  Interval bounds;
  for (SetOp set : block.getOps<SetOp>())
    if (set.getField() == "o")
      bounds = ranges.getReal(set.getValue());
  interp::Results results =
      interp::run(recurrence, drawSequence(recurrence, 200, false, 5));
  for (std::complex<double> value : results["o"].data) {
    EXPECT_GE(value.real(), bounds.lower - 1e-12);
    EXPECT_LE(value.real(), bounds.upper + 1e-12);
  }
  return bounds;
}

static void expectBounds(const std::string &body, double lower, double upper) {
  Interval bounds = boundOutput(body);
  EXPECT_NEAR(bounds.lower, lower, 1e-12) << body;
  EXPECT_NEAR(bounds.upper, upper, 1e-12) << body;
}

TEST(Ranges, functions) {
  expectBounds("in g in (-inf, 0]\nout o = exp(g)\n", 0, 1);
  expectBounds("in x\nout o = sigmoid(x)\n", 0, 1);
  expectBounds("in x\nout o = tanh(x) + 1\n", 0, 2);
  expectBounds("in x\nout o = exp(-softplus(x))\n", 0, 1);
  expectBounds("in x\nout o = exp(logsigmoid(x))\n", 0, 1);
  expectBounds("in x in [-2, 3]\nout o = x * x\n", 0, 9);
  expectBounds("in x in [-2, 3]\nout o = x ^ 2\n", 0, 9);
  expectBounds("in x in [-2, 3]\nout o = abs(x)\n", 0, 3);
  expectBounds("in x in {-1, 2}\nout o = 1 - x\n", -1, 2);
  expectBounds("in x in [1, 4]\nout o = sqrt(x) + rsqrt(x)\n", 1.5, 3);
  expectBounds("in x in [1, 4], y in [-2, 2]\nout o = y / x\n", -2, 2);
  expectBounds("in x in [0.5, 2], y in [-1, 3]\nout o = pow(x, y)\n", 0.125, 8);
  expectBounds("in x, y\nout o = clip(x * y, -3, 2)\n", -3, 2);
  expectBounds("in x, y in [0, 1]\nout o = select(x > 0, y, -1)\n", -1, 1);
  expectBounds("in x in [-1, 1]\nout o = relu(x) - elu(-x)\n", -1,
               1 - std::expm1(-1));
}

TEST(Ranges, whatIntervalsAloneWouldLose) {
  expectBounds("in x, y\nout o = exp(x - max(x, y))\n", 0, 1);
  expectBounds("in x, y\nout o = exp(x - logaddexp(y, x))\n", 0, 1);
  expectBounds("in x, y\nout o = exp(min(x, y) - x)\n", 0, 1);
  EXPECT_EQ(boundOutput("in x\nout o = x - x\n"), Interval::point(0));
}

TEST(Ranges, sums) {
  expectBounds("in x[K] in [0, 2]\nout o = sum[i] x[i]\n", 0, 8);
  expectBounds("in x[K] in [-1, 2]\nout o = sum[i] x[i] * x[i]\n", 0, 16);
  expectBounds("in x[K] in [0, 1]\nout o = prod[i] x[i]\n", 0, 1);
  expectBounds("in x[K] in [-1, 2]\nout o = max[i] x[i]\n", -1, 2);
}

TEST(Ranges, norms) {
  expectBounds("in k[K] in unit\nout o = sum[i] k[i] * k[i]\n", 1, 1);
  expectBounds("in k[K] in unit, b in [0, 2]\n"
               "out o = 1 - (sum[i] b * k[i] * k[i])\n",
               -1, 1);
  expectBounds("in k[K] in unit, a[K] in [0, 0.5]\n"
               "out o = sum[i] a[i] * k[i] * k[i]\n",
               0, 0.5);
  expectBounds("in k[K] in unit, q[K] in unit\nout o = sum[i] q[i] * k[i]\n",
               -1, 1);
  expectBounds("in x[K]\nlet k[i] = x[i] / sqrt(sum[l] x[l] * x[l])\n"
               "out o = sum[i] k[i] * k[i]\n",
               1, 1);
  expectBounds("in x[K]\nlet k[i] = x[i] / sqrt((sum[l] x[l] ^ 2) + 1e-6)\n"
               "out o = sum[i] k[i] * k[i]\n",
               0, 1);
  // A row of two has the norm, a part of a row does not.
  expectBounds("dim R = 2\nin k[R,K] in unit\n"
               "out o = sum[i] k[1,i] * k[1,i]\n",
               1, 1);
  Interval part = boundOutput("dim R = 2\nin k[R,K] in unit\n"
                              "out o = sum[r in R] k[r,0] * k[r,0]\n");
  EXPECT_EQ(part, (Interval{0, 2}));
}
