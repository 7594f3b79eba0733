//===- Diagnostics.h - What is wrong with a source file ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The front end never prints: it collects diagnostics, and the client shows
// them through the SourceMgr that owns the text.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_DIAGNOSTICS_H
#define LRC_FRONTEND_DIAGNOSTICS_H

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/SourceMgr.h"

#include <list>
#include <string>

namespace lrc::frontend {

/// One error with its notes. The methods add to it and return it, so that a
/// report reads as one expression.
class Diagnostic {
public:
  Diagnostic(llvm::SourceMgr &sources, llvm::SMRange range,
             const llvm::Twine &message);

  /// Points at another party: where a name was declared, a bracket opened.
  Diagnostic &note(llvm::SMRange range, const llvm::Twine &message);
  /// Replacing `range` by `text` would be right.
  Diagnostic &fix(llvm::SMRange range, const llvm::Twine &text);

  llvm::SMRange getRange() const { return range; }
  llvm::SMDiagnostic getMessage() const;
  const llvm::SmallVector<llvm::SMDiagnostic, 1> &getNotes() const {
    return notes;
  }

private:
  llvm::SourceMgr *sources;
  llvm::SMRange range;
  std::string message;
  llvm::SmallVector<llvm::SMFixIt, 1> fixes;
  llvm::SmallVector<llvm::SMDiagnostic, 1> notes;
};

/// All errors of one file, in the order of the text once `sort` was called.
class Diagnostics {
public:
  /// A file with more errors than this is not worth describing further.
  static constexpr unsigned maxErrors = 64;

  explicit Diagnostics(llvm::SourceMgr &sources) : sources(sources) {}

  /// Of several errors at one place only the first is kept: the others follow
  /// from it.
  Diagnostic &error(llvm::SMRange range, const llvm::Twine &message);
  /// An error that nobody will see, for a place that has one.
  Diagnostic &discard();

  bool hasErrors() const { return !errors.empty(); }
  bool isFull() const { return errors.size() > maxErrors; }
  const std::list<Diagnostic> &getErrors() const { return errors; }
  llvm::SourceMgr &getSources() const { return sources; }

  void sort();
  /// Each error and its notes with source line and caret.
  void print(llvm::raw_ostream &os, bool colors = false) const;

private:
  llvm::SourceMgr &sources;
  /// A list, because callers hold references while they add notes.
  std::list<Diagnostic> errors;
  std::list<Diagnostic> discarded;
  llvm::DenseSet<const char *> places;
};

/// The candidate whose spelling is closest to `name`; empty when none is close.
llvm::StringRef findSimilar(llvm::StringRef name,
                            llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_DIAGNOSTICS_H
