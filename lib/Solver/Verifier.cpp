//===- Verifier.cpp - Proves answers of a problem -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Verifier.h"
#include "lib/Solver/Sentence.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;
using namespace lrc::solver;

Verifier::Verifier(const Problem &problem)
    : problem(problem), program(getSearchRoots(problem)),
      values(program.getOperations().size()) {}

/// Adds a message to the ones before.
static void add(Error &errors, const Twine &message) {
  errors = joinErrors(std::move(errors), createStringError(message));
}

static Error verifyValues(const Problem &problem,
                          const Assignment &assignment) {
  Error errors = Error::success();
  for (auto [variable, value] : llvm::zip(problem.getVariables(), assignment))
    if (!variable.domain.contains(value))
      add(errors, "'" + variable.name + "' is " + Twine(value) +
                      ", which is not in its domain");
  for (const Pin &pin : problem.getPins())
    if (int64_t value = problem.getValue(assignment, pin.variable);
        value != pin.value)
      add(errors, "'" + pin.variable + "' is " + Twine(value) +
                      ", but pinned to " + Twine(pin.value));
  return errors;
}

Error Verifier::verify(const Assignment &assignment,
                       std::optional<int64_t> objective) {
  if (assignment.size() != problem.getVariables().size())
    return createStringError("expected " +
                             Twine(problem.getVariables().size()) +
                             " values, got " + Twine(assignment.size()));
  Error errors = verifyValues(problem, assignment);
  program.evaluate(assignment, values);
  for (auto [i, constraint] : llvm::enumerate(problem.getConstraints())) {
    Program::Value holds = values[program.getRoots()[i]];
    if (!holds)
      add(errors,
          "constraint '" + constraint.name + "' has no value in 64 bits");
    else if (!*holds)
      add(errors, constraint.name + ": " +
                      fillSentence(problem, constraint, assignment));
  }
  Program::Value value = values[program.getRoots().back()];
  if (!value)
    add(errors, "the objective has no value in 64 bits");
  else if (objective && *value != *objective)
    add(errors,
        "the objective is " + Twine(*value) + ", not " + Twine(*objective));
  return errors;
}

Error lrc::solver::verify(const Problem &problem,
                          const Assignment &assignment) {
  return Verifier(problem).verify(assignment);
}

std::optional<int64_t> lrc::solver::evaluate(const Expr &expr,
                                             const Assignment &assignment) {
  Program program(expr);
  std::vector<Program::Value> values(program.getOperations().size());
  program.evaluate(assignment, values);
  return values[program.getRoots()[0]];
}

std::string lrc::solver::fillSentence(const Problem &problem,
                                      const Constraint &constraint,
                                      const Assignment &assignment) {
  Expected<Sentence> sentence = Sentence::parse(problem, constraint.sentence);
  assert(sentence && "a problem that was not checked");
  return sentence->fill(assignment);
}
