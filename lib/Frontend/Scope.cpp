//===- Scope.cpp - What the names of a recurrence stand for ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Scope.h"

#include "lib/Frontend/Functions.h"

#include "llvm/Support/ErrorHandling.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;

StringRef lrc::frontend::describe(SymbolRole role) {
  switch (role) {
  case SymbolRole::Dim:
    return "a dim";
  case SymbolRole::In:
    return "an input";
  case SymbolRole::Param:
    return "a parameter";
  case SymbolRole::State:
    return "a state";
  case SymbolRole::Let:
    return "a let";
  case SymbolRole::Out:
    return "an output";
  case SymbolRole::LoopVar:
    return "a loop variable";
  }
  llvm_unreachable("unknown role");
}

const Symbol *Scope::lookup(StringRef name) const {
  auto it = symbols.find(name);
  return it == symbols.end() ? nullptr : &it->second;
}

bool Scope::declare(Symbol symbol) {
  Name name = symbol.name;
  StringRef reservation = getReservation(name.text);
  if (!reservation.empty()) {
    diagnostics.error(name.range, "expected a new name, got '" + name.text +
                                      "', which is reserved: it is " +
                                      reservation);
    return false;
  }
  symbol.local = inLoop();
  auto [it, inserted] = symbols.try_emplace(name.text, symbol);
  if (!inserted) {
    diagnostics
        .error(name.range, "'" + name.text + "' is already defined as " +
                               describe(it->second.role))
        .note(it->second.name.range, "defined here");
    return false;
  }
  if (inLoop())
    locals.push_back(name.text);
  return true;
}

void Scope::leaveLoop() {
  for (size_t i = marks.back(); i < locals.size(); ++i)
    symbols.erase(locals[i]);
  locals.resize(marks.back());
  marks.pop_back();
}

void Scope::reportUnknown(Name name, llvm::ArrayRef<StringRef> extra) {
  if (isDamaged(name.text))
    return;
  reported.insert(name.text);
  if (auto it = announced.find(name.text); it != announced.end()) {
    bool ended = it->second.local && it->second.name.range.Start.getPointer() <
                                         name.range.Start.getPointer();
    diagnostics
        .error(name.range, "'" + name.text +
                               (ended ? "' exists only inside its loop"
                                      : "' is used before it is defined"))
        .note(it->second.name.range, "defined here");
    return;
  }
  std::vector<StringRef> candidates(extra.begin(), extra.end());
  for (const auto &entry : symbols)
    candidates.push_back(entry.first());
  // Independent of the order of the hash table.
  llvm::sort(candidates);
  StringRef similar = findSimilar(name.text, candidates);
  if (similar.empty()) {
    diagnostics.error(name.range, "nothing is named '" + name.text + "'");
    return;
  }
  diagnostics
      .error(name.range, "nothing is named '" + name.text +
                             "'; did you mean '" + similar + "'?")
      .fix(name.range, similar);
}
