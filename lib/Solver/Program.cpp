//===- Program.cpp - Expressions as a list of operations ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Program.h"

#include "llvm/ADT/DenseMap.h"

#include <algorithm>

using namespace llvm;
using namespace lrc::solver;

namespace {
/// Appends an expression to a list. The depth of expressions is limited, so
/// recursion is safe.
struct Flatten {
  std::vector<Program::Operation> &operations;
  DenseMap<const void *, unsigned> places;
  DenseMap<unsigned, unsigned> variables;

  explicit Flatten(std::vector<Program::Operation> &operations)
      : operations(operations) {}

  unsigned add(const Expr &expr) {
    if (auto found = places.find(expr.getId()); found != places.end())
      return found->second;
    Program::Operation operation{expr.getKind()};
    if (operation.kind == ExprKind::Constant) {
      operation.value = expr.getConstant();
    } else if (operation.kind == ExprKind::Variable) {
      operation.value = expr.getVariable();
      operation.level = expr.getVariable() + 1;
    }
    for (unsigned i = 0; i < expr.getOperandCount(); ++i) {
      unsigned place = add(expr.getOperand(i));
      operation.operands[i] = place;
      operation.level = std::max(operation.level, operations[place].level);
    }
    unsigned place = operations.size();
    // Each mention of a variable may be a node of its own.
    if (operation.kind == ExprKind::Variable)
      place = variables.try_emplace(operation.value, place).first->second;
    if (place == operations.size())
      operations.push_back(operation);
    return places[expr.getId()] = place;
  }
};
} // namespace

Program::Program(ArrayRef<Expr> exprs) {
  Flatten flatten(operations);
  for (const Expr &expr : exprs)
    roots.push_back(flatten.add(expr));
  sortByLevel();
}

void Program::sortByLevel() {
  unsigned levels = 0;
  for (const Operation &operation : operations)
    levels = std::max(levels, operation.level);
  std::vector<std::vector<unsigned>> placesOfLevel(levels + 1);
  for (unsigned place = 0; place < operations.size(); ++place)
    placesOfLevel[operations[place].level].push_back(place);

  std::vector<unsigned> newPlace(operations.size());
  std::vector<Operation> sorted;
  for (ArrayRef<unsigned> places : placesOfLevel) {
    levelBegin.push_back(sorted.size());
    for (unsigned place : places) {
      Operation operation = operations[place];
      for (unsigned i = 0; i < getOperandCount(operation.kind); ++i)
        operation.operands[i] = newPlace[operation.operands[i]];
      newPlace[place] = sorted.size();
      sorted.push_back(operation);
    }
  }
  levelBegin.push_back(sorted.size());
  operations = std::move(sorted);
  for (unsigned &root : roots)
    root = newPlace[root];
}

void Program::evaluate(unsigned level, const Assignment &assignment,
                       MutableArrayRef<Value> values) const {
  if (level > getLevels())
    return;
  for (unsigned i = levelBegin[level]; i < levelBegin[level + 1]; ++i) {
    const Operation &operation = operations[i];
    switch (operation.kind) {
    case ExprKind::Constant:
      values[i] = operation.value;
      break;
    case ExprKind::Variable:
      values[i] = assignment[operation.value];
      break;
    case ExprKind::Select: {
      // Only the branch that is taken needs a value.
      Value condition = values[operation.operands[0]];
      values[i] = condition ? values[operation.operands[*condition ? 1 : 2]]
                            : std::nullopt;
      break;
    }
    default: {
      Value a = values[operation.operands[0]];
      Value b = values[operation.operands[1]];
      values[i] = a && b ? apply(operation.kind, *a, *b) : std::nullopt;
      break;
    }
    }
  }
}

void Program::evaluate(const Assignment &assignment,
                       MutableArrayRef<Value> values) const {
  for (unsigned level = 0; level <= getLevels(); ++level)
    evaluate(level, assignment, values);
}

std::vector<Expr> lrc::solver::getSearchRoots(const Problem &problem) {
  std::vector<Expr> roots;
  for (const Constraint &constraint : problem.getConstraints())
    roots.push_back(constraint.comparison);
  roots.push_back(problem.getObjective().value_or(Expr(0)));
  return roots;
}
