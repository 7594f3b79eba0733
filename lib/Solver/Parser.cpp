//===- Parser.cpp - Read the text of a problem ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Parser.h"
#include "lib/Solver/Sentence.h"
#include "lib/Solver/Text.h"

#include "llvm/Support/MemoryBuffer.h"

#include <limits>

using namespace llvm;
using namespace lrc::solver;

Parser::Parser(StringRef text, StringRef fileName) {
  auto buffer = MemoryBuffer::getMemBufferCopy(text, fileName);
  lexer.emplace(buffer->getBuffer());
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
}

Expected<Problem> Parser::run() {
  token = lexer->next();
  if (parseProblem())
    return std::move(problem);
  return createStringError(message);
}

//===----------------------------------------------------------------------===//
// Errors and tokens
//===----------------------------------------------------------------------===//

bool Parser::error(const Token &at, const Twine &text) {
  raw_string_ostream os(message);
  SMLoc begin = SMLoc::getFromPointer(at.text.data());
  SMLoc end = SMLoc::getFromPointer(at.text.end());
  // What the lexer refused is the first error, whatever was expected.
  sources
      .GetMessage(begin, SourceMgr::DK_Error,
                  at.kind == Token::Invalid ? Twine(at.value) : text,
                  SMRange(begin, end))
      .print(nullptr, os, /*ShowColors=*/false);
  while (StringRef(message).ends_with("\n"))
    message.pop_back();
  return false;
}

bool Parser::accept(StringRef spelling) {
  if (!token.is(spelling))
    return false;
  advance();
  return true;
}

bool Parser::expect(StringRef symbol) {
  if (accept(symbol))
    return true;
  return error(token, "expected '" + symbol + "', got " + token.describe());
}

