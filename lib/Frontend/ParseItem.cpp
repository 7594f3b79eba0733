//===- ParseItem.cpp - Declarations and statements ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"
#include "lib/Frontend/Parser.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

ItemPtr Parser::parseItem(Recurrence &recurrence) {
  switch (peek().kind) {
  case TokenKind::KwDim:
    return parseDecl(DeclRole::Dim);
  case TokenKind::KwIn:
    return parseDecl(DeclRole::In);
  case TokenKind::KwParam:
    return parseDecl(DeclRole::Param);
  case TokenKind::KwState:
    return parseDecl(DeclRole::State);
  case TokenKind::KwFinal:
    return parseFinal();
  case TokenKind::KwReverse:
    return parseReverse();
  case TokenKind::KwLet:
    return parseDefinition(DefRole::Let);
  case TokenKind::KwOut:
    return parseDefinition(DefRole::Out);
  case TokenKind::KwFor:
    return parseFor(recurrence);
  case TokenKind::Identifier:
    return parseUpdate();
  default:
    errorExpected("a declaration or a statement");
    return nullptr;
  }
}

bool Parser::parseEndOfItem() {
  if (peek().isAny(TokenKind::Newline, TokenKind::Semicolon,
                   TokenKind::RightBrace, TokenKind::Eof))
    return true;
  errorExpected("end of line");
  return false;
}

bool Parser::parseName(Name &name, const Twine &what) {
  if (!at(TokenKind::Identifier)) {
    if (peek().isKeyword())
      errorHere("expected " + what + ", got " + peek().describe() +
                ", which is a keyword");
    else
      errorExpected(what);
    return false;
  }
  Token token = consume();
  name = {token.text, token.getRange()};
  return true;
}

/// ('dim' | 'in' | 'param' | 'state') declarator (',' declarator)*
ItemPtr Parser::parseDecl(DeclRole role) {
  auto item = std::make_unique<DeclItem>(consume().getRange());
  item->role = role;
  bool parsed = parseCommaSeparated(
      [&] { return parseDeclarator(role, item->declarators.emplace_back()); });
  if (!parsed)
    return nullptr;
  item->range = rangeFrom(item->range.Start);
  return item;
}

/// NAME axes? (':' type)? ('in' range)? ('=' expr)?
bool Parser::parseDeclarator(DeclRole role, Declarator &declarator) {
  if (!parseName(declarator.name, "a name after '" + getSpelling(role) + "'"))
    return false;
  if (at(TokenKind::LeftBracket)) {
    Token open = openBracket();
    bool parsed = parseCommaSeparated(
        [&] { return parseAxis(declarator.axes.emplace_back()); });
    if (!parsed || !closeBracket(TokenKind::RightBracket, open))
      return false;
  }
  if (at(TokenKind::Colon) && !parseElementType(declarator))
    return false;
  if (consumeIf(TokenKind::KwIn)) {
    declarator.values = parseRange();
    if (!declarator.values)
      return false;
  }
  if (at(TokenKind::Arrow)) {
    errorHere("expected '=' before an initial value, got '<-'")
        .fix(peek().getRange(), "=");
    return false;
  }
  if (consumeIf(TokenKind::Equal)) {
    skipNewlines();
    declarator.init = parseExpr();
    if (!declarator.init)
      return false;
  }
  declarator.range = rangeFrom(declarator.name.range.Start);
  return true;
}

