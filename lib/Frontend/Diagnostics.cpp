//===- Diagnostics.cpp - What is wrong with a source file -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Diagnostics.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc::frontend;
using llvm::SMDiagnostic;
using llvm::SMRange;
using llvm::SourceMgr;
using llvm::StringRef;
using llvm::Twine;

Diagnostic::Diagnostic(SourceMgr &sources, SMRange range, const Twine &message)
    : sources(&sources), range(range), message(message.str()) {}

Diagnostic &Diagnostic::note(SMRange range, const Twine &message) {
  notes.push_back(
      sources->GetMessage(range.Start, SourceMgr::DK_Note, message, {range}));
  return *this;
}

Diagnostic &Diagnostic::fix(SMRange range, const Twine &text) {
  fixes.emplace_back(range, text);
  return *this;
}

SMDiagnostic Diagnostic::getMessage() const {
  return sources->GetMessage(range.Start, SourceMgr::DK_Error, message, {range},
                             fixes);
}

Diagnostic &Diagnostics::error(SMRange range, const Twine &message) {
  if (isFull() || !places.insert(range.Start.getPointer()).second)
    return discard();
  if (errors.size() < maxErrors)
    return errors.emplace_back(sources, range, message);
  return errors.emplace_back(sources, range, "too many errors");
}

Diagnostic &Diagnostics::discard() {
  discarded.clear();
  return discarded.emplace_back(sources, llvm::SMRange(), "");
}

void Diagnostics::sort() {
  errors.sort([](const Diagnostic &a, const Diagnostic &b) {
    return a.getRange().Start.getPointer() < b.getRange().Start.getPointer();
  });
}

void Diagnostics::print(llvm::raw_ostream &os, bool colors) const {
  for (const Diagnostic &error : errors) {
    sources.PrintMessage(os, error.getMessage(), colors);
    for (const SMDiagnostic &note : error.getNotes())
      sources.PrintMessage(os, note, colors);
  }
}

StringRef lrc::frontend::findSimilar(StringRef name,
                                     llvm::ArrayRef<StringRef> candidates) {
  unsigned best = 2 + name.size() / 4;
  StringRef found;
  for (StringRef candidate : candidates) {
    if (name.equals_insensitive(candidate))
      return candidate;
    unsigned distance = name.edit_distance(candidate, true, best);
    // Of a short name a single letter is not enough to recognise it by.
    if (distance < best && distance < name.size() &&
        distance < candidate.size()) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}
