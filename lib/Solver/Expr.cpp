//===- Expr.cpp - Integer expressions over variables ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Expr.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <limits>

using namespace llvm;
using namespace lrc::solver;

struct Expr::Node {
  ExprKind kind;
  unsigned depth;
  int64_t value;
  std::array<std::shared_ptr<const Node>, 3> operands;
};

unsigned lrc::solver::getOperandCount(ExprKind kind) {
  switch (kind) {
  case ExprKind::Constant:
  case ExprKind::Variable:
    return 0;
  case ExprKind::Select:
    return 3;
  default:
    return 2;
  }
}

Expr::Expr(int64_t value)
    : node(std::make_shared<Node>(Node{ExprKind::Constant, 1, value, {}})) {}

Expr Expr::variable(unsigned index) {
  return Expr(
      std::make_shared<const Node>(Node{ExprKind::Variable, 1, index, {}}));
}

Expr Expr::make(ExprKind kind, ArrayRef<Expr> operands) {
  assert(operands.size() == solver::getOperandCount(kind) &&
         !operands.empty() && "wrong number of operands");
  Node node{kind, 1, 0, {}};
  for (auto [slot, operand] : llvm::zip(node.operands, operands)) {
    slot = operand.node;
    node.depth = std::max(node.depth, operand.getDepth() + 1);
  }
  return Expr(std::make_shared<const Node>(std::move(node)));
}

ExprKind Expr::getKind() const { return node->kind; }

int64_t Expr::getConstant() const {
  assert(getKind() == ExprKind::Constant && "not a constant");
  return node->value;
}

unsigned Expr::getVariable() const {
  assert(getKind() == ExprKind::Variable && "not a variable");
  return unsigned(node->value);
}

Expr Expr::getOperand(unsigned index) const {
  assert(index < getOperandCount() && "no such operand");
  return Expr(node->operands[index]);
}

unsigned Expr::getDepth() const { return node->depth; }

static std::optional<int64_t> divide(int64_t a, int64_t b, bool up) {
  if (b == 0 || (a == std::numeric_limits<int64_t>::min() && b == -1))
    return std::nullopt;
  int64_t quotient = a / b;
  if (a % b == 0)
    return quotient;
  bool positive = (a < 0) == (b < 0);
  return quotient + (up && positive) - (!up && !positive);
}

std::optional<int64_t> lrc::solver::apply(ExprKind kind, int64_t a, int64_t b) {
  int64_t result;
  switch (kind) {
  case ExprKind::Add:
    if (__builtin_add_overflow(a, b, &result))
      return std::nullopt;
    return result;
  case ExprKind::Sub:
    if (__builtin_sub_overflow(a, b, &result))
      return std::nullopt;
    return result;
  case ExprKind::Mul:
    if (__builtin_mul_overflow(a, b, &result))
      return std::nullopt;
    return result;
  case ExprKind::FloorDiv:
    return divide(a, b, /*up=*/false);
  case ExprKind::CeilDiv:
    return divide(a, b, /*up=*/true);
  case ExprKind::Min:
    return std::min(a, b);
  case ExprKind::Max:
    return std::max(a, b);
  case ExprKind::Eq:
    return a == b;
  case ExprKind::Ne:
    return a != b;
  case ExprKind::Lt:
    return a < b;
  case ExprKind::Le:
    return a <= b;
  case ExprKind::Gt:
    return a > b;
  case ExprKind::Ge:
    return a >= b;
  case ExprKind::Constant:
  case ExprKind::Variable:
  case ExprKind::Select:
    break;
  }
  llvm_unreachable("not an operation of two operands");
}