/// ':' NAME
bool Parser::parseElementType(Declarator &declarator) {
  using Kind = ElementType::Kind;
  consume();
  Name name;
  if (!parseName(name, "an element type after ':'"))
    return false;
  auto kind = llvm::StringSwitch<std::optional<Kind>>(name.text)
                  .Case("f32", Kind::F32)
                  .Case("f64", Kind::F64)
                  .Case("bf16", Kind::BF16)
                  .Case("f16", Kind::F16)
                  .Case("complex", Kind::Complex)
                  .Case("complex64", Kind::Complex64)
                  .Case("complex128", Kind::Complex128)
                  .Default(std::nullopt);
  if (!kind) {
    diagnostics.error(name.range, "expected f32, f64, bf16, f16, complex, "
                                  "complex64 or complex128, got '" +
                                      name.text + "'");
    return false;
  }
  declarator.type = ElementType{*kind, name};
  return true;
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

/// range := ('(' | '[') expr ',' expr (')' | ']') | '{' expr* '}' | 'unit'
std::optional<Range> Parser::parseRange() {
  Range range{Range::Kind::Unit, peek().getRange()};
  llvm::SMLoc start = peek().getLoc();
  if (at(TokenKind::Identifier) && peek().text == "unit") {
    consume();
    return range;
  }
  if (at(TokenKind::LeftBrace)) {
    range.kind = Range::Kind::Choice;
    Token open = openBracket();
    bool parsed = parseCommaSeparated(
        [&] { return bool(range.values.emplace_back(parseExpr())); });
    if (!parsed || !closeBracket(TokenKind::RightBrace, open))
      return std::nullopt;
  } else if (at(TokenKind::LeftParen) || at(TokenKind::LeftBracket)) {
    range.kind = Range::Kind::Interval;
    if (!parseBounds(range))
      return std::nullopt;
  } else {
    errorExpected("a range like (-inf, 0], a set like {0, 1}, or 'unit'");
    return std::nullopt;
  }
  range.range = rangeFrom(start);
  return range;
}

bool Parser::parseBounds(Range &range) {
  range.lowerOpen = at(TokenKind::LeftParen);
  Token open = openBracket();
  ExprPtr lower = parseExpr();
  if (!lower || !expect(TokenKind::Comma, " between the bounds of a range"))
    return false;
  ExprPtr upper = parseExpr();
  if (!upper)
    return false;
  range.upperOpen = at(TokenKind::RightParen);
  range.values.push_back(std::move(lower));
  range.values.push_back(std::move(upper));
  if (!at(TokenKind::RightParen) && !at(TokenKind::RightBracket)) {
    errorExpected("')' or ']' after the bounds of a range")
        .note(open.getRange(), "the range starts here");
    return false;
  }
  return closeBracket(peek().kind, open);
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// 'final' NAME (',' NAME)*
ItemPtr Parser::parseFinal() {
  auto item = std::make_unique<FinalItem>(consume().getRange());
  if (!parseCommaSeparated([&] {
        return parseName(item->names.emplace_back(), "a state after 'final'");
      }))
    return nullptr;
  item->range = rangeFrom(item->range.Start);
  return item;
}

/// 'reverse'
ItemPtr Parser::parseReverse() {
  return std::make_unique<ReverseItem>(consume().getRange());
}

/// ('let' | 'out') NAME indices? '=' expr
ItemPtr Parser::parseDefinition(DefRole role) {
  auto item = std::make_unique<DefItem>(consume().getRange());
  item->role = role;
  if (!parseName(item->name, role == DefRole::Let ? "a name after 'let'"
                                                  : "a name after 'out'"))
    return nullptr;
  if (at(TokenKind::LeftBracket) && !parseIndexVars(item->indices))
    return nullptr;
  if (at(TokenKind::Arrow)) {
    errorHere("expected '=', got '<-', which updates a state")
        .fix(peek().getRange(), "=");
    return nullptr;
  }
  if (at(TokenKind::Colon)) {
    errorHere("expected '=', got ':': the type follows from the expression");
    return nullptr;
  }
  if (!expect(TokenKind::Equal, " and an expression"))
    return nullptr;
  skipNewlines();
  item->value = parseExpr();
  if (!item->value)
    return nullptr;
  item->range = rangeFrom(item->range.Start);
  return item;
}

/// NAME indices? '<-' expr
ItemPtr Parser::parseUpdate() {
  Token name = consume();
  auto item = std::make_unique<DefItem>(name.getRange());
  item->role = DefRole::Update;
  item->name = {name.text, name.getRange()};
  if (!peek().isAny(TokenKind::LeftBracket, TokenKind::Arrow,
                    TokenKind::Equal)) {
    StringRef words[] = {"dim",   "in",      "param", "state", "let",
                         "final", "reverse", "out",   "for"};
    StringRef similar = findSimilar(name.text, words);
    Diagnostic &error = diagnostics.error(
        name.getRange(),
        "expected a declaration or a statement, got '" + name.text + "'" +
            (similar.empty() ? Twine() : "; did you mean '" + similar + "'?"));
    if (!similar.empty())
      error.fix(name.getRange(), similar);
    return nullptr;
  }
  if (at(TokenKind::LeftBracket) && !parseIndexVars(item->indices))
    return nullptr;
  if (at(TokenKind::Equal)) {
    errorHere("expected '<-' to update a state, got '='; write 'let " +
              name.text + " = ..' to name a value");
    return nullptr;
  }
  if (!expect(TokenKind::Arrow, " and an expression"))
    return nullptr;
  skipNewlines();
  item->value = parseExpr();
  if (!item->value)
    return nullptr;
  item->range = rangeFrom(item->range.Start);
  return item;
}

/// 'for' NAME 'in' extent '{' item* '}'
ItemPtr Parser::parseFor(Recurrence &recurrence) {
  Nesting guard(nesting);
  if (isTooDeep())
    return nullptr;
  auto item = std::make_unique<ForItem>(consume().getRange());
  if (!parseName(item->var.name, "a loop variable after 'for'") ||
      !expect(TokenKind::KwIn, " and a dim after the loop variable"))
    return nullptr;
  item->var.in = parseExtent();
  if (!item->var.in)
    return nullptr;
  skipNewlines();
  Token open = peek();
  if (!expect(TokenKind::LeftBrace, " before the body of the loop"))
    return nullptr;
  item->header = rangeFrom(item->range.Start);
  parseBody(recurrence, item->body, open, "the loop");
  item->range = rangeFrom(item->range.Start);
  return item;
}

//===----------------------------------------------------------------------===//
// Axes and index variables
//===----------------------------------------------------------------------===//

/// extent := NAME | NUMBER
std::optional<Extent> Parser::parseExtent() {
  Extent extent;
  extent.range = peek().getRange();
  if (at(TokenKind::Identifier)) {
    extent.dim = consume().text;
  } else if (at(TokenKind::Number)) {
    if (peek().text.getAsInteger(10, extent.size) || extent.size < 1 ||
        extent.size > INT32_MAX) {
      errorHere("expected a dim or a positive integer, got '" + peek().text +
                "'");
      return std::nullopt;
    }
    consume();
  } else {
    errorExpected("a dim or a positive integer");
    return std::nullopt;
  }
  if (peek().isAny(TokenKind::Plus, TokenKind::Minus, TokenKind::Star,
                   TokenKind::Slash, TokenKind::Percent, TokenKind::Caret)) {
    errorHere("expected a dim or an integer as size, got an expression; "
              "give it a name with 'dim P = ..'");
    return std::nullopt;
  }
  return extent;
}

/// axis := (NAME 'in')? extent
bool Parser::parseAxis(IndexVar &axis) {
  if (at(TokenKind::Identifier) && peekAfter().is(TokenKind::KwIn)) {
    parseName(axis.name, "an index variable");
    consume();
  }
  axis.in = parseExtent();
  return axis.in.has_value();
}

/// indices := '[' index (',' index)* ']'
bool Parser::parseIndexVars(std::vector<IndexVar> &indices) {
  Token open = openBracket();
  return parseCommaSeparated(
             [&] { return parseIndexVar(indices.emplace_back()); }) &&
         closeBracket(TokenKind::RightBracket, open);
}

/// index := NAME ('in' extent)?
bool Parser::parseIndexVar(IndexVar &index) {
  if (!parseName(index.name, "an index variable"))
    return false;
  if (peek().isAny(TokenKind::Plus, TokenKind::Minus, TokenKind::Star,
                   TokenKind::Slash, TokenKind::Percent, TokenKind::Caret)) {
    errorHere("expected a plain index variable, got an expression");
    return false;
  }
  if (!consumeIf(TokenKind::KwIn))
    return true;
  index.in = parseExtent();
  return index.in.has_value();
}
