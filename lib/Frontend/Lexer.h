//===- Lexer.h - Tokens of the .dsf language --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_LEXER_H
#define LRC_FRONTEND_LEXER_H

#include "lib/Frontend/Diagnostics.h"

#include <cstdint>
#include <vector>

namespace lrc::frontend {

enum class TokenKind : uint8_t {
  Eof,
  Newline,
  Identifier,
  Number,
  Error, // what is no token, and was reported
#define LRC_KEYWORD(NAME, SPELLING) Kw##NAME,
#define LRC_PUNCTUATION(NAME, SPELLING) NAME,
#include "lib/Frontend/Tokens.def"
};

struct Token {
  TokenKind kind = TokenKind::Eof;
  llvm::StringRef text;

  bool is(TokenKind other) const { return kind == other; }
  template <typename... Kinds> bool isAny(Kinds... kinds) const {
    return (is(kinds) || ...);
  }
  bool isKeyword() const;
  llvm::SMLoc getLoc() const {
    return llvm::SMLoc::getFromPointer(text.begin());
  }
  llvm::SMLoc getEnd() const { return llvm::SMLoc::getFromPointer(text.end()); }
  llvm::SMRange getRange() const { return {getLoc(), getEnd()}; }
  /// How a diagnostic names it: `'<-'`, `end of line`.
  std::string describe() const;
};

/// `'+'`, `'let'`: how a diagnostic names a kind of token.
std::string describe(TokenKind kind);

/// Text from '#' up to the end of the line, without trailing blanks.
struct Comment {
  llvm::StringRef text;
};

struct TokenStream {
  std::vector<Token> tokens; // ends in Eof
  std::vector<Comment> comments;
  bool isText = true; // false: the rest was not read
};

/// Splits `buffer`, and reports what is no token.
TokenStream lex(llvm::StringRef buffer, Diagnostics &diagnostics);

/// Whether `name` is a keyword of the language.
bool isKeyword(llvm::StringRef name);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_LEXER_H
