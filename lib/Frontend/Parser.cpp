//===- Parser.cpp - Tokens, files and recovery ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Parser.h"

#include "llvm/ADT/STLExtras.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

const Token &Parser::peekAfter() const {
  size_t next = std::min(position + 1, tokens.size() - 1);
  while (brackets && tokens[next].is(TokenKind::Newline))
    ++next;
  return tokens[next];
}

Token Parser::consume() {
  lastConsumed = position;
  if (!at(TokenKind::Eof))
    ++position;
  if (brackets)
    skipNewlines();
  return tokens[lastConsumed];
}

bool Parser::consumeIf(TokenKind kind) {
  if (!at(kind))
    return false;
  consume();
  return true;
}

bool Parser::expect(TokenKind kind, const Twine &where) {
  if (consumeIf(kind))
    return true;
  errorExpected(describe(kind) + where);
  return false;
}

void Parser::skipNewlines() {
  while (at(TokenKind::Newline))
    ++position;
}

Diagnostic &Parser::errorExpected(const Twine &what) {
  StringRef hint;
  if (at(TokenKind::Arrow) && brackets)
    hint = "; write '< -' to compare with a negative number";
  return errorHere("expected " + what + ", got " + peek().describe() + hint);
}

Token Parser::openBracket() {
  ++brackets;
  return consume();
}

bool Parser::closeBracket(TokenKind kind, const Token &open) {
  if (!at(kind)) {
    errorExpected(describe(kind))
        .note(open.getRange(), "to match this " + open.describe());
    return false;
  }
  --brackets;
  consume();
  return true;
}

bool Parser::parseCommaSeparated(llvm::function_ref<bool()> parseElement) {
  while (parseElement()) {
    if (!consumeIf(TokenKind::Comma))
      return true;
    skipNewlines();
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

/// file := recurrence*
std::vector<std::unique_ptr<Recurrence>> Parser::parseFile() {
  std::vector<std::unique_ptr<Recurrence>> recurrences;
  while (!diagnostics.isFull()) {
    while (at(TokenKind::Newline) || at(TokenKind::Semicolon))
      ++position;
    if (at(TokenKind::Eof))
      break;
    if (!at(TokenKind::KwRecurrence)) {
      if (peek().text == "layer")
        errorHere("layers are not supported yet: write each recurrence, and "
                  "pass the output of one to the next");
      else
        errorExpected("'recurrence NAME {'");
      skipToRecurrence();
      continue;
    }
    if (auto recurrence = parseRecurrence())
      recurrences.push_back(std::move(recurrence));
    else
      skipToRecurrence();
  }
  return recurrences;
}

void Parser::skipToRecurrence() {
  while (!at(TokenKind::Eof) && !at(TokenKind::KwRecurrence))
    ++position;
}

/// recurrence := 'recurrence' NAME '{' item* '}'
std::unique_ptr<Recurrence> Parser::parseRecurrence() {
  auto recurrence = std::make_unique<Recurrence>();
  llvm::SMLoc start = consume().getLoc();
  if (!parseName(recurrence->name, "a name for the recurrence"))
    return nullptr;
  skipNewlines();
  Token open = peek();
  if (!expect(TokenKind::LeftBrace, " after the recurrence's name"))
    return nullptr;
  recurrence->header = rangeFrom(start);
  parseBody(*recurrence, recurrence->items, open,
            "recurrence '" + recurrence->name.text + "'");
  recurrence->range = rangeFrom(start);
  return recurrence;
}

/// item* '}', where items end at the end of a line or at ';'
void Parser::parseBody(Recurrence &recurrence, std::vector<ItemPtr> &items,
                       const Token &open, const Twine &what) {
  while (!diagnostics.isFull()) {
    while (at(TokenKind::Newline) || at(TokenKind::Semicolon))
      ++position;
    if (consumeIf(TokenKind::RightBrace))
      return;
    // A recurrence can't start inside another one: its '}' was forgotten.
    if (at(TokenKind::Eof) || at(TokenKind::KwRecurrence)) {
      errorExpected("'}' at the end of " + what)
          .note(open.getRange(), "to match this '{'");
      return;
    }
    size_t start = position;
    brackets = 0;
    ItemPtr item = parseItem(recurrence);
    if (item && parseEndOfItem())
      items.push_back(std::move(item));
    else
      recover(start, recurrence);
  }
}

/// Moves to the end of the line or statement, and over a block that opens at
/// the end of the line.
void Parser::skipStatement() {
  unsigned blocks = 0;
  for (; !at(TokenKind::Eof) && !at(TokenKind::KwRecurrence); ++position) {
    if (at(TokenKind::LeftBrace) && tokens[position + 1].is(TokenKind::Newline))
      ++blocks;
    else if (blocks == 0 && (at(TokenKind::Newline) ||
                             at(TokenKind::Semicolon) || closesBlock()))
      return;
    else if (blocks > 0 && closesBlock())
      --blocks;
  }
}

/// Whether the next token is a '}' that ends a block, not a set like {0, 1}.
bool Parser::closesBlock() const {
  if (!at(TokenKind::RightBrace))
    return false;
  for (size_t i = position; i-- > 0 && !tokens[i].is(TokenKind::Newline);)
    if (tokens[i].isAny(TokenKind::LeftBrace, TokenKind::RightBrace))
      return tokens[i].is(TokenKind::RightBrace) || i == 0 ||
             !tokens[i - 1].is(TokenKind::KwIn);
  return true;
}

/// Skips the rest of the statement that starts at `start`. The names in it
/// count as damaged.
void Parser::recover(size_t start, Recurrence &recurrence) {
  brackets = 0;
  // An error at the first token of a line is about the line before: an
  // unclosed bracket must not take the next statement with it.
  if (position == start || !tokens[position - 1].is(TokenKind::Newline))
    skipStatement();
  for (size_t i = start; i < position; ++i)
    if (tokens[i].is(TokenKind::Identifier))
      recurrence.damaged.insert(tokens[i].text);
}