bool Parser::expectName(Token &name, StringRef what) {
  if (token.kind != Token::Name)
    return error(token, "expected " + what + ", got " + token.describe());
  name = token;
  advance();
  return true;
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

bool Parser::parseProblem() {
  if (!expect("problem"))
    return false;
  if (token.kind != Token::String)
    return error(token, "expected the name of the problem in quotes, got " +
                            token.describe());
  problem = Problem(token.value);
  advance();
  if (!expect("{"))
    return false;
  while (!token.is("}"))
    if (!parseItem())
      return false;
  advance();
  if (token.kind != Token::End)
    return error(token,
                 "expected the end of the file, got " + token.describe());
  return true;
}

bool Parser::parseItem() {
  Token start = token;
  bool ok = accept("var")          ? parseVariable()
            : accept("let")        ? parseLet()
            : accept("constraint") ? parseConstraint()
            : accept("minimize")   ? parseMinimize()
            : accept("pin")
                ? parsePin()
                : error(start, "expected 'var', 'let', 'constraint', "
                               "'minimize', 'pin' or '}', got " +
                                   start.describe());
  return ok && expect(";");
}

bool Parser::declare(const Token &name, const Expr &expr) {
  if (names.try_emplace(name.text, expr).second)
    return true;
  return error(name, "the name '" + name.text + "' is used twice");
}

bool Parser::parseVariable() {
  Token name;
  if (!expectName(name, "the name of a variable") || !expect("in"))
    return false;
  Token start = token;
  std::optional<Domain> domain = parseDomain();
  if (!domain)
    return false;
  if (domain->getValues().empty())
    return error(start, "the domain is empty");
  if (domain->getValues().size() > Domain::maxSize)
    return error(start, "the domain has more than " + Twine(Domain::maxSize) +
                            " values");
  return declare(name,
                 problem.addVariable(name.text.str(), std::move(*domain)));
}

bool Parser::parseLet() {
  Token name;
  if (!expectName(name, "a name") || !expect("="))
    return false;
  std::optional<Expr> expr = parseExpr();
  return expr && declare(name, problem.let(name.text.str(), *expr));
}

bool Parser::parseConstraint() {
  Token name;
  if (!expectName(name, "the name of a constraint"))
    return false;
  if (!constraintNames.try_emplace(name.text, true).second)
    return error(name, "the constraint name '" + name.text + "' is used twice");
  Token sentence = token;
  if (sentence.kind != Token::String)
    return error(sentence, "expected the sentence of the constraint in "
                           "quotes, got " +
                               sentence.describe());
  if (Expected<Sentence> parsed = Sentence::parse(problem, sentence.value);
      !parsed)
    return error(sentence, toString(parsed.takeError()));
  advance();
  if (!expect(":"))
    return false;
  Token start = token;
  std::optional<Expr> expr = parseExpr();
  if (!expr)
    return false;
  if (!isComparison(expr->getKind()))
    return error(start, "expected a comparison");
  problem.constrain(name.text.str(), sentence.value, *expr);
  return true;
}

bool Parser::parseMinimize() {
  if (problem.getObjective())
    return error(token, "there is an objective already");
  std::optional<Expr> expr = parseExpr();
  if (expr)
    problem.minimize(*expr);
  return expr.has_value();
}

bool Parser::parsePin() {
  Token name;
  if (!expectName(name, "the name of a variable") || !expect("="))
    return false;
  Token start = token;
  std::optional<int64_t> value = parseInteger();
  if (!value)
    return false;
  std::optional<unsigned> index = problem.findVariable(name.text);
  if (!index)
    return error(name, "'" + name.text + "' is no variable");
  if (!problem.getVariables()[*index].domain.contains(*value))
    return error(start, Twine(*value) + " is not in the domain of '" +
                            name.text + "'");
  if (!pinned.try_emplace(name.text, true).second)
    return error(name, "'" + name.text + "' is pinned twice");
  problem.pin(name.text.str(), *value);
  return true;
}

//===----------------------------------------------------------------------===//
// Domains
//===----------------------------------------------------------------------===//

std::optional<int64_t> Parser::parseInteger() {
  Token start = token;
  bool negative = accept("-");
  if (token.kind != Token::Number) {
    error(token, "expected an integer, got " + token.describe());
    return std::nullopt;
  }
  uint64_t limit = uint64_t(std::numeric_limits<int64_t>::max()) + negative;
  if (token.number > limit) {
    error(start, "the number does not fit in 64 bits");
    return std::nullopt;
  }
  uint64_t bits = negative ? -token.number : token.number;
  advance();
  return int64_t(bits);
}

std::optional<Domain> Parser::parseDomain() {
  if (accept("{"))
    return parseSet();
  if (accept("divisors"))
    return parseDivisors();
  return parseRange();
}

std::optional<Domain> Parser::parseSet() {
  std::vector<int64_t> values;
  do {
    std::optional<int64_t> value = parseInteger();
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  } while (accept(","));
  if (!expect("}"))
    return std::nullopt;
  return Domain::set(std::move(values));
}

std::optional<Domain> Parser::parseRange() {
  std::optional<int64_t> first = parseInteger();
  if (!first || !expect(".."))
    return std::nullopt;
  std::optional<int64_t> last = parseInteger();
  if (!last)
    return std::nullopt;
  std::optional<int64_t> step = 1;
  if (accept("step")) {
    Token start = token;
    step = parseInteger();
    if (step && *step < 1) {
      error(start, "expected a positive step, got " + Twine(*step));
      return std::nullopt;
    }
  }
  if (!step)
    return std::nullopt;
  return Domain::range(*first, *last, *step);
}

std::optional<Domain> Parser::parseDivisors() {
  if (!expect("("))
    return std::nullopt;
  Token start = token;
  std::optional<int64_t> number = parseInteger();
  if (!number)
    return std::nullopt;
  // Trial division takes the square root of the number.
  constexpr int64_t limit = int64_t(1) << 48;
  if (*number < 1 || *number > limit) {
    error(start, "expected a number from 1 to 2^48, got " + Twine(*number));
    return std::nullopt;
  }
  if (!expect(")"))
    return std::nullopt;
  return Domain::divisors(*number);
}

Expected<Problem> lrc::solver::parse(StringRef text, StringRef fileName) {
  return Parser(text, fileName).run();
}
