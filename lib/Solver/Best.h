//===- Best.h - The best solutions of a search so far -----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_BEST_H
#define LRC_LIB_SOLVER_BEST_H

#include "lib/Solver/Solver.h"

#include <map>

namespace lrc::solver {

/// Keeps the `count` best of the solutions offered to it. They are offered in
/// lexicographic order, so that of equal ones the earlier is kept.
class Best {
public:
  explicit Best(unsigned count) : count(count) {}

  /// Only a smaller objective is still of interest; nothing as long as any is.
  std::optional<int64_t> getBound() const {
    if (solutions.size() < count)
      return std::nullopt;
    return std::prev(solutions.end())->first;
  }

  void offer(const Assignment &assignment, int64_t objective) {
    if (std::optional<int64_t> bound = getBound(); bound && objective >= *bound)
      return;
    // Equal keys stay in the order in which they came.
    solutions.emplace(objective, assignment);
    if (solutions.size() > count)
      solutions.erase(std::prev(solutions.end()));
  }

  std::vector<Solution> take() {
    std::vector<Solution> result;
    for (auto &[objective, assignment] : solutions)
      result.push_back({std::move(assignment), objective});
    return result;
  }

private:
  unsigned count;
  std::multimap<int64_t, Assignment> solutions;
};

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_BEST_H
