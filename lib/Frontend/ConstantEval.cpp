//===- ConstantEval.cpp - Values of expressions without names -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Sema.h"

#include <cmath>
#include <limits>

using namespace lrc::frontend;
using namespace lrc::ast;

static std::optional<double> evaluateBinary(BinaryOp op, double a, double b) {
  switch (op) {
  case BinaryOp::Add:
    return a + b;
  case BinaryOp::Sub:
    return a - b;
  case BinaryOp::Mul:
    return a * b;
  case BinaryOp::Div:
    return a / b;
  case BinaryOp::Pow:
    return std::pow(a, b);
  case BinaryOp::Rem:
    return a - b * std::floor(a / b);
  default:
    return std::nullopt;
  }
}

std::optional<double> lrc::frontend::evaluateConstant(const Expr &expr) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return number->value;
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    if (name->name == "inf")
      return std::numeric_limits<double>::infinity();
    if (name->name == "pi")
      return 3.14159265358979323846;
    return std::nullopt;
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
    std::optional<double> value = evaluateConstant(*unary->operand);
    return value && unary->op == UnaryOp::Neg ? std::optional(-*value)
                                              : std::nullopt;
  }
  const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr);
  if (!binary)
    return std::nullopt;
  std::optional<double> lhs = evaluateConstant(*binary->lhs);
  std::optional<double> rhs = evaluateConstant(*binary->rhs);
  return lhs && rhs ? evaluateBinary(binary->op, *lhs, *rhs) : std::nullopt;
}

std::optional<int64_t> lrc::frontend::evaluateInteger(const Expr &expr) {
  // Doubles are exact here: what is accepted fits in 32 bits.
  std::optional<double> value = evaluateConstant(expr);
  if (!value || *value != std::floor(*value) || std::abs(*value) > INT32_MAX)
    return std::nullopt;
  return static_cast<int64_t>(*value);
}
