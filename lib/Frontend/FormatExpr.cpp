//===- FormatExpr.cpp - Canonical text of expressions ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/FormatImpl.h"

#include "llvm/Support/raw_ostream.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::raw_string_ostream;

static void print(raw_string_ostream &os, const Expr &expr);

static bool isAtom(const Expr &expr) {
  return !expr.parenthesized && llvm::isa<NumberExpr, NameExpr>(expr);
}

/// Whether a subscript is written without blanks: `i`, `2`, `i/2`, `i+1`.
static bool isTight(const Expr &expr) {
  if (expr.parenthesized)
    return false;
  if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr))
    return isAtom(*binary->lhs) && isAtom(*binary->rhs) &&
           binary->op >= BinaryOp::Add && binary->op <= BinaryOp::Rem;
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return unary->op == UnaryOp::Neg && isAtom(*unary->operand);
  return isAtom(expr);
}

static void printList(raw_string_ostream &os, const ExprList &list) {
  for (size_t i = 0; i < list.size(); ++i) {
    if (i)
      os << ", ";
    print(os, *list[i]);
  }
}

static void printSubscripts(raw_string_ostream &os, const ExprList &list) {
  bool tight = llvm::all_of(list, [](auto &expr) { return isTight(*expr); });
  os << "[";
  for (size_t i = 0; i < list.size(); ++i) {
    if (i)
      os << (tight ? "," : ", ");
    const auto *binary = llvm::dyn_cast<BinaryExpr>(list[i].get());
    if (binary && isTight(*binary)) {
      print(os, *binary->lhs);
      os << getSpelling(binary->op);
      print(os, *binary->rhs);
    } else {
      print(os, *list[i]);
    }
  }
  os << "]";
}

static void printBare(raw_string_ostream &os, const Expr &expr) {
  switch (expr.getKind()) {
  case Expr::Kind::Number:
    os << llvm::cast<NumberExpr>(expr).text;
    return;
  case Expr::Kind::Name:
    os << llvm::cast<NameExpr>(expr).name;
    return;
  case Expr::Kind::Read: {
    const auto &read = llvm::cast<ReadExpr>(expr);
    os << read.name.text;
    return printSubscripts(os, read.subscripts);
  }
  case Expr::Kind::Delay: {
    const auto &delay = llvm::cast<DelayExpr>(expr);
    os << "delay(" << delay.name.text << ", ";
    print(os, *delay.steps);
    os << ")";
    if (!delay.subscripts.empty())
      printSubscripts(os, delay.subscripts);
    return;
  }
  case Expr::Kind::Inverse: {
    const auto &inverse = llvm::cast<InverseExpr>(expr);
    os << "inverse(" << inverse.name.text << ")";
    if (!inverse.subscripts.empty())
      printSubscripts(os, inverse.subscripts);
    return;
  }
  case Expr::Kind::Call: {
    const auto &call = llvm::cast<CallExpr>(expr);
    os << call.callee.text << "(";
    printList(os, call.arguments);
    os << ")";
    return;
  }
  case Expr::Kind::Unary: {
    const auto &unary = llvm::cast<UnaryExpr>(expr);
    os << (unary.op == UnaryOp::Neg ? "-" : "not ");
    return print(os, *unary.operand);
  }
  case Expr::Kind::Binary: {
    const auto &binary = llvm::cast<BinaryExpr>(expr);
    print(os, *binary.lhs);
    os << " " << getSpelling(binary.op) << " ";
    return print(os, *binary.rhs);
  }
  case Expr::Kind::Reduce: {
    const auto &reduce = llvm::cast<ReduceExpr>(expr);
    os << getSpelling(reduce.op) << formatIndices(reduce.indices) << " ";
    return print(os, *reduce.body);
  }
  }
}

/// Parentheses stay where they were written; the tree has no others.
static void print(raw_string_ostream &os, const Expr &expr) {
  if (expr.parenthesized)
    os << "(";
  printBare(os, expr);
  if (expr.parenthesized)
    os << ")";
}

std::string lrc::frontend::formatExpr(const Expr &expr) {
  std::string text;
  raw_string_ostream os(text);
  print(os, expr);
  return text;
}

std::string lrc::frontend::formatIndices(const std::vector<IndexVar> &indices) {
  if (indices.empty())
    return "";
  std::string text = "[";
  bool tight = llvm::none_of(indices, [](const IndexVar &index) {
    return index.in && !index.name.text.empty();
  });
  for (const IndexVar &index : indices) {
    if (text.size() > 1)
      text += tight ? "," : ", ";
    text += index.name.text;
    if (index.in && !index.name.text.empty())
      text += " in ";
    if (index.in)
      text += index.in->str();
  }
  return text + "]";
}

std::string lrc::frontend::formatRange(const Range &range) {
  if (range.kind == Range::Kind::Unit)
    return "unit";
  std::string text;
  raw_string_ostream os(text);
  bool choice = range.kind == Range::Kind::Choice;
  os << (choice ? "{" : range.lowerOpen ? "(" : "[");
  printList(os, range.values);
  os << (choice ? "}" : range.upperOpen ? ")" : "]");
  return text;
}
