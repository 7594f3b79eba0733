//===- Solver.cpp - How constraint problems are solved --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"

#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace lrc::solver;

char InfeasibleError::ID = 0;

void InfeasibleError::log(raw_ostream &os) const { os << message; }

std::error_code InfeasibleError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

Solver::~Solver() = default;

/// Proves an answer, so that a defect of a backend never becomes a wrong
/// decision.
static Error prove(const Problem &problem, const Solution &solution) {
  if (Error error = verify(problem, solution.assignment))
    return error;
  if (!problem.getObjective())
    return Error::success();
  std::optional<int64_t> objective =
      evaluate(*problem.getObjective(), solution.assignment);
  if (objective != solution.objective)
    return createStringError("the objective is not " +
                             Twine(solution.objective));
  return Error::success();
}

Expected<std::vector<Solution>> Solver::solveBest(const Problem &problem,
                                                  unsigned count,
                                                  const Limits &limits) const {
  assert(count > 0 && "no solution wanted");
  if (Error error = check(problem))
    return std::move(error);
  Found found = search(problem, count, limits);
  if (found.solutions.empty() && found.complete)
    return make_error<InfeasibleError>(
        explainInfeasible(problem, *this, limits));
  if (found.solutions.empty())
    return createStringError("no assignment found in " + Twine(limits.nodes) +
                             " search nodes");
  for (Solution &solution : found.solutions) {
    solution.provenOptimal = found.complete;
    if (Error error = prove(problem, solution))
      return createStringError("wrong answer of the " + getName() +
                               " solver: " + toString(std::move(error)));
  }
  return std::move(found.solutions);
}

Expected<Solution> Solver::solve(const Problem &problem,
                                 const Limits &limits) const {
  Expected<std::vector<Solution>> best = solveBest(problem, 1, limits);
  if (!best)
    return best.takeError();
  return std::move(best->front());
}
