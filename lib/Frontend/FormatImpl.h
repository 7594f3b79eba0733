//===- FormatImpl.h - Parts of the formatter --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_FORMATIMPL_H
#define LRC_FRONTEND_FORMATIMPL_H

#include "lib/Frontend/AST.h"

#include "llvm/ADT/STLExtras.h"

#include <string>

namespace lrc::frontend {

std::string formatExpr(const ast::Expr &expr);
/// `[i,j]`, or empty for a scalar.
std::string formatIndices(const std::vector<ast::IndexVar> &indices);
std::string formatRange(const ast::Range &range);

/// Lines of text, some with a comment behind them. Comments of neighbouring
/// lines are aligned when everything is there.
class FormattedLines {
public:
  /// Adds a line; a long one is broken behind operators and commas.
  void add(unsigned indent, llvm::StringRef text);
  /// Adds a comment on a line of its own, which is never broken.
  void addComment(unsigned indent, llvm::StringRef comment) {
    lines.push_back({std::string(indent, ' ') + comment.str()});
  }
  void addBlank() { lines.push_back({}); }
  /// Puts a comment behind the last line.
  void addTrailing(llvm::StringRef comment) {
    lines.back().comment = comment.str();
  }
  /// Adds a line that goes on with the trailing comment of the line before.
  void addContinuation(llvm::StringRef comment) {
    lines.push_back({"", comment.str(), true});
  }
  bool empty() const { return lines.empty(); }
  std::string str() const;

private:
  struct Line {
    std::string text = {};
    std::string comment = {};
    bool continuation = false;
  };
  std::vector<Line> lines;
};

} // namespace lrc::frontend

#endif // LRC_FRONTEND_FORMATIMPL_H
