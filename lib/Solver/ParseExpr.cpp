//===- ParseExpr.cpp - Read expressions of a problem ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Parser.h"

using namespace llvm;
using namespace lrc::solver;

std::optional<Expr> Parser::make(const Token &at, ExprKind kind,
                                 ArrayRef<Expr> operands) {
  Expr expr = Expr::make(kind, operands);
  if (expr.getDepth() <= Expr::maxDepth)
    return expr;
  error(at, "the expression is nested deeper than " + Twine(Expr::maxDepth));
  return std::nullopt;
}

std::optional<Expr> Parser::parseExpr() {
  if (nesting == maxNesting) {
    error(token, "more than " + Twine(maxNesting) + " brackets are open");
    return std::nullopt;
  }
  ++nesting;
  std::optional<Expr> left = parseSum();
  static const std::pair<StringRef, ExprKind> comparisons[] = {
      {"==", ExprKind::Eq}, {"!=", ExprKind::Ne}, {"<", ExprKind::Lt},
      {"<=", ExprKind::Le}, {">", ExprKind::Gt},  {">=", ExprKind::Ge}};
  for (auto [symbol, kind] : comparisons) {
    if (!left || !token.is(symbol))
      continue;
    Token at = token;
    advance();
    std::optional<Expr> right = parseSum();
    left = right ? make(at, kind, {*left, *right}) : std::nullopt;
    break; // a < b < c means nothing that one would expect.
  }
  --nesting;
  return left;
}

std::optional<Expr> Parser::parseSum() {
  std::optional<Expr> left = parseProduct();
  while (left && (token.is("+") || token.is("-"))) {
    Token at = token;
    advance();
    std::optional<Expr> right = parseProduct();
    if (!right)
      return std::nullopt;
    left =
        make(at, at.is("+") ? ExprKind::Add : ExprKind::Sub, {*left, *right});
  }
  return left;
}

std::optional<Expr> Parser::parseProduct() {
  std::optional<Expr> left = parseUnary();
  while (left && (token.is("*") || token.is("/"))) {
    Token at = token;
    advance();
    std::optional<Expr> right = parseUnary();
    if (!right)
      return std::nullopt;
    left = make(at, at.is("*") ? ExprKind::Mul : ExprKind::FloorDiv,
                {*left, *right});
  }
  return left;
}

std::optional<Expr> Parser::parseUnary() {
  Token at = token;
  unsigned minuses = 0;
  while (token.is("-")) {
    // The lexer is copied: a minus before a number belongs to it.
    Lexer ahead = *lexer;
    if (ahead.next().kind == Token::Number)
      break;
    advance();
    ++minuses;
  }
  std::optional<Expr> expr = parsePrimary();
  for (; expr && minuses > 0; --minuses)
    expr = make(at, ExprKind::Sub, {Expr(0), *expr});
  return expr;
}

std::optional<Expr> Parser::parsePrimary() {
  if (token.kind == Token::Number || token.is("-")) {
    std::optional<int64_t> value = parseInteger();
    return value ? std::optional<Expr>(*value) : std::nullopt;
  }
  if (accept("("))
    return parseBracketed();
  Token name;
  if (!expectName(name, "an expression"))
    return std::nullopt;
  if (accept("("))
    return parseCall(name);
  if (auto found = names.find(name.text); found != names.end())
    return found->second;
  error(name, "unknown name '" + name.text + "'");
  return std::nullopt;
}

std::optional<Expr> Parser::parseBracketed() {
  std::optional<Expr> expr = parseExpr();
  return expr && expect(")") ? expr : std::nullopt;
}

std::optional<Expr> Parser::parseCall(const Token &function) {
  static const std::pair<StringRef, ExprKind> functions[] = {
      {"min", ExprKind::Min},
      {"max", ExprKind::Max},
      {"ceildiv", ExprKind::CeilDiv},
      {"if", ExprKind::Select}};
  for (auto [name, kind] : functions) {
    if (function.text != name)
      continue;
    SmallVector<Expr, 3> operands;
    for (unsigned i = 0; i < getOperandCount(kind); ++i) {
      if (i > 0 && !expect(","))
        return std::nullopt;
      std::optional<Expr> operand = parseExpr();
      if (!operand)
        return std::nullopt;
      operands.push_back(*operand);
    }
    if (!expect(")"))
      return std::nullopt;
    return make(function, kind, operands);
  }
  error(function, "expected the function min, max, ceildiv or if, got '" +
                      function.text + "'");
  return std::nullopt;
}
