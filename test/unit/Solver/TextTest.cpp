//===- TextTest.cpp - Text of problems made in C++, and hostile text ------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Text.h"
#include "lib/Solver/Solver.h"

#include <gmock/gmock.h>
#include <random>

using namespace lrc::solver;

static std::string getText(const Problem &problem) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(problem, os);
  return text;
}

// Printed as a tree this would have 2^60 leaves.
TEST(Text, SharedPartsGetNames) {
  Problem problem("shared");
  Expr sum = problem.addVariable("shared1", Domain::range(1, 2));
  for (int i = 0; i < 60; ++i)
    sum = sum + sum;
  problem.minimize(sum);
  std::string text = getText(problem);
  EXPECT_THAT(text, testing::HasSubstr("  let shared2 = shared1 + shared1;\n"
                                       "  let shared3 = shared2 + shared2;\n"));
  Problem again = llvm::cantFail(parse(text, "text"));
  EXPECT_EQ(llvm::cantFail(createExhaustiveSolver()->solve(again)).objective,
            int64_t(1) << 60);
}

// No text crashes: each prefix of a problem, and each with a byte replaced.
TEST(Text, BrokenText) {
  std::string text = "problem \"p\" { var a in {1, -4}; var b in 1..9 step 2;\n"
                     "let c = -a * min(a, b) / 7; // comment\n"
                     "constraint d \"{c} \\\"\": if(a, b, (c)) <= 3;\n"
                     "minimize ceildiv(c, b); pin b = 3; }";
  ASSERT_TRUE(bool(parse(text, "whole")));
  std::mt19937 random(1);
  const char bytes[] = "{}(),;:=+-*/<>\"\\\n\0 9a.\xff";
  unsigned errors = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string prefix = text.substr(0, i);
    llvm::Expected<Problem> broken = parse(prefix, "prefix");
    ASSERT_FALSE(bool(broken));
    EXPECT_THAT(llvm::toString(broken.takeError()),
                testing::HasSubstr("error: "));
    for (int k = 0; k < 20; ++k) {
      std::string changed = text;
      changed[i] = bytes[random() % (sizeof(bytes) - 1)];
      llvm::Expected<Problem> problem = parse(changed, "changed");
      if (problem)
        EXPECT_EQ(llvm::toString(check(*problem)), "") << changed;
      else
        ++errors, llvm::consumeError(problem.takeError());
    }
  }
  EXPECT_GT(errors, 1000u);
}
