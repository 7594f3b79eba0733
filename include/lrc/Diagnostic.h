//===- Diagnostic.h - What is wrong, as a value -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DIAGNOSTIC_H
#define LRC_DIAGNOSTIC_H

#include "lrc/Export.h"

#include <string>
#include <vector>

namespace lrc {

enum class Severity { Error, Warning, Note };

/// A message about a place in a source file, or about a call where `line` is 0.
struct Diagnostic {
  Severity severity = Severity::Error;
  /// Lower case, without a final period.
  std::string message;
  std::string file;
  /// From 1; 0 without a place.
  unsigned line = 0;
  unsigned column = 0;
  /// Column behind the last character that is meant; 0 for one character.
  unsigned endColumn = 0;
  /// The line of the source, without its end.
  std::string sourceLine;
  /// What to write instead of the columns; empty if there is no such advice.
  std::string fix;
  std::vector<Diagnostic> notes;

  /// As compilers print it: `file:line:column: error: message`, the source
  /// line, a caret, then the notes. Ends in a newline.
  LRC_API std::string render() const;
};

using Diagnostics = std::vector<Diagnostic>;

/// All of them, one after the other.
LRC_API std::string render(const Diagnostics &diagnostics);

} // namespace lrc

#endif // LRC_DIAGNOSTIC_H
