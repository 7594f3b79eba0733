//===- ParseExpr.cpp - Expressions ----------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Precedence climbing. From loose to tight: or, and, not, comparison, + -,
// * / %, unary -, ^. A reduction takes a multiplicative expression.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"
#include "lib/Frontend/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

namespace {
/// Precedences of binary operators; unary ones have one of their own.
enum Precedence : unsigned {
  OrLevel,
  AndLevel,
  NotLevel,
  CompareLevel,
  AddLevel,
  MulLevel,
};

struct Operator {
  BinaryOp op;
  unsigned precedence;
};
} // namespace

static std::optional<Operator> getOperator(TokenKind kind) {
  switch (kind) {
  case TokenKind::KwOr:
    return Operator{BinaryOp::Or, OrLevel};
  case TokenKind::KwAnd:
    return Operator{BinaryOp::And, AndLevel};
  case TokenKind::EqualEqual:
    return Operator{BinaryOp::Equal, CompareLevel};
  case TokenKind::NotEqual:
    return Operator{BinaryOp::NotEqual, CompareLevel};
  case TokenKind::Less:
    return Operator{BinaryOp::Less, CompareLevel};
  case TokenKind::LessEqual:
    return Operator{BinaryOp::LessEqual, CompareLevel};
  case TokenKind::Greater:
    return Operator{BinaryOp::Greater, CompareLevel};
  case TokenKind::GreaterEqual:
    return Operator{BinaryOp::GreaterEqual, CompareLevel};
  case TokenKind::Plus:
    return Operator{BinaryOp::Add, AddLevel};
  case TokenKind::Minus:
    return Operator{BinaryOp::Sub, AddLevel};
  case TokenKind::Star:
    return Operator{BinaryOp::Mul, MulLevel};
  case TokenKind::Slash:
    return Operator{BinaryOp::Div, MulLevel};
  case TokenKind::Percent:
    return Operator{BinaryOp::Rem, MulLevel};
  default:
    return std::nullopt;
  }
}

bool Parser::isTooDeep() {
  if (nesting <= maxNesting)
    return false;
  errorHere("nested more than " + Twine(maxNesting) +
            " levels deep; name a part of it with 'let'");
  return true;
}

ExprPtr Parser::limitDepth(ExprPtr expr, unsigned below) {
  expr->depth = below + 1;
  if (expr->depth <= maxDepth)
    return expr;
  errorHere("expression has more than " + Twine(maxDepth) +
            " levels; name a part of it with 'let'");
  return nullptr;
}

ExprPtr Parser::makeBinary(const Token &op, BinaryOp kind, ExprPtr lhs,
                           ExprPtr rhs) {
  unsigned below = std::max(lhs->depth, rhs->depth);
  auto expr = std::make_unique<BinaryExpr>(
      llvm::SMRange{lhs->range.Start, rhs->range.End});
  expr->op = kind;
  expr->opRange = op.getRange();
  expr->loc = op.getLoc();
  expr->lhs = std::move(lhs);
  expr->rhs = std::move(rhs);
  return limitDepth(std::move(expr), below);
}

/// Operands joined by operators that bind at least as tight as `minPrecedence`.
ExprPtr Parser::parseBinary(unsigned minPrecedence) {
  ExprPtr lhs = parseUnary();
  while (lhs) {
    std::optional<Operator> found = getOperator(peek().kind);
    if (!found || found->precedence < minPrecedence)
      return lhs;
    const auto *left = llvm::dyn_cast<BinaryExpr>(lhs.get());
    if (found->precedence == CompareLevel && left && !left->parenthesized &&
        isComparison(left->op)) {
      errorHere("comparisons do not chain; write 'a < b and b < c'");
      return nullptr;
    }
    Token op = consume();
    skipNewlines();
    ExprPtr rhs = parseBinary(found->precedence + 1);
    if (!rhs)
      return nullptr;
    lhs = makeBinary(op, found->op, std::move(lhs), std::move(rhs));
  }
  return nullptr;
}

