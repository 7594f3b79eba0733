//===- AST.cpp - Syntax tree of the .dsf language -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/AST.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"

using namespace lrc::ast;
using llvm::StringRef;

std::string Extent::str() const {
  return isDim() ? dim.str() : llvm::itostr(size);
}

llvm::SMRange IndexVar::getRange() const {
  if (!in)
    return name.range;
  return {name.text.empty() ? in->range.Start : name.range.Start,
          in->range.End};
}

StringRef lrc::ast::getSpelling(BinaryOp op) {
  switch (op) {
  case BinaryOp::Or:
    return "or";
  case BinaryOp::And:
    return "and";
  case BinaryOp::Equal:
    return "==";
  case BinaryOp::NotEqual:
    return "!=";
  case BinaryOp::Less:
    return "<";
  case BinaryOp::LessEqual:
    return "<=";
  case BinaryOp::Greater:
    return ">";
  case BinaryOp::GreaterEqual:
    return ">=";
  case BinaryOp::Add:
    return "+";
  case BinaryOp::Sub:
    return "-";
  case BinaryOp::Mul:
    return "*";
  case BinaryOp::Div:
    return "/";
  case BinaryOp::Rem:
    return "%";
  case BinaryOp::Pow:
    return "^";
  }
  llvm_unreachable("unknown operator");
}

StringRef lrc::ast::getSpelling(ReduceOp op) {
  switch (op) {
  case ReduceOp::Sum:
    return "sum";
  case ReduceOp::Prod:
    return "prod";
  case ReduceOp::Max:
    return "max";
  case ReduceOp::Min:
    return "min";
  }
  llvm_unreachable("unknown reduction");
}

void lrc::ast::forEachChild(const Expr &expr,
                            llvm::function_ref<void(const Expr &)> visit) {
  auto visitAll = [&](const ExprList &list) {
    for (const ExprPtr &child : list)
      visit(*child);
  };
  if (const auto *read = llvm::dyn_cast<ReadExpr>(&expr)) {
    visitAll(read->subscripts);
  } else if (const auto *delay = llvm::dyn_cast<DelayExpr>(&expr)) {
    visit(*delay->steps);
    visitAll(delay->subscripts);
  } else if (const auto *inverse = llvm::dyn_cast<InverseExpr>(&expr)) {
    visitAll(inverse->subscripts);
  } else if (const auto *call = llvm::dyn_cast<CallExpr>(&expr)) {
    visitAll(call->arguments);
  } else if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
    visit(*unary->operand);
  } else if (const auto *binary = llvm::dyn_cast<BinaryExpr>(&expr)) {
    visit(*binary->lhs);
    visit(*binary->rhs);
  } else if (const auto *reduce = llvm::dyn_cast<ReduceExpr>(&expr)) {
    visit(*reduce->body);
  }
}

StringRef lrc::ast::getSpelling(DeclRole role) {
  switch (role) {
  case DeclRole::Dim:
    return "dim";
  case DeclRole::In:
    return "in";
  case DeclRole::Param:
    return "param";
  case DeclRole::State:
    return "state";
  }
  llvm_unreachable("unknown role");
}
