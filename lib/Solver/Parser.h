//===- Parser.h - Read the text of a problem --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_PARSER_H
#define LRC_LIB_SOLVER_PARSER_H

#include "lib/Solver/Lexer.h"
#include "lib/Solver/Problem.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/SourceMgr.h"

namespace lrc::solver {

/// Recursive descent that stops at the first error. What `check` would refuse
/// is refused here already, where its place is known.
class Parser {
public:
  Parser(llvm::StringRef text, llvm::StringRef fileName);
  llvm::Expected<Problem> run();

private:
  /// Brackets within brackets.
  static constexpr unsigned maxNesting = 100;

  // These return false, or nothing, after an error.
  bool error(const Token &at, const llvm::Twine &text);
  bool expect(llvm::StringRef symbol);
  bool expectName(Token &name, llvm::StringRef what);
  bool accept(llvm::StringRef spelling);
  void advance() { token = lexer->next(); }

  bool parseProblem();
  bool parseItem();
  bool parseVariable();
  bool parseLet();
  bool parseConstraint();
  bool parseMinimize();
  bool parsePin();
  bool declare(const Token &name, const Expr &expr);

  std::optional<Domain> parseDomain();
  std::optional<Domain> parseSet();
  std::optional<Domain> parseRange();
  std::optional<Domain> parseDivisors();
  std::optional<int64_t> parseInteger();

  std::optional<Expr> parseExpr();
  std::optional<Expr> parseSum();
  std::optional<Expr> parseProduct();
  std::optional<Expr> parseUnary();
  std::optional<Expr> parsePrimary();
  std::optional<Expr> parseCall(const Token &function);
  std::optional<Expr> parseBracketed();
  std::optional<Expr> make(const Token &at, ExprKind kind,
                           llvm::ArrayRef<Expr> operands);

  llvm::SourceMgr sources;
  std::optional<Lexer> lexer;
  Token token;
  Problem problem;
  llvm::StringMap<Expr> names;
  llvm::StringMap<bool> constraintNames, pinned;
  unsigned nesting = 0;
  std::string message;
};

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_PARSER_H
