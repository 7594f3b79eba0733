//===- FormatLines.cpp - Line breaks and aligned comments -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/FormatImpl.h"

using namespace lrc::frontend;
using llvm::StringRef;

static constexpr size_t lineLength = 80;

/// Where a line may end: behind a blank that follows an operator, a comma, '='
/// or '<-'. There the parser goes on with the next line. Of the places that
/// fit, the least nested is best, and of these the last.
static size_t findBreak(StringRef text, size_t limit) {
  size_t best = StringRef::npos;
  int bestDepth = 0;
  int depth = 0;
  for (size_t i = 0; i + 1 < text.size() && i < limit; ++i) {
    char c = text[i];
    if (StringRef("([{").contains(c))
      ++depth;
    if (StringRef(")]}").contains(c))
      --depth;
    // A '-' before a blank is binary; words such as `in` are no operators.
    bool breaks = text[i + 1] == ' ' &&
                  (StringRef(",=+-*/%^").contains(c) ||
                   ((c == '<' || c == '>') && i > 0 && text[i - 1] == ' '));
    if (breaks && (best == StringRef::npos || depth <= bestDepth)) {
      best = i + 1;
      bestDepth = depth;
    }
  }
  return best;
}

void FormattedLines::add(unsigned indent, StringRef text) {
  size_t pad = indent;
  while (pad + text.size() > lineLength) {
    size_t end = findBreak(text, lineLength - pad);
    if (end == StringRef::npos)
      break;
    lines.push_back({std::string(pad, ' ') + text.take_front(end).str()});
    text = text.drop_front(end + 1);
    pad = indent + 4;
  }
  lines.push_back({std::string(pad, ' ') + text.str()});
}

std::string FormattedLines::str() const {
  std::string result;
  for (size_t i = 0; i < lines.size();) {
    // A run of lines with comments shares one column.
    size_t end = i;
    size_t column = 0;
    for (; end < lines.size() && !lines[end].comment.empty(); ++end)
      column = std::max(column, lines[end].text.size() + 2);
    for (; i < end; ++i)
      result += lines[i].text +
                std::string(column - lines[i].text.size(), ' ') +
                lines[i].comment + "\n";
    if (i < lines.size())
      result += lines[i++].text + "\n";
  }
  return result;
}
