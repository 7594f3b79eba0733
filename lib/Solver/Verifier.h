//===- Verifier.h - Proves answers of a problem -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_VERIFIER_H
#define LRC_LIB_SOLVER_VERIFIER_H

#include "lib/Solver/Program.h"

namespace lrc::solver {

/// `verify` for many answers of one problem, which must outlive this.
class Verifier {
public:
  explicit Verifier(const Problem &problem);

  /// Fails with all that the assignment violates, and when `objective` is
  /// given and not the value of the objective.
  llvm::Error verify(const Assignment &assignment,
                     std::optional<int64_t> objective = std::nullopt);

private:
  const Problem &problem;
  /// The roots are the constraints, then the objective or 0.
  Program program;
  std::vector<Program::Value> values;
};

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_VERIFIER_H
