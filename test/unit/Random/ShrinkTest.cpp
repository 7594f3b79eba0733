//===- ShrinkTest.cpp - Planted failures become small ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Shrink.h"
#include "test/random/Generate.h"
#include "test/random/Judge.h"
#include "test/random/Reductions.h"

#include "gtest/gtest.h"

using namespace lrc;
using namespace lrc::sampling;

static bool contains(const Case &one, const char *text) {
  return one.text.find(text) != std::string::npos;
}

TEST(Shrink, LeavesOnlyWhatFails) {
  auto fails = [](const Case &one) {
    return contains(one, "softplus(") && one.shape.steps >= 2;
  };
  for (uint64_t number = 0; number < 400; ++number) {
    Case one = generate(1, number);
    if (!fails(one))
      continue;
    Case small = shrink(one, fails, 2000);
    EXPECT_LE(std::count(small.text.begin(), small.text.end(), '\n'), 7)
        << small.text;
    EXPECT_EQ(small.shape.steps, 2);
    EXPECT_EQ(small.shape.heads, 0);
    EXPECT_EQ(small.variants.size(), 1u);
    EXPECT_EQ(small.type, ElementType::F64);
    std::string errors;
    EXPECT_EQ(canonical(small.text, errors), small.text) << errors;
  }
}

/// A recurrence in which an output loses all digits of f32, among others.
static const char *const planted = R"(# dtype: f32
# shape: B=2,T=9,H=2,K=3,V=5
# schedules: sequential
recurrence planted {
  dim K, V
  in q[K] in unit, k[K] in unit, v[V], g in (-inf, 0], x in [1, 2]
  state S[K,V], h[V]

  S[i,j] <- exp(g) * S[i,j] + k[i] * v[j]
  let y[j] = sum[i] q[i] * S[i,j]
  h[j] <- 0.5 * h[j] + y[j]
  out o[j] = y[j] + h[j]
  out bad[j] = h[j] * 0.001 + ((x + 100000000) - 100000000)
}
)";

TEST(Shrink, FindsThePlantedTerm) {
  std::string error;
  std::optional<Case> one = read(planted, error);
  ASSERT_TRUE(one) << error;
  Outcome outcome = judge(*one);
  EXPECT_EQ(outcome.kind, Outcome::Kind::Mismatch) << outcome.message;
  Case small = shrink(
      *one,
      [&](const Case &candidate) { return isAlike(outcome, judge(candidate)); },
      300);
  EXPECT_TRUE(contains(small, "100000000")) << small.text;
  EXPECT_FALSE(contains(small, "<-")) << small.text;
  EXPECT_FALSE(contains(small, "dim K")) << small.text;
  EXPECT_LE(small.shape.steps, 2);
  EXPECT_TRUE(judge(small).isFailure());
}

TEST(Shrink, KeepsItsBudget) {
  Case one = generate(1, 3);
  int64_t questions = 0;
  shrink(one, [&](const Case &) { return ++questions % 2 == 0; }, 25);
  EXPECT_EQ(questions, 25);
}

TEST(Shrink, OutcomesPassThroughPipes) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::Mismatch;
  outcome.variant = {Schedule::Chunked, 16};
  outcome.message = "o: \"quoted\"\nand more";
  outcome.ran = {{Schedule::Sequential, 0}};
  outcome.refused["scan"] = "schedule scan: no";
  outcome.times.codegen = 1.5;
  Outcome back = deserialize(serialize(outcome));
  EXPECT_TRUE(isAlike(outcome, back));
  EXPECT_EQ(back.message, outcome.message);
  EXPECT_EQ(back.ran, outcome.ran);
  EXPECT_EQ(back.refused, outcome.refused);
  EXPECT_EQ(back.times.codegen, 1.5);
}
