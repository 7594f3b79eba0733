//===- Explain.cpp - Why nothing is feasible ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Drop one constraint; when the rest is still in conflict, it is not to blame
// and stays dropped. What remains is in conflict, and stops being so when any
// one of it is relaxed. So each of it has an assignment under which it alone is
// violated, and the one that violates it least says how much is missing.
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Solver.h"

using namespace llvm;
using namespace lrc::solver;

/// Constraints and pins alike, with which pins are relaxed in the same way.
static std::vector<Constraint> collectConstraints(const Problem &problem) {
  std::vector<Constraint> all = problem.getConstraints();
  for (const Pin &pin : problem.getPins()) {
    std::string given = std::to_string(pin.value);
    all.push_back({"pin of " + pin.variable,
                   given + " given, {" + pin.variable +
                       "} would fit the other constraints",
                   *problem.findExpr(pin.variable) == pin.value});
  }
  return all;
}

static Problem restrict(const Problem &problem, ArrayRef<Constraint> kept,
                        const Constraint *relaxed = nullptr) {
  Problem result = problem.withoutConstraints();
  for (const Constraint &constraint : kept)
    if (&constraint != relaxed)
      result.constrain(constraint.name, constraint.sentence,
                       constraint.comparison);
  return result;
}

/// How far a comparison is from holding, 0 when it holds.
static Expr getViolation(const Expr &comparison) {
  Expr a = comparison.getOperand(0), b = comparison.getOperand(1);
  switch (comparison.getKind()) {
  case ExprKind::Eq:
    return max(a - b, b - a);
  case ExprKind::Lt:
    return max(a - b + 1, 0);
  case ExprKind::Le:
    return max(a - b, 0);
  case ExprKind::Gt:
    return max(b - a + 1, 0);
  case ExprKind::Ge:
    return max(b - a, 0);
  default:
    return 1 - comparison;
  }
}

/// A minimal part of `all` that is in conflict.
static std::vector<Constraint> findConflict(const Problem &problem,
                                            std::vector<Constraint> all,
                                            const Solver &solver,
                                            const Limits &limits) {
  for (size_t i = 0; i < all.size();) {
    Solver::Found found =
        solver.search(restrict(problem, all, &all[i]), 1, limits);
    if (found.solutions.empty() && found.complete)
      all.erase(all.begin() + i);
    else
      ++i;
  }
  return all;
}

std::string lrc::solver::explainInfeasible(const Problem &problem,
                                           const Solver &solver,
                                           const Limits &limits) {
  std::vector<Constraint> all = collectConstraints(problem);
  if (!solver.search(restrict(problem, all), 1, limits).solutions.empty())
    return "the objective has no value in 64 bits wherever the constraints "
           "hold";
  std::vector<Constraint> conflict = findConflict(problem, all, solver, limits);
  std::string text = conflict.size() == 1
                         ? "a constraint cannot be satisfied:"
                         : "these constraints cannot all be satisfied:";
  for (const Constraint &constraint : conflict) {
    // The others of the problem may be in conflict among themselves.
    Expr violation = getViolation(constraint.comparison);
    auto search = [&](ArrayRef<Constraint> kept) {
      std::vector<Constraint> others;
      for (const Constraint &other : kept)
        if (other.name != constraint.name)
          others.push_back(other);
      Problem relaxed = restrict(problem, others);
      relaxed.minimize(violation);
      return solver.search(relaxed, 1, limits);
    };
    Solver::Found found = search(all);
    if (found.solutions.empty())
      found = search(conflict);
    text += "\n  " + constraint.name + ": ";
    text += found.solutions.empty()
                ? constraint.sentence
                : fillSentence(problem, constraint,
                               found.solutions.front().assignment);
  }
  return text;
}
