//===- Sentence.cpp - A sentence with places for values -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Solver/Sentence.h"

using namespace llvm;
using namespace lrc::solver;

Expected<Sentence> Sentence::parse(const Problem &problem, StringRef text) {
  Sentence sentence;
  std::string literal;
  while (!text.empty()) {
    char c = text.front();
    if (c != '{' && c != '}') {
      literal += c;
      text = text.drop_front();
      continue;
    }
    if (text.size() > 1 && text[1] == c) { // A doubled brace is one brace.
      literal += c;
      text = text.drop_front(2);
      continue;
    }
    size_t end = text.find('}');
    if (c == '}' || end == StringRef::npos)
      return createStringError("a brace in the sentence has no partner");
    StringRef name = text.slice(1, end);
    std::optional<Expr> expr = problem.findExpr(name);
    int64_t number;
    if (!expr && !name.getAsInteger(10, number))
      expr = number;
    if (!expr)
      return createStringError("the sentence names '" + name +
                               "', which is no variable, let or number");
    sentence.parts.push_back({std::move(literal), expr});
    literal.clear();
    text = text.drop_front(end + 1);
  }
  sentence.parts.push_back({std::move(literal), std::nullopt});
  return sentence;
}

std::string Sentence::fill(const Assignment &assignment) const {
  std::string result;
  for (const Part &part : parts) {
    result += part.text;
    if (!part.expr)
      continue;
    std::optional<int64_t> value = evaluate(*part.expr, assignment);
    result += value ? std::to_string(*value) : "?";
  }
  return result;
}
