//===- Problem.h - An integer constraint problem ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is to be solved, without a word on how. `check` says what a client must
// supply, `verify` proves an answer whoever produced it, a Solver is
// replaceable.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_PROBLEM_H
#define LRC_LIB_SOLVER_PROBLEM_H

#include "lib/Solver/Expr.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace lrc::solver {

/// A finite set of values in rising order.
class Domain {
public:
  /// Larger domains are refused by `check`.
  static constexpr size_t maxSize = size_t(1) << 20;

  /// These values; order and repetition do not matter.
  static Domain set(std::vector<int64_t> values);
  /// first, first + step, ... up to last; `step` is positive.
  static Domain range(int64_t first, int64_t last, int64_t step = 1);
  /// The positive divisors of a positive number.
  static Domain divisors(int64_t number);

  llvm::ArrayRef<int64_t> getValues() const { return values; }
  bool contains(int64_t value) const;

private:
  std::vector<int64_t> values;
};

struct Variable {
  std::string name;
  Domain domain;
};

/// An expression with a name, for sentences and for reading.
struct Let {
  std::string name;
  Expr expr;
};

/// A comparison that has to hold. In the sentence {name} stands for the value
/// of a variable or of a let, {65536} for a number, {{ and }} for braces.
struct Constraint {
  std::string name;
  std::string sentence;
  Expr comparison;
};

/// A value given by the user.
struct Pin {
  std::string variable;
  int64_t value;
};

/// One value for each variable, in the order of the problem.
using Assignment = std::vector<int64_t>;

class Problem {
public:
  explicit Problem(std::string name = "") : name(std::move(name)) {}

  /// The order of the variables is the order in which solvers branch.
  Expr addVariable(std::string name, Domain domain);
  /// Returns `expr`.
  Expr let(std::string name, const Expr &expr);
  void constrain(std::string name, std::string sentence,
                 const Expr &comparison);
  void minimize(const Expr &expr) { objective = expr; }
  void pin(std::string variable, int64_t value);

  llvm::StringRef getName() const { return name; }
  llvm::ArrayRef<Variable> getVariables() const { return variables; }
  llvm::ArrayRef<Let> getLets() const { return lets; }
  llvm::ArrayRef<Constraint> getConstraints() const { return constraints; }
  llvm::ArrayRef<Pin> getPins() const { return pins; }
  const std::optional<Expr> &getObjective() const { return objective; }

  std::optional<unsigned> findVariable(llvm::StringRef name) const;
  /// A variable or a let.
  std::optional<Expr> findExpr(llvm::StringRef name) const;
  /// The values that a variable may take: its domain, or its pin.
  std::vector<int64_t> getChoices(unsigned variable) const;
  /// The value of a variable that exists.
  int64_t getValue(const Assignment &assignment, llvm::StringRef name) const;

  /// The same variables and lets, without constraints, pins and objective.
  Problem withoutConstraints() const;

private:
  std::string name;
  std::vector<Variable> variables;
  std::vector<Let> lets;
  std::vector<Constraint> constraints;
  std::vector<Pin> pins;
  std::optional<Expr> objective;
};

/// What is wrong with the problem itself, whatever its answer.
llvm::Error check(const Problem &problem);

/// Fails with the sentences of all constraints that the assignment violates.
llvm::Error verify(const Problem &problem, const Assignment &assignment);

/// Nothing on an overflow of 64 bits or a division by zero.
std::optional<int64_t> evaluate(const Expr &expr, const Assignment &assignment);

/// The sentence of a constraint with values filled in; "?" where a value
/// overflows.
std::string fillSentence(const Problem &problem, const Constraint &constraint,
                         const Assignment &assignment);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_PROBLEM_H
