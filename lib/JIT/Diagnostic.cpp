//===- Diagnostic.cpp - What is wrong, as a value -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc/Diagnostic.h"

#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;

static const char *spellSeverity(Severity severity) {
  switch (severity) {
  case Severity::Error:
    return "error";
  case Severity::Warning:
    return "warning";
  case Severity::Note:
    return "note";
  }
  return "error";
}

/// A line of a file that may be anything, without what a terminal would obey.
/// Places stay where they are.
static std::string printable(std::string line) {
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(line.data());
  const llvm::UTF8 *end = begin + line.size();
  bool isText = llvm::isLegalUTF8String(&begin, end);
  for (char &c : line) {
    auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && c != '\t') || byte == 127 || (byte > 127 && !isText))
      c = '?';
  }
  return line;
}

/// The caret under the place, and below it what to write instead.
static void renderCaret(llvm::raw_ostream &os, const Diagnostic &diagnostic) {
  const std::string &line = diagnostic.sourceLine;
  os << printable(line) << '\n';
  std::string indent;
  for (unsigned i = 0; i + 1 < diagnostic.column; ++i)
    indent += i < line.size() && line[i] == '\t' ? '\t' : ' ';
  os << indent << '^';
  unsigned end = std::min<unsigned>(diagnostic.endColumn, line.size() + 1);
  for (unsigned i = diagnostic.column + 1; i < end; ++i)
    os << '~';
  os << '\n';
  if (!diagnostic.fix.empty())
    os << indent << diagnostic.fix << '\n';
}

std::string Diagnostic::render() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << (file.empty() ? "lrc" : file) << ':';
  if (line)
    os << line << ':' << column << ':';
  os << ' ' << spellSeverity(severity) << ": " << message << '\n';
  if (line && !sourceLine.empty())
    renderCaret(os, *this);
  for (const Diagnostic &note : notes)
    os << note.render();
  return text;
}

std::string lrc::render(const Diagnostics &diagnostics) {
  std::string text;
  for (const Diagnostic &diagnostic : diagnostics)
    text += diagnostic.render();
  return text;
}