/// unary := 'not' comparison | '-' unary | power
ExprPtr Parser::parseUnary() {
  Nesting guard(nesting);
  if (isTooDeep())
    return nullptr;
  if (at(TokenKind::Plus)) {
    errorHere("expected an operand, got '+'; there is no unary '+'");
    return nullptr;
  }
  if (!at(TokenKind::Minus) && !at(TokenKind::KwNot))
    return parsePower();
  auto expr = std::make_unique<UnaryExpr>(peek().getRange());
  expr->op = at(TokenKind::Minus) ? UnaryOp::Neg : UnaryOp::Not;
  consume();
  skipNewlines();
  expr->operand =
      expr->op == UnaryOp::Not ? parseBinary(CompareLevel) : parseUnary();
  if (!expr->operand)
    return nullptr;
  expr->range.End = expr->operand->range.End;
  unsigned below = expr->operand->depth;
  return limitDepth(std::move(expr), below);
}

/// power := primary ('^' unary)?
ExprPtr Parser::parsePower() {
  ExprPtr base = parsePrimary();
  if (!base || !at(TokenKind::Caret))
    return base;
  Token op = consume();
  skipNewlines();
  ExprPtr exponent = parseUnary();
  if (!exponent)
    return nullptr;
  return makeBinary(op, BinaryOp::Pow, std::move(base), std::move(exponent));
}

ExprPtr Parser::parsePrimary() {
  switch (peek().kind) {
  case TokenKind::Number:
    return parseNumber();
  case TokenKind::LeftParen:
    return parseParenthesized();
  case TokenKind::Identifier:
    return parseReference();
  default:
    errorExpected("an expression");
    return nullptr;
  }
}

ExprPtr Parser::parseNumber() {
  Token token = consume();
  auto expr = std::make_unique<NumberExpr>(token.getRange());
  expr->text = token.text;
  bool failed = token.text.size() > 64 ||
                token.text.getAsDouble(expr->value, /*AllowInexact=*/true);
  bool zero = token.text.take_until([](char c) { return c == 'e' || c == 'E'; })
                  .find_first_not_of("0.") == StringRef::npos;
  if (failed || std::isinf(expr->value) || (expr->value == 0 && !zero)) {
    // The lexer has complained about numbers that are too long.
    if (token.text.size() <= 64)
      diagnostics.error(token.getRange(), "number is out of the range of f64");
    expr->value = 1;
  }
  int64_t integer;
  if (!token.text.getAsInteger(10, integer))
    expr->integer = integer;
  return expr;
}

ExprPtr Parser::parseParenthesized() {
  Token open = openBracket();
  ExprPtr expr = parseExpr();
  if (!expr)
    return nullptr;
  if (at(TokenKind::Comma)) {
    errorHere("expected ')', got ','; there are no tuples")
        .note(open.getRange(), "to match this '('");
    return nullptr;
  }
  if (!closeBracket(TokenKind::RightParen, open))
    return nullptr;
  expr->parenthesized = true;
  expr->range = rangeFrom(open.getLoc());
  return expr;
}

/// NAME | NAME '[' .. ']' | NAME '(' .. ')' | reduction
ExprPtr Parser::parseReference() {
  Token name = consume();
  bool reduces = llvm::StringSwitch<bool>(name.text)
                     .Cases({"sum", "prod", "max", "min"}, true)
                     .Default(false);
  if (at(TokenKind::LeftBracket) && reduces)
    return parseReduce(name);
  if (at(TokenKind::LeftParen))
    return name.text == "delay"     ? parseDelay(name)
           : name.text == "inverse" ? parseInverse(name)
                                    : parseCall(name);
  if (at(TokenKind::LeftBracket)) {
    auto expr = std::make_unique<ReadExpr>(name.getRange());
    expr->name = {name.text, name.getRange()};
    if (!parseSubscripts(expr->subscripts))
      return nullptr;
    expr->range = rangeFrom(name.getLoc());
    unsigned below = 0;
    for (const ExprPtr &subscript : expr->subscripts)
      below = std::max(below, subscript->depth);
    return limitDepth(std::move(expr), below);
  }
  auto expr = std::make_unique<NameExpr>(name.getRange());
  expr->name = name.text;
  return expr;
}

bool Parser::parseSubscripts(ExprList &subscripts) {
  Token open = openBracket();
  if (at(TokenKind::RightBracket)) {
    errorHere("expected a subscript, got ']'; a scalar has no brackets");
    return false;
  }
  return parseCommaSeparated(
             [&] { return bool(subscripts.emplace_back(parseExpr())); }) &&
         closeBracket(TokenKind::RightBracket, open);
}

