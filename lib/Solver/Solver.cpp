//===- Solver.cpp - How constraint problems are solved --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"
#include "lib/Solver/Verifier.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace llvm;
using namespace lrc::solver;

char InfeasibleError::ID = 0;

void InfeasibleError::log(raw_ostream &os) const { os << message; }

std::error_code InfeasibleError::convertToErrorCode() const {
  return inconvertibleErrorCode();
}

Solver::~Solver() = default;

Expected<std::vector<Solution>> Solver::solveBest(const Problem &problem,
                                                  unsigned count,
                                                  const Limits &limits) const {
  assert(count > 0 && "no solution wanted");
  if (Error error = check(problem))
    return std::move(error);
  Found found = search(problem, count, limits);
  if (found.solutions.empty() && found.complete) {
    // Many searches; one that ends early only makes the explanation longer.
    Limits shorter;
    shorter.nodes = std::min<uint64_t>(limits.nodes, 500'000);
    return make_error<InfeasibleError>(
        explainInfeasible(problem, *this, shorter));
  }
  if (found.solutions.empty())
    return createStringError("no assignment found in " + Twine(limits.nodes) +
                             " search nodes");
  // A defect of a backend must not become a wrong decision.
  Verifier verifier(problem);
  for (Solution &solution : found.solutions) {
    solution.provenOptimal = found.complete;
    solution.solver = found.solver;
    if (Error error = verifier.verify(solution.assignment, solution.objective))
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
