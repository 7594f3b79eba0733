//===- Solver.h - How constraint problems are solved ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_SOLVER_H
#define LRC_LIB_SOLVER_SOLVER_H

#include "lib/Solver/Problem.h"

namespace lrc::solver {

/// When a solver gives up.
struct Limits {
  /// Search nodes. A count, not a time, so that answers are reproducible.
  uint64_t nodes = 20'000'000;
};

struct Solution {
  Assignment assignment;
  /// 0 when the problem has none.
  int64_t objective = 0;
  /// No better assignment exists; false when a limit ended the search.
  bool provenOptimal = false;
  /// The name of the solver that found it, which may be one that another
  /// handed the problem to.
  llvm::StringRef solver = "";
};

/// A point is feasible when all constraints hold and the objective has a value
/// in 64 bits. Among equal objectives the assignment that is first in
/// lexicographic order comes first, so all solvers give the same answers.
class Solver {
public:
  virtual ~Solver();
  virtual llvm::StringRef getName() const = 0;

  /// Checks the problem, searches, verifies the answer. When nothing is
  /// feasible the error explains which constraints are in conflict.
  llvm::Expected<Solution> solve(const Problem &problem,
                                 const Limits &limits = {}) const;
  /// The `count` best distinct assignments, the best first; fewer when fewer
  /// exist.
  llvm::Expected<std::vector<Solution>>
  solveBest(const Problem &problem, unsigned count,
            const Limits &limits = {}) const;

  /// What a search found, the best first.
  struct Found {
    std::vector<Solution> solutions;
    /// All was searched.
    bool complete = false;
    llvm::StringRef solver;
  };
  /// The search proper, of a problem that `check` accepts; its solutions are
  /// not proven yet.
  virtual Found search(const Problem &problem, unsigned count,
                       const Limits &limits) const = 0;
};

/// Tries the values of the variables in order, and turns back as soon as a
/// constraint whose variables all have a value fails.
std::unique_ptr<Solver> createExhaustiveSolver();

/// Branch and bound with propagation by Gecode, whose integers have 32 bits: a
/// problem with a larger intermediate value goes to the exhaustive solver.
std::unique_ptr<Solver> createGecodeSolver();

/// Nothing satisfies all constraints; the message names some that are in
/// conflict. A class of its own, since a client may react to it.
class InfeasibleError : public llvm::ErrorInfo<InfeasibleError> {
public:
  static char ID;
  explicit InfeasibleError(std::string message) : message(std::move(message)) {}
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;

private:
  std::string message;
};

/// For a problem without any feasible point: a small set of constraints and
/// pins that are in conflict, each with its sentence for the assignment that
/// violates it least while the others of the set hold.
std::string explainInfeasible(const Problem &problem, const Solver &solver,
                              const Limits &limits);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_SOLVER_H
