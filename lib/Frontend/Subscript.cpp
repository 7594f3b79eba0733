//===- Subscript.cpp - Index expressions ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What stands in a subscript is quasi-affine: index and loop variables, dims
// and integers under + and -, * by a static factor, / and % by a static
// positive divisor. Static is what is made of dims and integers.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"
#include "lib/Frontend/Sema.h"

#include <algorithm>
#include <cmath>
#include <map>

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;

/// No array is larger; keeps every product far from the end of int64_t.
static constexpr double maxMagnitude = 1LL << 40;
static constexpr unsigned maxSubscriptDepth = 64;

bool lrc::frontend::isStaticIndex(const Expr &expr, const Scope &scope) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return number->integer.has_value();
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    const Symbol *symbol = scope.lookup(name->name);
    return symbol && symbol->role == SymbolRole::Dim;
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return isStaticIndex(*unary->operand, scope);
  if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr))
    return isStaticIndex(*binary->lhs, scope) &&
           isStaticIndex(*binary->rhs, scope);
  return false;
}

/// Whether a static expression is at least 1 for all sizes of the dims.
static bool isPositive(const Expr &expr) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return number->integer.value_or(0) > 0;
  if (llvm::isa<NameExpr>(expr))
    return true;
  const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr);
  return binary &&
         (binary->op == BinaryOp::Add || binary->op == BinaryOp::Mul) &&
         isPositive(*binary->lhs) && isPositive(*binary->rhs);
}

/// Bound of the absolute value when every variable is 1.
static double getMagnitude(const Expr &expr) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return std::abs(number->value);
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return getMagnitude(*unary->operand);
  const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr);
  if (!binary)
    return 1;
  double lhs = getMagnitude(*binary->lhs);
  double rhs = getMagnitude(*binary->rhs);
  if (binary->op == BinaryOp::Mul)
    return std::max(lhs, 1.0) * std::max(rhs, 1.0);
  return lhs + rhs;
}

void IndexCheck::visitSubscript(Expr &expr) {
  if (expr.depth > maxSubscriptDepth)
    diagnostics.error(expr.range, "index expression has more than " +
                                      llvm::Twine(maxSubscriptDepth) +
                                      " levels");
  else if (getMagnitude(expr) > maxMagnitude)
    diagnostics.error(expr.range, "number is too large for an index");
  else
    visitIndexExpr(expr);
}

void IndexCheck::visitIndexExpr(Expr &expr) {
  if (auto *number = llvm::dyn_cast<NumberExpr>(&expr)) {
    if (!number->integer)
      diagnostics.error(expr.range, "expected an integer, got " + number->text);
  } else if (auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    visitIndexName(*name);
  } else if (auto *binary = llvm::dyn_cast<BinaryExpr>(&expr)) {
    visitIndexBinary(*binary);
  } else if (auto *unary = llvm::dyn_cast<UnaryExpr>(&expr);
             unary && unary->op == UnaryOp::Neg) {
    visitIndexExpr(*unary->operand);
  } else {
    diagnostics.error(expr.range,
                      inDim ? "expected a size made of dims and integers"
                            : "expected an index made of index variables, dims "
                              "and integers; data can't select an element");
    silence(expr);
  }
}

void IndexCheck::visitIndexName(NameExpr &expr) {
  if (lookup(expr.name))
    return;
  const Symbol *symbol = scope.lookup(expr.name);
  if (symbol && !symbol->isTensor())
    return;
  StringRef kind = symbol ? describe(symbol->role) : getReservation(expr.name);
  if (!kind.empty()) {
    diagnostics.error(expr.range,
                      (inDim ? "expected a dim or an integer, got '"
                             : "expected an index variable, a dim or an "
                               "integer, got '") +
                          expr.name + "', which is " + kind);
    return;
  }
  if (inDim)
    return scope.reportUnknown({expr.name, expr.range});
  if (scope.isDamaged(expr.name) || !reportedIndices.insert(expr.name).second)
    return;
  diagnostics.error(expr.range, "index variable '" + expr.name +
                                    "' is not bound; write 'sum[" + expr.name +
                                    "] ..' or add it to the left side");
}

void IndexCheck::visitIndexBinary(BinaryExpr &binary) {
  visitIndexExpr(*binary.lhs);
  visitIndexExpr(*binary.rhs);
  switch (binary.op) {
  case BinaryOp::Add:
  case BinaryOp::Sub:
    return;
  case BinaryOp::Mul:
    if (!isStaticIndex(*binary.lhs, scope) &&
        !isStaticIndex(*binary.rhs, scope) && !mentionsUnknown(binary))
      diagnostics.error(binary.opRange,
                        "expected an index times a dim or an integer, got a "
                        "product of two variables");
    return;
  case BinaryOp::Div:
  case BinaryOp::Rem:
    return checkDivisor(binary);
  default:
    diagnostics.error(binary.opRange, "expected + - * / or %, got '" +
                                          getSpelling(binary.op) + "'");
  }
}

void IndexCheck::checkDivisor(BinaryExpr &binary) {
  if (mentionsUnknown(*binary.rhs) ||
      (isStaticIndex(*binary.rhs, scope) && isPositive(*binary.rhs)))
    return;
  diagnostics.error(binary.rhs->range, "expected a positive integer or a dim "
                                       "after '" +
                                           getSpelling(binary.op) + "'");
}

