//===- Lexer.h - Tokens of the text of a problem ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_LEXER_H
#define LRC_LIB_SOLVER_LEXER_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>

namespace lrc::solver {

struct Token {
  enum Kind { End, Name, Number, String, Symbol, Invalid };
  Kind kind = End;
  /// The spelling in the text.
  llvm::StringRef text;
  /// Of a number.
  uint64_t number = 0;
  /// Of a string without quotes and escapes; of what is invalid, the error.
  std::string value = {};

  /// A name or symbol with this spelling. There are no reserved words.
  bool is(llvm::StringRef spelling) const {
    return (kind == Name || kind == Symbol) && text == spelling;
  }
  /// For an error that says what stands here.
  std::string describe() const;
};

class Lexer {
public:
  explicit Lexer(llvm::StringRef text) : rest(text) {}
  Token next();

private:
  void skipSpace();
  Token lexNumber();
  Token lexString();
  Token lexSymbol();
  /// The next `length` characters.
  llvm::StringRef take(size_t length);

  llvm::StringRef rest;
};

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_LEXER_H
