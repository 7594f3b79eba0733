//===- ExplainTest.cpp - Why nothing is feasible --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"

#include <gmock/gmock.h>

using namespace lrc::solver;

static std::string getError(const Problem &problem) {
  llvm::Expected<Solution> none = createGecodeSolver()->solve(problem);
  EXPECT_FALSE(bool(none));
  if (none)
    return "";
  EXPECT_TRUE(none.errorIsA<InfeasibleError>());
  return llvm::toString(none.takeError());
}

TEST(Explain, OneConstraint) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(5, 9));
  problem.constrain("fits", "{a} of {4} at most", a <= 4);
  problem.constrain("innocent", "", a <= 7);
  EXPECT_EQ(getError(problem), "a constraint cannot be satisfied:\n"
                               "  fits: 5 of 4 at most");
}

TEST(Explain, LeastViolation) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(0, 100));
  Expr b = problem.addVariable("b", Domain::range(0, 100));
  problem.constrain("innocent", "", b >= 30);
  problem.constrain("low", "{a} is below {60}", a >= 60);
  problem.constrain("high", "{a} is above {40}", a <= 40);
  EXPECT_EQ(getError(problem), "these constraints cannot all be satisfied:\n"
                               "  low: 40 is below 60\n"
                               "  high: 60 is above 40");
}

TEST(Explain, OtherConflictDoesNotHideThisOne) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(0, 9));
  Expr b = problem.addVariable("b", Domain::range(0, 9));
  problem.constrain("first", "{a} > 9", a > 9);
  problem.constrain("second", "{b} < 0", b < 0);
  // One of the two suffices for a conflict.
  EXPECT_EQ(getError(problem), "a constraint cannot be satisfied:\n"
                               "  second: 0 < 0");
}

TEST(Explain, PinsAreToBlame) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::set({16, 32, 64}));
  problem.addVariable("b", Domain::range(0, 9));
  problem.constrain("fits", "{a} of {40}", a <= 40);
  problem.pin("a", 64);
  problem.pin("b", 3);
  EXPECT_EQ(getError(problem), "these constraints cannot all be satisfied:\n"
                               "  fits: 64 of 40\n"
                               "  pin of a: 64 given, 32 would fit the other "
                               "constraints");
}

TEST(Explain, OverflowInTheSentence) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::set({int64_t(1) << 40}));
  Expr square = problem.let("square", a * a);
  problem.constrain("fits", "{square} bytes", square <= 40);
  EXPECT_EQ(getError(problem), "a constraint cannot be satisfied:\n"
                               "  fits: {square} bytes");
}