/// Whether the expression has names that were or will be complained about.
bool IndexCheck::mentionsUnknown(const Expr &expr) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    const Symbol *symbol = scope.lookup(name->name);
    return !lookup(name->name) && (!symbol || symbol->isTensor());
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return mentionsUnknown(*unary->operand);
  if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr))
    return mentionsUnknown(*binary->lhs) || mentionsUnknown(*binary->rhs);
  return !llvm::isa<NumberExpr>(expr);
}

//===----------------------------------------------------------------------===//
// Sizes of dims
//===----------------------------------------------------------------------===//

void IndexCheck::visitDim(Expr &expr) {
  // Nothing is bound here: only dims and integers pass.
  inDim = true;
  visitSubscript(expr);
  inDim = false;
}

//===----------------------------------------------------------------------===//
// Linear index expressions
//===----------------------------------------------------------------------===//

namespace {
/// constant + sum of coefficient * name
struct LinearForm {
  int64_t constant = 0;
  std::map<StringRef, int64_t> terms;

  LinearForm &add(const LinearForm &other, int64_t factor) {
    constant += other.constant * factor;
    for (auto &[name, coefficient] : other.terms)
      if ((terms[name] += coefficient * factor) == 0)
        terms.erase(name);
    return *this;
  }
  /// False when a division by `divisor` would round.
  bool divide(int64_t divisor) {
    if (divisor < 1 || constant % divisor != 0)
      return false;
    constant /= divisor;
    for (auto &[name, coefficient] : terms) {
      if (coefficient % divisor != 0)
        return false;
      coefficient /= divisor;
    }
    return true;
  }
};
} // namespace

static std::optional<LinearForm> getLinearForm(const Expr &expr);

static std::optional<LinearForm> getLinearForm(const BinaryExpr &binary) {
  std::optional<LinearForm> lhs = getLinearForm(*binary.lhs);
  std::optional<LinearForm> rhs = getLinearForm(*binary.rhs);
  if (!lhs || !rhs)
    return std::nullopt;
  switch (binary.op) {
  case BinaryOp::Add:
    return lhs->add(*rhs, 1);
  case BinaryOp::Sub:
    return lhs->add(*rhs, -1);
  case BinaryOp::Mul:
    if (!rhs->terms.empty())
      std::swap(lhs, rhs);
    if (!rhs->terms.empty())
      return std::nullopt;
    return LinearForm().add(*lhs, rhs->constant);
  case BinaryOp::Div:
    if (!rhs->terms.empty() || !lhs->divide(rhs->constant))
      return std::nullopt;
    return lhs;
  default:
    return std::nullopt;
  }
}

/// None for what is not linear with integer coefficients.
static std::optional<LinearForm> getLinearForm(const Expr &expr) {
  LinearForm form;
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr)) {
    form.constant = number->integer.value_or(0);
    return number->integer ? std::optional(form) : std::nullopt;
  }
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    form.terms[name->name] = 1;
    return form;
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
    auto operand = getLinearForm(*unary->operand);
    return operand ? std::optional(form.add(*operand, -1)) : std::nullopt;
  }
  const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr);
  return binary ? getLinearForm(*binary) : std::nullopt;
}

/// The name that a subscript is equal to: `i`, but `i + 1 - 1` as well, which
/// later phases can't tell from it.
StringRef lrc::frontend::getPlainName(const Expr &expr) {
  if (expr.depth > maxSubscriptDepth || getMagnitude(expr) > maxMagnitude)
    return "";
  std::optional<LinearForm> form = getLinearForm(expr);
  if (!form || form->constant != 0 || form->terms.size() != 1 ||
      form->terms.begin()->second != 1)
    return "";
  return form->terms.begin()->first;
}

/// Reports a delay that is negative for some index, whatever the sizes of the
/// dims are. Others may turn out negative once the sizes are known.
void IndexCheck::checkDelay(const Expr &steps) {
  if (mentionsUnknown(steps) || steps.depth > maxSubscriptDepth ||
      getMagnitude(steps) > maxMagnitude)
    return;
  std::optional<LinearForm> form = getLinearForm(steps);
  if (!form)
    return;
  LinearForm smallest;
  smallest.constant = form->constant;
  for (auto &[name, coefficient] : form->terms) {
    const Extent *extent = getVariableExtent(name);
    LinearForm term;
    if (!extent)
      term.terms[name] = 1;
    else if (!extent->isKnown())
      return;
    else if (coefficient < 0) {
      term.constant = extent->isDim() ? -1 : extent->size - 1;
      if (extent->isDim())
        term.terms[extent->dim] = 1;
    }
    smallest.add(term, coefficient);
  }
  int64_t largest = smallest.constant; // over all sizes, if all shrink it
  for (auto &[name, coefficient] : smallest.terms) {
    if (coefficient > 0)
      return;
    largest += coefficient;
  }
  if (largest < 0)
    diagnostics.error(steps.range, "expected a delay of 0 or more steps, got " +
                                       llvm::Twine(largest) +
                                       "; a recurrence can't look ahead");
}

/// What an index or loop variable ranges over; null for a dim.
const Extent *IndexCheck::getVariableExtent(StringRef name) {
  if (Binding *binding = lookup(name))
    return &binding->index->extent;
  const Symbol *symbol = scope.lookup(name);
  return symbol && symbol->role == SymbolRole::LoopVar
             ? &symbol->extents.front()
             : nullptr;
}
