//===- Expr.h - Integer expressions over variables --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_EXPR_H
#define LRC_LIB_SOLVER_EXPR_H

#include "llvm/ADT/ArrayRef.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace lrc::solver {

enum class ExprKind : uint8_t {
  Constant,
  Variable,
  Add,
  Sub,
  Mul,
  FloorDiv,
  CeilDiv,
  Min,
  Max,
  // Comparisons are 1 where they hold, else 0.
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  /// The second operand where the first is not 0, else the third.
  Select,
};

inline bool isComparison(ExprKind kind) {
  return kind >= ExprKind::Eq && kind <= ExprKind::Ge;
}
unsigned getOperandCount(ExprKind kind);

/// An immutable expression; copies share the nodes. A node used twice stays one
/// node, and whatever walks an expression visits it once.
class Expr {
  struct Node;

public:
  /// Deeper expressions are refused by `check`.
  static constexpr unsigned maxDepth = 1000;

  Expr(int64_t value);
  /// Made by Problem::addVariable.
  static Expr variable(unsigned index);
  static Expr make(ExprKind kind, llvm::ArrayRef<Expr> operands);

  ExprKind getKind() const;
  /// The number of a constant.
  int64_t getConstant() const;
  /// The index of a variable in its problem.
  unsigned getVariable() const;
  unsigned getOperandCount() const {
    return solver::getOperandCount(getKind());
  }
  Expr getOperand(unsigned index) const;
  unsigned getDepth() const;
  /// Equal for the copies of one expression.
  const void *getId() const { return node.get(); }

private:
  explicit Expr(std::shared_ptr<const Node> node) : node(std::move(node)) {}
  std::shared_ptr<const Node> node;
};

inline Expr operator+(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Add, {a, b});
}
inline Expr operator-(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Sub, {a, b});
}
inline Expr operator*(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Mul, {a, b});
}
inline Expr floorDiv(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::FloorDiv, {a, b});
}
inline Expr ceilDiv(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::CeilDiv, {a, b});
}
inline Expr min(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Min, {a, b});
}
inline Expr max(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Max, {a, b});
}
inline Expr operator==(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Eq, {a, b});
}
inline Expr operator!=(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Ne, {a, b});
}
inline Expr operator<(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Lt, {a, b});
}
inline Expr operator<=(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Le, {a, b});
}
inline Expr operator>(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Gt, {a, b});
}
inline Expr operator>=(const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Ge, {a, b});
}
inline Expr select(const Expr &condition, const Expr &a, const Expr &b) {
  return Expr::make(ExprKind::Select, {condition, a, b});
}
/// `a` is a multiple of `b`.
inline Expr isMultiple(const Expr &a, const Expr &b) {
  return floorDiv(a, b) * b == a;
}

/// What the operation gives; nothing on an overflow of 64 bits and on a
/// division by zero. Select is not asked here: it needs only one branch.
std::optional<int64_t> apply(ExprKind kind, int64_t a, int64_t b);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_EXPR_H
