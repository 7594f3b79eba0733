//===- SolverTest.cpp - Answers, limits and speed -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"

#include <chrono>
#include <gmock/gmock.h>

using namespace lrc::solver;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
class Solvers : public testing::TestWithParam<bool> {
protected:
  std::unique_ptr<Solver> solver =
      GetParam() ? createGecodeSolver() : createExhaustiveSolver();
};
INSTANTIATE_TEST_SUITE_P(Backends, Solvers, testing::Bool(),
                         [](const testing::TestParamInfo<bool> &info) {
                           return info.param ? "Gecode" : "Exhaustive";
                         });
} // namespace

TEST_P(Solvers, BestInOrder) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(0, 3));
  Expr b = problem.addVariable("b", Domain::range(0, 3));
  problem.constrain("sum", "", a + b >= 3);
  problem.minimize(2 * a + b);
  auto best = llvm::cantFail(solver->solveBest(problem, 4));
  ASSERT_EQ(best.size(), 4u);
  EXPECT_THAT(best[0].assignment, ElementsAre(0, 3));
  EXPECT_THAT(best[1].assignment, ElementsAre(1, 2));
  // Equal objectives in lexicographic order.
  EXPECT_THAT(best[2].assignment, ElementsAre(1, 3));
  EXPECT_THAT(best[3].assignment, ElementsAre(2, 1));
  EXPECT_EQ(best[3].objective, 5);
  EXPECT_TRUE(best[3].provenOptimal);
  EXPECT_EQ(llvm::cantFail(solver->solveBest(problem, 100)).size(), 10u);
}

TEST_P(Solvers, NoVariablesAndNoObjective) {
  Problem problem;
  EXPECT_TRUE(llvm::cantFail(solver->solve(problem)).assignment.empty());
  problem.addVariable("a", Domain::set({7, 9}));
  EXPECT_THAT(llvm::cantFail(solver->solve(problem)).assignment,
              ElementsAre(7));
}

TEST_P(Solvers, PinsHold) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(0, 9));
  problem.minimize(a);
  problem.pin("a", 6);
  EXPECT_EQ(llvm::cantFail(solver->solve(problem)).objective, 6);
}

// A product of 2^40 would silently lose the point in 32 bits.
TEST_P(Solvers, LargeValues) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::set({1 << 19, 1 << 20}));
  problem.constrain("large", "", a * a >= int64_t(1) << 39);
  problem.minimize(a * a);
  EXPECT_EQ(llvm::cantFail(solver->solve(problem)).objective, int64_t(1) << 40);
}

TEST_P(Solvers, OverflowIsInfeasible) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::set({2, int64_t(1) << 40}));
  problem.minimize(0 - a * a);
  auto best = llvm::cantFail(solver->solveBest(problem, 5));
  ASSERT_EQ(best.size(), 1u);
  EXPECT_EQ(best[0].objective, -4);
  problem.pin("a", int64_t(1) << 40);
  llvm::Expected<Solution> none = solver->solve(problem);
  EXPECT_THAT(llvm::toString(none.takeError()),
              HasSubstr("the objective has no value in 64 bits"));
}

// Bounds do not see that multiples of 3 never add up to 400.
TEST_P(Solvers, LimitEndsTheSearch) {
  Problem problem;
  Expr sum = 0;
  for (int i = 0; i < 40; ++i)
    sum = sum +
          3 * problem.addVariable("v" + std::to_string(i), Domain::range(0, 9));
  problem.constrain("rest", "", sum == 400);
  Limits limits;
  limits.nodes = 2000;
  llvm::Expected<Solution> none = solver->solve(problem, limits);
  ASSERT_FALSE(bool(none));
  EXPECT_EQ(llvm::toString(none.takeError()),
            "no assignment found in 2000 search nodes");
}

namespace {
/// Claims that everything is 1.
class LyingSolver : public Solver {
public:
  llvm::StringRef getName() const override { return "lying"; }
  Found search(const Problem &problem, unsigned,
               const Limits &) const override {
    return {{{Assignment(problem.getVariables().size(), 1), 1, true, "lying"}},
            true,
            "lying"};
  }
};
} // namespace

TEST(Solver, AnswersAreVerified) {
  Problem problem;
  Expr a = problem.addVariable("a", Domain::range(1, 9));
  problem.minimize(a);
  EXPECT_EQ(llvm::cantFail(LyingSolver().solve(problem)).objective, 1);
  problem.constrain("large", "{a} is too small", a > 3);
  EXPECT_EQ(llvm::toString(LyingSolver().solve(problem).takeError()),
            "wrong answer of the lying solver: large: 1 is too small");
  Problem other;
  other.minimize(2 + other.addVariable("a", Domain::range(1, 9)));
  EXPECT_EQ(llvm::toString(LyingSolver().solve(other).takeError()),
            "wrong answer of the lying solver: the objective is 3, not 1");
}

/// Tile sizes, buffers and warps of a chunked kernel.
static Problem makeTileProblem() {
  Problem problem("tiles");
  Expr c = problem.addVariable("C", Domain::range(16, 256, 16));
  Expr bk = problem.addVariable("BK", Domain::set({16, 32, 64, 128}));
  Expr bv = problem.addVariable("BV", Domain::set({16, 32, 64, 128}));
  Expr bc = problem.addVariable("BC", Domain::set({16, 32, 64}));
  Expr warps = problem.addVariable("warps", Domain::set({1, 2, 4, 8}));
  Expr stages = problem.addVariable("stages", Domain::range(1, 4));
  Expr blocks = problem.addVariable("blocks", Domain::range(1, 4));
  Expr bytes = problem.let("bytes", 2 * stages * c * (bk + bv) + 4 * bk * bv);
  problem.constrain("shared", "{bytes} bytes", bytes * blocks <= 232448);
  problem.constrain("sub", "", isMultiple(c, bc));
  Expr registers = problem.let("registers", ceilDiv(bk * bv, 32 * warps));
  problem.constrain("registers", "", registers * warps * blocks <= 2048);
  problem.constrain("warps", "", warps * 16 <= c * 2);
  Expr chunks = ceilDiv(8192, c);
  Expr compute = chunks * floorDiv(c * bk * bv, 16 * warps * blocks);
  problem.minimize(compute + floorDiv(chunks * 200, stages) +
                   floorDiv(chunks * c * bc, 64));
  return problem;
}

TEST_P(Solvers, AllPointsOfARealisticProblemAreQuick) {
  Problem problem = makeTileProblem();
  auto start = std::chrono::steady_clock::now();
  auto all = llvm::cantFail(solver->solveBest(problem, 1'000'000));
  auto middle = std::chrono::steady_clock::now();
  Solution best = llvm::cantFail(solver->solve(problem));
  auto end = std::chrono::steady_clock::now();
  EXPECT_EQ(best.assignment, all.front().assignment);
  EXPECT_EQ(best.solver, solver->getName());
  auto toMs = [](auto time) {
    return std::chrono::duration<double, std::milli>(time).count();
  };
  printf("%zu points in %.1f ms, the best in %.1f ms\n", all.size(),
         toMs(middle - start), toMs(end - middle));
  EXPECT_GT(all.size(), 10'000u);
  // Ten times what it takes: other work may be running.
  EXPECT_LT(toMs(middle - start), 1000);
  EXPECT_LT(toMs(end - middle), 500);
}
