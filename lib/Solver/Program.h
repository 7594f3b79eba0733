//===- Program.h - Expressions as a list of operations ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_PROGRAM_H
#define LRC_LIB_SOLVER_PROGRAM_H

#include "lib/Solver/Problem.h"

namespace lrc::solver {

/// The expressions of a problem in one list: operands come before what uses
/// them, shared parts stand once, and the operations of one level, which is the
/// number of leading variables that they need, stand together. So a search
/// that assigns the variables in order evaluates each operation once per
/// assignment of these variables.
class Program {
public:
  struct Operation {
    ExprKind kind;
    unsigned level = 0;
    /// Of a constant the value, of a variable the index.
    int64_t value = 0;
    std::array<unsigned, 3> operands = {0, 0, 0};
  };
  using Value = std::optional<int64_t>;

  explicit Program(llvm::ArrayRef<Expr> roots);

  llvm::ArrayRef<Operation> getOperations() const { return operations; }
  /// The place of each root in the list.
  llvm::ArrayRef<unsigned> getRoots() const { return roots; }
  unsigned getRootLevel(unsigned root) const {
    return operations[roots[root]].level;
  }
  /// One past the variable with the highest index that occurs.
  unsigned getLevels() const {
    return operations.empty() ? 0 : operations.back().level;
  }

  /// Sets the values of one level from those of lower levels.
  void evaluate(unsigned level, const Assignment &assignment,
                llvm::MutableArrayRef<Value> values) const;
  /// Sets all values.
  void evaluate(const Assignment &assignment,
                llvm::MutableArrayRef<Value> values) const;

private:
  void sortByLevel();

  std::vector<Operation> operations;
  std::vector<unsigned> roots;
  /// Where the operations of a level begin; one entry more than levels.
  std::vector<unsigned> levelBegin;
};

/// The comparisons of the constraints and then the objective, 0 when there is
/// none: without an objective all points are equally good.
std::vector<Expr> getSearchRoots(const Problem &problem);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_PROGRAM_H
