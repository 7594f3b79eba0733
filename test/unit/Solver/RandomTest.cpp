//===- RandomTest.cpp - Solvers agree on random problems ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"
#include "lib/Solver/Text.h"

#include <gmock/gmock.h>
#include <random>

using namespace lrc::solver;

namespace {
/// Small problems of all kinds of expressions; most values fit in 32 bits, so
/// that Gecode itself is at work.
class Generator {
public:
  explicit Generator(unsigned seed) : random(seed) {}

  Problem makeProblem() {
    Problem problem("random");
    for (int i = 0, count = draw(1, 4); i < count; ++i)
      leaves.push_back(
          problem.addVariable("v" + std::to_string(i), makeDomain()));
    for (int i = 0, count = draw(0, 2); i < count; ++i)
      leaves.push_back(problem.let("l" + std::to_string(i), makeExpr(2)));
    for (int i = 0, count = draw(0, 3); i < count; ++i)
      problem.constrain("c" + std::to_string(i), "{v0} is wrong",
                        makeComparison(2));
    if (draw(0, 5))
      problem.minimize(makeExpr(3));
    if (!draw(0, 4))
      problem.pin("v0", problem.getVariables()[0].domain.getValues().back());
    return problem;
  }

private:
  int draw(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  }

  Domain makeDomain() {
    switch (draw(0, 2)) {
    case 0:
      return Domain::divisors(draw(1, 64));
    case 1: {
      int first = draw(-3, 5);
      return Domain::range(first, first + draw(0, 8), draw(1, 3));
    }
    default:
      return Domain::set({draw(-4, 40), draw(0, 40), draw(0, 40)});
    }
  }

  Expr makeComparison(int depth) {
    auto kind = ExprKind(draw(int(ExprKind::Eq), int(ExprKind::Ge)));
    return Expr::make(kind, {makeExpr(depth), makeExpr(depth)});
  }

  Expr makeExpr(int depth) {
    if (depth == 0 || !draw(0, 3))
      return draw(0, 2) ? leaves[draw(0, leaves.size() - 1)]
                        : Expr(draw(-2, 20));
    if (!draw(0, 7))
      return makeComparison(depth - 1);
    if (!draw(0, 7))
      return select(makeComparison(depth - 1), makeExpr(depth - 1),
                    makeExpr(depth - 1));
    auto kind = ExprKind(draw(int(ExprKind::Add), int(ExprKind::Max)));
    bool divides = kind == ExprKind::FloorDiv || kind == ExprKind::CeilDiv;
    Expr a = makeExpr(depth - 1), b = makeExpr(depth - 1);
    // Mostly divisions that Gecode can do.
    if (divides && draw(0, 3))
      return Expr::make(kind, {max(a, 0), max(b, 1)});
    return Expr::make(kind, {a, b});
  }

  std::mt19937 random;
  std::vector<Expr> leaves;
};
} // namespace

/// Counts the answers that Gecode itself gave.
static unsigned byGecode = 0;

static std::string getAnswer(const Solver &solver, const Problem &problem,
                             unsigned count) {
  llvm::Expected<std::vector<Solution>> best = solver.solveBest(problem, count);
  if (!best)
    return llvm::toString(best.takeError());
  byGecode += best->front().solver == "gecode";
  std::string text;
  for (const Solution &solution : *best) {
    for (int64_t value : solution.assignment)
      text += std::to_string(value) + " ";
    text += "-> " + std::to_string(solution.objective) +
            (solution.provenOptimal ? " proven\n" : " not proven\n");
  }
  return text;
}

TEST(Random, SolversAgree) {
  std::unique_ptr<Solver> gecode = createGecodeSolver();
  std::unique_ptr<Solver> exhaustive = createExhaustiveSolver();
  unsigned feasible = 0, infeasible = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    Problem problem = Generator(seed).makeProblem();
    std::string text;
    llvm::raw_string_ostream os(text);
    print(problem, os);
    for (unsigned count : {1, 4, 1000}) {
      std::string expected = getAnswer(*exhaustive, problem, count);
      EXPECT_EQ(getAnswer(*gecode, problem, count), expected) << text;
      ++(expected.find("proven") == std::string::npos ? infeasible : feasible);
    }

    // The text stands for the same problem.
    llvm::Expected<Problem> again = parse(text, "random");
    ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError()) << text;
    EXPECT_EQ(getAnswer(*exhaustive, *again, 4),
              getAnswer(*exhaustive, problem, 4))
        << text;
  }
  EXPECT_GT(feasible, 300u);
  EXPECT_GT(infeasible, 100u);
  EXPECT_GT(byGecode, 300u);
}
