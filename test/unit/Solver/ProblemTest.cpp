//===- ProblemTest.cpp - Problems, evaluation and verification ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Problem.h"

#include <gmock/gmock.h>
#include <limits>

using namespace lrc::solver;
using testing::ElementsAre;
using testing::HasSubstr;

static constexpr int64_t maxInt = std::numeric_limits<int64_t>::max();
static constexpr int64_t minInt = std::numeric_limits<int64_t>::min();

static std::string getText(llvm::Error error) {
  return llvm::toString(std::move(error));
}

TEST(Domain, Values) {
  EXPECT_THAT(Domain::set({5, 1, 5}).getValues(), ElementsAre(1, 5));
  EXPECT_THAT(Domain::range(16, 64, 16).getValues(),
              ElementsAre(16, 32, 48, 64));
  EXPECT_THAT(Domain::range(maxInt - 1, maxInt, 1).getValues(),
              ElementsAre(maxInt - 1, maxInt));
  EXPECT_THAT(Domain::divisors(36).getValues(),
              ElementsAre(1, 2, 3, 4, 6, 9, 12, 18, 36));
}

TEST(Evaluate, Operations) {
  Expr a = Expr::variable(0), b = Expr::variable(1);
  for (auto [x, y, floor, ceil] : {std::array<int64_t, 4>{7, 2, 3, 4},
                                   {-7, 2, -4, -3},
                                   {7, -2, -4, -3},
                                   {-7, -2, 3, 4},
                                   {6, 3, 2, 2},
                                   {-6, 3, -2, -2}}) {
    EXPECT_EQ(evaluate(floorDiv(a, b), {x, y}), floor);
    EXPECT_EQ(evaluate(ceilDiv(a, b), {x, y}), ceil);
  }
  EXPECT_EQ(evaluate(min(a, b) - max(a, b), {3, 8}), -5);
  EXPECT_EQ(evaluate((a < b) + (a != b) + (a >= b), {3, 8}), 2);
  EXPECT_EQ(evaluate(isMultiple(a, b), {12, 5}), 0);
}

TEST(Evaluate, FailsInsteadOfWrapping) {
  Expr a = Expr::variable(0);
  EXPECT_EQ(evaluate(a + 1, {maxInt}), std::nullopt);
  EXPECT_EQ(evaluate(a - 1, {minInt}), std::nullopt);
  EXPECT_EQ(evaluate(a * a, {int64_t(1) << 32}), std::nullopt);
  EXPECT_EQ(evaluate(floorDiv(a, -1), {minInt}), std::nullopt);
  EXPECT_EQ(evaluate(ceilDiv(1, a), {0}), std::nullopt);
  EXPECT_EQ(evaluate(a + 0, {maxInt}), maxInt);
  // What select does not take needs no value, min does need both.
  EXPECT_EQ(evaluate(select(a == 0, 1, floorDiv(8, a)), {0}), 1);
  EXPECT_EQ(evaluate(min(1, floorDiv(8, a)), {0}), std::nullopt);
}

TEST(Evaluate, SharedPartsAreVisitedOnce) {
  Expr sum = Expr::variable(0);
  for (int i = 0; i < 60; ++i)
    sum = sum + sum;
  EXPECT_EQ(evaluate(sum, {1}), int64_t(1) << 60);
}

TEST(Check, SaysWhatIsWrong) {
  auto checkAfter = [](auto change) {
    Problem problem;
    Expr a = problem.addVariable("a", Domain::range(1, 4));
    change(problem, a);
    return getText(check(problem));
  };
  EXPECT_EQ(checkAfter([](Problem &, Expr) {}), "");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) {
              p.addVariable("a", Domain::range(1, 2));
            }),
            "the name 'a' is used twice");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) {
              p.addVariable("a b", Domain::range(1, 2));
            }),
            "'a b' cannot be a name");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) {
              p.addVariable("b", Domain::range(2, 1));
            }),
            "the domain of 'b' is empty");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) {
              p.addVariable("b", Domain::range(0, maxInt));
            }),
            "the domain of 'b' has more than 1048576 values");
  EXPECT_EQ(checkAfter([](Problem &p, Expr a) { p.constrain("c", "", a); }),
            "constraint 'c' is not a comparison");
  EXPECT_EQ(checkAfter(
                [](Problem &p, Expr a) { p.constrain("c", "{a} {b}", a < 2); }),
            "constraint 'c': the sentence names 'b', which is no variable, let "
            "or number");
  EXPECT_EQ(
      checkAfter([](Problem &p, Expr a) { p.constrain("c", "{a", a < 2); }),
      "constraint 'c': a brace in the sentence has no partner");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) { p.pin("a", 5); }),
            "'a' is pinned to 5, which is not in its domain");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) { p.pin("b", 5); }),
            "no variable 'b' that could be pinned");
  EXPECT_EQ(checkAfter([](Problem &p, Expr) { p.minimize(Expr::variable(3)); }),
            "the objective has a variable of another problem");
  EXPECT_EQ(checkAfter([](Problem &p, Expr a) {
              for (int i = 0; i < 1000; ++i)
                a = a + 1;
              p.minimize(a);
            }),
            "the objective is nested deeper than 1000");
}

TEST(Verify, FindsWrongAnswers) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::set({1, 2, 4}));
  Expr b = problem.addVariable("b", Domain::range(1, maxInt - 5, maxInt / 8));
  problem.constrain("sum", "{a} and {b} exceed {4}", a + b <= 4);
  problem.pin("a", 2);
  EXPECT_EQ(getText(verify(problem, {2, 1})), "");
  EXPECT_EQ(getText(verify(problem, {2})), "expected 2 values, got 1");
  EXPECT_THAT(getText(verify(problem, {3, 1})),
              HasSubstr("'a' is 3, which is not in its domain"));
  EXPECT_EQ(getText(verify(problem, {4, 1})),
            "'a' is 4, but pinned to 2\nsum: 4 and 1 exceed 4");
  problem.minimize(b * 1000 * 1000);
  int64_t large = 1 + maxInt / 8;
  EXPECT_EQ(getText(verify(problem, {2, large})),
            "sum: 2 and " + std::to_string(large) +
                " exceed 4\nthe objective has no value in 64 bits");
}
