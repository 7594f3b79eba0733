//===- Exhaustive.cpp - Solve by trying all values ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Best.h"
#include "lib/Solver/Program.h"

using namespace llvm;
using namespace lrc::solver;

namespace {
class Enumeration {
public:
  Enumeration(const Problem &problem, unsigned count, const Limits &limits)
      : program(getSearchRoots(problem)), best(count), nodesLeft(limits.nodes),
        values(program.getOperations().size()),
        assignment(problem.getVariables().size()) {
    for (unsigned i = 0; i < assignment.size(); ++i)
      choices.push_back(problem.getChoices(i));
    rootsOfLevel.resize(assignment.size() + 1);
    for (unsigned i = 0; i < problem.getConstraints().size(); ++i)
      rootsOfLevel[program.getRootLevel(i)].push_back(program.getRoots()[i]);
  }

  Solver::Found run() {
    // Which choice of each variable comes next.
    std::vector<size_t> next(assignment.size() + 1, 0);
    bool complete = true;
    if (enter(0)) {
      size_t level = 0;
      while (true) {
        if (level == assignment.size())
          offer();
        if (level == assignment.size() ||
            next[level] == choices[level].size() || isHopeless(level)) {
          next[level] = 0;
          if (level == 0)
            break;
          --level;
          continue;
        }
        if (nodesLeft == 0) {
          complete = false;
          break;
        }
        --nodesLeft;
        assignment[level] = choices[level][next[level]++];
        if (enter(level + 1))
          ++level;
      }
    }
    return {best.take(), complete, "exhaustive"};
  }

private:
  /// Evaluates what depends on the first `level` variables; whether the
  /// constraints among it hold.
  bool enter(unsigned level) {
    program.evaluate(level, assignment, values);
    return llvm::all_of(rootsOfLevel[level], [&](unsigned root) {
      return values[root] && *values[root];
    });
  }

  /// The objective is known already and is not good enough.
  bool isHopeless(unsigned level) const {
    unsigned objective = program.getRoots().back();
    if (program.getOperations()[objective].level > level)
      return false;
    if (!values[objective])
      return true;
    std::optional<int64_t> bound = best.getBound();
    return bound && *values[objective] >= *bound;
  }

  void offer() {
    if (Program::Value objective = values[program.getRoots().back()])
      best.offer(assignment, *objective);
  }

  Program program;
  Best best;
  uint64_t nodesLeft;
  std::vector<Program::Value> values;
  Assignment assignment;
  std::vector<std::vector<int64_t>> choices;
  /// The constraints that a level decides.
  std::vector<SmallVector<unsigned>> rootsOfLevel;
};

class ExhaustiveSolver : public Solver {
public:
  StringRef getName() const override { return "exhaustive"; }
  Found search(const Problem &problem, unsigned count,
               const Limits &limits) const override {
    return Enumeration(problem, count, limits).run();
  }
};
} // namespace

std::unique_ptr<Solver> lrc::solver::createExhaustiveSolver() {
  return std::make_unique<ExhaustiveSolver>();
}
