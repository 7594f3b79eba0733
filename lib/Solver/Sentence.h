//===- Sentence.h - A sentence with places for values -----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_SENTENCE_H
#define LRC_LIB_SOLVER_SENTENCE_H

#include "lib/Solver/Problem.h"

namespace lrc::solver {

/// The template of a constraint, taken apart.
class Sentence {
public:
  static llvm::Expected<Sentence> parse(const Problem &problem,
                                        llvm::StringRef text);
  std::string fill(const Assignment &assignment) const;

private:
  /// Text, and the expression whose value follows it.
  struct Part {
    std::string text;
    std::optional<Expr> expr;
  };
  std::vector<Part> parts;
};

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_SENTENCE_H
