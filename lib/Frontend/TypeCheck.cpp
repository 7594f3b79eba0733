//===- TypeCheck.cpp - Real, complex and boolean values -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Real widens to complex; nothing narrows by itself. Booleans exist only on
// the way to the condition of a select.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"
#include "lib/Frontend/Sema.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

static ValueKind join(ValueKind a, ValueKind b) {
  if (a == ValueKind::Unknown || b == ValueKind::Unknown)
    return ValueKind::Unknown;
  return a == ValueKind::Complex ? a : b;
}

ValueKind TypeCheck::visit(const Expr &expr) {
  auto kindOf = [&](StringRef name) {
    const Symbol *symbol = scope.lookup(name);
    if (symbol && symbol->isTensor())
      return symbol->damaged ? ValueKind::Unknown : symbol->kind;
    // Index variables, dims and builtins are real numbers.
    return scope.isDamaged(name) ? ValueKind::Unknown : ValueKind::Real;
  };
  switch (expr.getKind()) {
  case Expr::Kind::Number:
    return ValueKind::Real;
  case Expr::Kind::Name:
    return kindOf(llvm::cast<NameExpr>(expr).name);
  case Expr::Kind::Read:
    return kindOf(llvm::cast<ReadExpr>(expr).name.text);
  case Expr::Kind::Delay:
    return kindOf(llvm::cast<DelayExpr>(expr).name.text);
  case Expr::Kind::Inverse: {
    const Name &name = llvm::cast<InverseExpr>(expr).name;
    ValueKind kind = kindOf(name.text);
    if (kind != ValueKind::Complex)
      return kind;
    diagnostics.error(name.range, "'inverse' needs a matrix of real numbers, "
                                  "got a complex one");
    return ValueKind::Unknown;
  }
  case Expr::Kind::Call:
    return visitCall(llvm::cast<CallExpr>(expr));
  case Expr::Kind::Unary:
    return visitUnary(llvm::cast<UnaryExpr>(expr));
  case Expr::Kind::Binary:
    return visitBinary(llvm::cast<BinaryExpr>(expr));
  case Expr::Kind::Reduce:
    return visitReduce(llvm::cast<ReduceExpr>(expr));
  }
  return ValueKind::Unknown;
}

ValueKind TypeCheck::visitStored(const Expr &expr) {
  ValueKind kind = visit(expr);
  if (kind != ValueKind::Bool)
    return kind;
  diagnostics.error(expr.range, "expected a number, got a condition; write "
                                "'select(condition, 1, 0)'");
  return ValueKind::Unknown;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

ValueKind TypeCheck::visitNumber(const Expr &expr, const Twine &user) {
  ValueKind kind = visit(expr);
  if (kind != ValueKind::Bool)
    return kind;
  diagnostics.error(expr.range, user + " needs numbers, got a condition; "
                                       "write 'select(condition, 1, 0)'");
  return ValueKind::Unknown;
}

ValueKind TypeCheck::visitRealOnly(const Expr &expr, const Twine &user) {
  ValueKind kind = visitNumber(expr, user);
  if (kind != ValueKind::Complex)
    return kind;
  diagnostics.error(expr.range, user +
                                    " needs real numbers, got a complex "
                                    "one; use real(..), imag(..) or abs(..)");
  return ValueKind::Unknown;
}

ValueKind TypeCheck::visitCondition(const Expr &expr, const Twine &user) {
  ValueKind kind = visit(expr);
  if (kind != ValueKind::Real && kind != ValueKind::Complex)
    return kind;
  diagnostics.error(expr.range, user + " needs a condition, got a number; "
                                       "write 'x != 0'");
  return ValueKind::Unknown;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

ValueKind TypeCheck::visitUnary(const UnaryExpr &unary) {
  if (unary.op == UnaryOp::Neg)
    return visitNumber(*unary.operand, "'-'");
  visitCondition(*unary.operand, "'not'");
  return ValueKind::Bool;
}

ValueKind TypeCheck::visitBinary(const BinaryExpr &binary) {
  std::string user = ("'" + getSpelling(binary.op) + "'").str();
  switch (binary.op) {
  case BinaryOp::And:
  case BinaryOp::Or:
    visitCondition(*binary.lhs, user);
    visitCondition(*binary.rhs, user);
    return ValueKind::Bool;
  case BinaryOp::Add:
  case BinaryOp::Sub:
  case BinaryOp::Mul:
  case BinaryOp::Div: {
    ValueKind lhs = visitNumber(*binary.lhs, user);
    return join(lhs, visitNumber(*binary.rhs, user));
  }
  default: {
    ValueKind lhs = visitRealOnly(*binary.lhs, user);
    ValueKind rhs = visitRealOnly(*binary.rhs, user);
    return isComparison(binary.op) ? ValueKind::Bool : join(lhs, rhs);
  }
  }
}

ValueKind TypeCheck::visitReduce(const ReduceExpr &reduce) {
  std::string user = ("'" + getSpelling(reduce.op) + "'").str();
  if (reduce.op == ReduceOp::Max || reduce.op == ReduceOp::Min)
    return visitRealOnly(*reduce.body, user);
  return visitNumber(*reduce.body, user);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

ValueKind TypeCheck::visitCall(const CallExpr &call) {
  const Function *function = lookupFunction(call.callee.text);
  if (!function || function->arity != call.arguments.size()) {
    for (const ExprPtr &argument : call.arguments)
      visit(*argument);
    return ValueKind::Unknown;
  }
  if (function->typing == Typing::Select)
    return visitSelect(call);
  std::string user = ("'" + call.callee.text + "'").str();
  bool takesComplex =
      function->typing == Typing::Same || function->typing == Typing::ToReal;
  ValueKind joined = ValueKind::Real;
  for (const ExprPtr &argument : call.arguments)
    joined = join(joined, takesComplex ? visitNumber(*argument, user)
                                       : visitRealOnly(*argument, user));
  if (function->typing == Typing::ToComplex)
    return ValueKind::Complex;
  if (function->typing == Typing::ToReal)
    return ValueKind::Real;
  return joined;
}

ValueKind TypeCheck::visitSelect(const CallExpr &call) {
  visitCondition(*call.arguments[0], "the first argument of 'select'");
  ValueKind onTrue = visitNumber(*call.arguments[1], "'select'");
  return join(onTrue, visitNumber(*call.arguments[2], "'select'"));
}