/// NAME '(' expr (',' expr)* ')'
ExprPtr Parser::parseCall(const Token &name) {
  auto expr = std::make_unique<CallExpr>(name.getRange());
  expr->callee = {name.text, name.getRange()};
  if (name.text == "sum" || name.text == "prod") {
    errorHere("expected an index variable to reduce over, as in '" + name.text +
              "[i] x[i]', got '('");
    return nullptr;
  }
  Token open = openBracket();
  unsigned below = 0;
  bool parsed = at(TokenKind::RightParen) || parseCommaSeparated([&] {
                  ExprPtr argument = parseExpr();
                  if (!argument)
                    return false;
                  below = std::max(below, argument->depth);
                  expr->arguments.push_back(std::move(argument));
                  return true;
                });
  if (!parsed || !closeBracket(TokenKind::RightParen, open))
    return nullptr;
  expr->range = rangeFrom(name.getLoc());
  return limitDepth(std::move(expr), below);
}

/// 'delay' '(' NAME ',' expr ')' subscripts?
ExprPtr Parser::parseDelay(const Token &name) {
  auto expr = std::make_unique<DelayExpr>(name.getRange());
  Token open = openBracket();
  if (!parseName(expr->name, "the name of an input or a let to delay"))
    return nullptr;
  if (at(TokenKind::LeftBracket)) {
    errorHere("expected ',', got '['; subscripts follow the delay: 'delay(" +
              expr->name.text + ", n)[i]'");
    return nullptr;
  }
  if (!expect(TokenKind::Comma, " and a number of steps"))
    return nullptr;
  expr->steps = parseExpr();
  if (!expr->steps || !closeBracket(TokenKind::RightParen, open))
    return nullptr;
  unsigned below = expr->steps->depth;
  if (at(TokenKind::LeftBracket) && !parseSubscripts(expr->subscripts))
    return nullptr;
  for (const ExprPtr &subscript : expr->subscripts)
    below = std::max(below, subscript->depth);
  expr->range = rangeFrom(name.getLoc());
  return limitDepth(std::move(expr), below);
}

/// 'inverse' '(' NAME ')' subscripts?
ExprPtr Parser::parseInverse(const Token &name) {
  auto expr = std::make_unique<InverseExpr>(name.getRange());
  Token open = openBracket();
  if (!parseName(expr->name, "the name of a matrix to invert"))
    return nullptr;
  if (at(TokenKind::LeftBracket)) {
    errorHere("expected ')', got '['; subscripts follow the inverse: 'inverse(" +
              expr->name.text + ")[i,j]'");
    return nullptr;
  }
  if (!at(TokenKind::RightParen) && !at(TokenKind::Eof)) {
    errorHere("expected ')' after the name of a matrix; write what it is as a "
              "'let' or a parameter");
    return nullptr;
  }
  if (!closeBracket(TokenKind::RightParen, open))
    return nullptr;
  if (at(TokenKind::LeftBracket) && !parseSubscripts(expr->subscripts))
    return nullptr;
  unsigned below = 0;
  for (const ExprPtr &subscript : expr->subscripts)
    below = std::max(below, subscript->depth);
  expr->range = rangeFrom(name.getLoc());
  return limitDepth(std::move(expr), below);
}

/// ('sum' | 'prod' | 'max' | 'min') indices multiplicative
ExprPtr Parser::parseReduce(const Token &name) {
  auto expr = std::make_unique<ReduceExpr>(name.getRange());
  expr->op = llvm::StringSwitch<ReduceOp>(name.text)
                 .Case("sum", ReduceOp::Sum)
                 .Case("prod", ReduceOp::Prod)
                 .Case("max", ReduceOp::Max)
                 .Default(ReduceOp::Min);
  if (!parseIndexVars(expr->indices))
    return nullptr;
  skipNewlines();
  expr->body = parseBinary(MulLevel);
  if (!expr->body)
    return nullptr;
  expr->range = {name.getLoc(), expr->body->range.End};
  unsigned below = expr->body->depth;
  return limitDepth(std::move(expr), below);
}
