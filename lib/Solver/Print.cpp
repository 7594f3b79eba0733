//===- Print.cpp - Write a problem as text --------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Text.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace lrc::solver;

static StringRef getSpelling(ExprKind kind) {
  switch (kind) {
  case ExprKind::Add:
    return "+";
  case ExprKind::Sub:
    return "-";
  case ExprKind::Mul:
    return "*";
  case ExprKind::FloorDiv:
    return "/";
  case ExprKind::CeilDiv:
    return "ceildiv";
  case ExprKind::Min:
    return "min";
  case ExprKind::Max:
    return "max";
  case ExprKind::Select:
    return "if";
  case ExprKind::Eq:
    return "==";
  case ExprKind::Ne:
    return "!=";
  case ExprKind::Lt:
    return "<";
  case ExprKind::Le:
    return "<=";
  case ExprKind::Gt:
    return ">";
  case ExprKind::Ge:
    return ">=";
  case ExprKind::Constant:
  case ExprKind::Variable:
    break;
  }
  llvm_unreachable("has no spelling of its own");
}

/// How tightly an operator binds; functions and leaves need no brackets.
static unsigned getPrecedence(ExprKind kind) {
  if (isComparison(kind))
    return 0;
  if (kind == ExprKind::Add || kind == ExprKind::Sub)
    return 1;
  if (kind == ExprKind::Mul || kind == ExprKind::FloorDiv)
    return 2;
  return 3;
}

namespace {
class Printer {
public:
  Printer(const Problem &problem, raw_ostream &os) : problem(problem), os(os) {}
  void run();

private:
  void printDomain(ArrayRef<int64_t> values);
  void printString(StringRef text);
  void printLet(StringRef name, const Expr &expr);
  void printExpr(const Expr &expr, unsigned precedence = 0);
  void printOperation(const Expr &expr, unsigned precedence);

  /// Counts the uses of each operation.
  void count(const Expr &expr);
  /// Writes a let for each part of `expr` that is used again and has no name.
  void nameShared(const Expr &expr);
  std::string makeName();

  const Problem &problem;
  raw_ostream &os;
  DenseMap<const void *, unsigned> uses;
  DenseMap<const void *, std::string> names;
  DenseSet<const void *> visited;
  unsigned madeNames = 0;
};
} // namespace

void Printer::run() {
  for (const Let &let : problem.getLets())
    count(let.expr);
  for (const Constraint &constraint : problem.getConstraints())
    count(constraint.comparison);
  if (problem.getObjective())
    count(*problem.getObjective());

  os << "problem ";
  printString(problem.getName());
  os << " {\n";
  for (const Variable &variable : problem.getVariables()) {
    os << "  var " << variable.name << " in ";
    printDomain(variable.domain.getValues());
    os << ";\n";
  }
  for (const Let &let : problem.getLets()) {
    nameShared(let.expr);
    printLet(let.name, let.expr);
  }
  for (const Constraint &constraint : problem.getConstraints()) {
    nameShared(constraint.comparison);
    os << "  constraint " << constraint.name << " ";
    printString(constraint.sentence);
    os << ":\n    ";
    printOperation(constraint.comparison, 0);
    os << ";\n";
  }
  if (problem.getObjective()) {
    nameShared(*problem.getObjective());
    os << "  minimize ";
    printExpr(*problem.getObjective());
    os << ";\n";
  }
  for (const Pin &pin : problem.getPins())
    os << "  pin " << pin.variable << " = " << pin.value << ";\n";
  os << "}\n";
}

void Printer::printDomain(ArrayRef<int64_t> values) {
  // Differences as unsigned numbers do not overflow.
  auto gap = [&](size_t i) { return uint64_t(values[i]) - values[i - 1]; };
  bool even = values.size() > 2 && gap(1) <= uint64_t(INT64_MAX);
  for (size_t i = 2; even && i < values.size(); ++i)
    even = gap(i) == gap(1);
  if (!even) {
    os << "{";
    llvm::interleaveComma(values, os);
    os << "}";
    return;
  }
  os << values.front() << ".." << values.back();
  if (gap(1) != 1)
    os << " step " << gap(1);
}

void Printer::printString(StringRef text) {
  os << '"';
  for (char c : text) {
    if (c == '"' || c == '\\')
      os << '\\';
    if (c == '\n')
      os << "\\n";
    else
      os << c;
  }
  os << '"';
}

void Printer::printLet(StringRef name, const Expr &expr) {
  os << "  let " << name << " = ";
  printExpr(expr);
  os << ";\n";
  // A variable keeps its own name.
  if (expr.getKind() != ExprKind::Variable)
    names.try_emplace(expr.getId(), name);
}

void Printer::printExpr(const Expr &expr, unsigned precedence) {
  if (auto name = names.find(expr.getId()); name != names.end())
    os << name->second;
  else if (expr.getKind() == ExprKind::Constant)
    os << expr.getConstant();
  else if (expr.getKind() == ExprKind::Variable)
    os << problem.getVariables()[expr.getVariable()].name;
  else
    printOperation(expr, precedence);
}

void Printer::printOperation(const Expr &expr, unsigned precedence) {
  unsigned mine = getPrecedence(expr.getKind());
  StringRef spelling = getSpelling(expr.getKind());
  if (mine == 3) {
    os << spelling << "(";
    for (unsigned i = 0; i < expr.getOperandCount(); ++i) {
      os << (i ? ", " : "");
      printExpr(expr.getOperand(i));
    }
    os << ")";
    return;
  }
  // Sums and products group from the left, comparisons not at all.
  os << (mine < precedence ? "(" : "");
  printExpr(expr.getOperand(0), std::max(mine, 1u));
  os << " " << spelling << " ";
  printExpr(expr.getOperand(1), mine + 1);
  os << (mine < precedence ? ")" : "");
}

void Printer::count(const Expr &expr) {
  if (expr.getOperandCount() == 0 || ++uses[expr.getId()] > 1)
    return;
  for (unsigned i = 0; i < expr.getOperandCount(); ++i)
    count(expr.getOperand(i));
}

void Printer::nameShared(const Expr &expr) {
  if (!visited.insert(expr.getId()).second)
    return;
  for (unsigned i = 0; i < expr.getOperandCount(); ++i) {
    Expr operand = expr.getOperand(i);
    nameShared(operand);
    if (uses.lookup(operand.getId()) > 1 && !names.count(operand.getId()))
      printLet(makeName(), operand);
  }
}

std::string Printer::makeName() {
  while (true) {
    std::string name = "shared" + std::to_string(++madeNames);
    if (!problem.findExpr(name))
      return name;
  }
}

void lrc::solver::print(const Problem &problem, raw_ostream &os) {
  Printer(problem, os).run();
}
