//===- Check.cpp - Is a problem sound?
//----------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Sentence.h"
#include "lib/Solver/Text.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

using namespace llvm;
using namespace lrc::solver;

namespace {
/// Collects what is wrong with a problem, up to the first error.
class Checker {
public:
  explicit Checker(const Problem &problem) : problem(problem) {}

  Error run() {
    for (const Variable &variable : problem.getVariables())
      if (Error error = checkVariable(variable))
        return error;
    for (const Let &let : problem.getLets()) {
      if (!isName(let.name))
        return createStringError("'" + let.name + "' cannot be a name");
      if (!names.insert(let.name).second)
        return createStringError("the name '" + let.name + "' is used twice");
      if (Error error = checkExpr(let.expr, "'" + let.name + "'"))
        return error;
    }
    for (const Constraint &constraint : problem.getConstraints())
      if (Error error = checkConstraint(constraint))
        return error;
    if (const std::optional<Expr> &objective = problem.getObjective())
      if (Error error = checkExpr(*objective, "the objective"))
        return error;
    for (const Pin &pin : problem.getPins())
      if (Error error = checkPin(pin))
        return error;
    return Error::success();
  }

private:
  Error checkVariable(const Variable &variable) {
    if (!isName(variable.name))
      return createStringError("'" + variable.name + "' cannot be a name");
    if (!names.insert(variable.name).second)
      return createStringError("the name '" + variable.name +
                               "' is used twice");
    size_t size = variable.domain.getValues().size();
    if (size == 0)
      return createStringError("the domain of '" + variable.name +
                               "' is empty");
    if (size > Domain::maxSize)
      return createStringError("the domain of '" + variable.name +
                               "' has more than " + Twine(Domain::maxSize) +
                               " values");
    return Error::success();
  }

  Error checkExpr(const Expr &expr, const Twine &what) {
    if (expr.getDepth() > Expr::maxDepth)
      return createStringError(what + " is nested deeper than " +
                               Twine(Expr::maxDepth));
    if (!hasKnownVariables(expr))
      return createStringError(what + " has a variable of another problem");
    return Error::success();
  }

  bool hasKnownVariables(const Expr &expr) {
    if (!visited.insert(expr.getId()).second)
      return true;
    if (expr.getKind() == ExprKind::Variable)
      return expr.getVariable() < problem.getVariables().size();
    for (unsigned i = 0; i < expr.getOperandCount(); ++i)
      if (!hasKnownVariables(expr.getOperand(i)))
        return false;
    return true;
  }

  Error checkConstraint(const Constraint &constraint) {
    std::string what = "constraint '" + constraint.name + "'";
    if (!isName(constraint.name))
      return createStringError("'" + constraint.name + "' cannot be a name");
    if (!constraintNames.insert(constraint.name).second)
      return createStringError("the constraint name '" + constraint.name +
                               "' is used twice");
    if (!isComparison(constraint.comparison.getKind()))
      return createStringError(what + " is not a comparison");
    if (Error error = checkExpr(constraint.comparison, what))
      return error;
    Expected<Sentence> sentence = Sentence::parse(problem, constraint.sentence);
    if (!sentence)
      return createStringError(what + ": " + toString(sentence.takeError()));
    return Error::success();
  }

  Error checkPin(const Pin &pin) {
    if (!pinned.insert(pin.variable).second)
      return createStringError("'" + pin.variable + "' is pinned twice");
    std::optional<unsigned> index = problem.findVariable(pin.variable);
    if (!index)
      return createStringError("no variable '" + pin.variable +
                               "' that could be pinned");
    if (!problem.getVariables()[*index].domain.contains(pin.value))
      return createStringError("'" + pin.variable + "' is pinned to " +
                               Twine(pin.value) +
                               ", which is not in its domain");
    return Error::success();
  }

  const Problem &problem;
  StringSet<> names, constraintNames, pinned;
  DenseSet<const void *> visited;
};
} // namespace

Error lrc::solver::check(const Problem &problem) {
  return Checker(problem).run();
}
