//===- Parser.h - From text to syntax tree ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recursive descent parser. The grammar is in lib/Frontend/README.md; each
// method is named after its production. A method that fails has reported the
// error and returns null or false; the statement it belongs to is dropped and
// parsing goes on with the next one.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_PARSER_H
#define LRC_FRONTEND_PARSER_H

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Lexer.h"

namespace lrc::frontend {

class Parser {
public:
  Parser(TokenStream stream, Diagnostics &diagnostics)
      : tokens(std::move(stream.tokens)), diagnostics(diagnostics) {}

  std::vector<std::unique_ptr<ast::Recurrence>> parseFile();

private:
  /// Brackets and operators inside one another. Together with `maxDepth` it
  /// bounds the stack that this and every later phase needs.
  static constexpr unsigned maxNesting = 200;
  /// Levels of an expression; a sum of n terms has n.
  static constexpr unsigned maxDepth = 1000;

  // Tokens (Parser.cpp)
  const Token &peek() const { return tokens[position]; }
  const Token &peekAfter() const;
  bool at(TokenKind kind) const { return peek().is(kind); }
  Token consume();
  bool consumeIf(TokenKind kind);
  /// Reports "expected X, got Y" when the next token is not of this kind.
  bool expect(TokenKind kind, const llvm::Twine &where);
  void skipNewlines();
  llvm::SMRange rangeFrom(llvm::SMLoc start) const {
    return {start, tokens[lastConsumed].getEnd()};
  }
  Diagnostic &errorHere(const llvm::Twine &message) {
    return at(TokenKind::Error) ? diagnostics.discard()
                                : diagnostics.error(peek().getRange(), message);
  }
  Diagnostic &errorExpected(const llvm::Twine &what);

  // Inside brackets the end of a line means nothing.
  Token openBracket();
  bool closeBracket(TokenKind kind, const Token &open);
  bool parseCommaSeparated(llvm::function_ref<bool()> parseElement);

  // Files and recovery (Parser.cpp)
  std::unique_ptr<ast::Recurrence> parseRecurrence();
  void parseBody(ast::Recurrence &recurrence, std::vector<ast::ItemPtr> &items,
                 const Token &open, const llvm::Twine &what);
  void recover(size_t start, ast::Recurrence &recurrence);
  void skipStatement();
  bool closesBlock() const;
  void skipToRecurrence();

  // Items (ParseItem.cpp)
  ast::ItemPtr parseItem(ast::Recurrence &recurrence);
  ast::ItemPtr parseDecl(ast::DeclRole role);
  bool parseDeclarator(ast::DeclRole role, ast::Declarator &declarator);
  bool parseElementType(ast::Declarator &declarator);
  std::optional<ast::Range> parseRange();
  bool parseBounds(ast::Range &range);
  ast::ItemPtr parseFinal();
  ast::ItemPtr parseReverse();
  ast::ItemPtr parseDefinition(ast::DefRole role);
  ast::ItemPtr parseUpdate();
  ast::ItemPtr parseFor(ast::Recurrence &recurrence);
  bool parseEndOfItem();
  bool parseName(ast::Name &name, const llvm::Twine &what);
  std::optional<ast::Extent> parseExtent();
  bool parseIndexVars(std::vector<ast::IndexVar> &indices);
  bool parseIndexVar(ast::IndexVar &index);
  bool parseAxis(ast::IndexVar &axis);

  // Expressions (ParseExpr.cpp)
  ast::ExprPtr parseExpr() { return parseBinary(0); }
  ast::ExprPtr parseBinary(unsigned minPrecedence);
  ast::ExprPtr parseUnary();
  ast::ExprPtr parsePower();
  ast::ExprPtr parsePrimary();
  ast::ExprPtr parseNumber();
  ast::ExprPtr parseParenthesized();
  ast::ExprPtr parseReference();
  ast::ExprPtr parseCall(const Token &name);
  ast::ExprPtr parseDelay(const Token &name);
  ast::ExprPtr parseInverse(const Token &name);
  ast::ExprPtr parseReduce(const Token &name);
  bool parseSubscripts(ast::ExprList &subscripts);
  ast::ExprPtr makeBinary(const Token &op, ast::BinaryOp kind, ast::ExprPtr lhs,
                          ast::ExprPtr rhs);
  /// Sets the depth of `expr`, or reports that it is too deep.
  ast::ExprPtr limitDepth(ast::ExprPtr expr, unsigned below);

  struct Nesting {
    unsigned &level;
    explicit Nesting(unsigned &level) : level(++level) {}
    ~Nesting() { --level; }
  };
  bool isTooDeep();

  std::vector<Token> tokens;
  Diagnostics &diagnostics;
  size_t position = 0;
  size_t lastConsumed = 0;
  unsigned brackets = 0; // open ones in this statement
  unsigned nesting = 0;
};

} // namespace lrc::frontend

#endif // LRC_FRONTEND_PARSER_H
