//===- Lexer.cpp - Tokens of the text of a problem ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Lexer.h"
#include "lib/Solver/Text.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace lrc::solver;

static bool isNameStart(char c) { return isAlpha(c) || c == '_'; }
static bool isNameChar(char c) {
  return isNameStart(c) || isDigit(c) || c == '.';
}

bool lrc::solver::isName(StringRef text) {
  return !text.empty() && isNameStart(text.front()) &&
         llvm::all_of(text, isNameChar);
}

std::string Token::describe() const {
  if (kind == End)
    return "the end of the file";
  return ("'" + text + "'").str();
}

StringRef Lexer::take(size_t length) {
  StringRef taken = rest.take_front(length);
  rest = rest.drop_front(taken.size());
  return taken;
}

void Lexer::skipSpace() {
  while (true) {
    rest = rest.ltrim(" \t\r\n");
    if (!rest.starts_with("//"))
      return;
    rest = rest.drop_front(std::min(rest.find('\n'), rest.size()));
  }
}

Token Lexer::next() {
  skipSpace();
  if (rest.empty())
    return {Token::End, rest};
  char c = rest.front();
  if (isNameStart(c))
    return {Token::Name, take(rest.take_while(isNameChar).size())};
  if (isDigit(c))
    return lexNumber();
  if (c == '"')
    return lexString();
  return lexSymbol();
}

Token Lexer::lexNumber() {
  Token token{Token::Number, take(rest.take_while(isDigit).size())};
  if (token.text.getAsInteger(10, token.number)) {
    token.kind = Token::Invalid;
    token.value = "the number does not fit in 64 bits";
  }
  return token;
}

Token Lexer::lexString() {
  std::string value;
  for (size_t i = 1; i < rest.size() && rest[i] != '\n'; ++i) {
    if (rest[i] == '"')
      return {Token::String, take(i + 1), 0, value};
    if (rest[i] != '\\') {
      value += rest[i];
      continue;
    }
    char escaped = i + 1 < rest.size() ? rest[++i] : 0;
    if (escaped != '"' && escaped != '\\' && escaped != 'n') {
      take(i - 1);
      return {Token::Invalid, take(2), 0,
              "expected \\\", \\\\ or \\n after a backslash"};
    }
    value += escaped == 'n' ? '\n' : escaped;
  }
  return {Token::Invalid, take(rest.find('\n')), 0,
          "the string does not end on its line"};
}

Token Lexer::lexSymbol() {
  for (StringRef symbol : {"..", "==", "!=", "<=", ">="})
    if (rest.starts_with(symbol))
      return {Token::Symbol, take(2)};
  if (StringRef("{}(),;:=+-*/<>").contains(rest.front()))
    return {Token::Symbol, take(1)};
  return {Token::Invalid, take(1), 0, "unexpected character"};
}
