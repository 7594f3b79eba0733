//===- Scope.h - What the names of a recurrence stand for -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_SCOPE_H
#define LRC_FRONTEND_SCOPE_H

#include "lib/Frontend/AST.h"
#include "lib/Frontend/Diagnostics.h"

#include "llvm/ADT/StringMap.h"

namespace lrc::frontend {

enum class SymbolRole { Dim, In, Param, State, Let, Out, LoopVar };

/// `Unknown` is the type of what was reported already: it fits everywhere.
enum class ValueKind { Real, Complex, Bool, Unknown };

struct Symbol {
  SymbolRole role;
  ast::Name name;
  std::vector<ast::Extent> extents = {};
  ValueKind kind = ValueKind::Real;
  /// A declaration with an error: its uses are not checked.
  bool damaged = false;
  /// Defined inside a micro-loop.
  bool local = false;
  /// Of a let: what makes it differ from step to step, or empty.
  std::string varies = {};

  bool isTensor() const {
    return role != SymbolRole::Dim && role != SymbolRole::LoopVar;
  }
};

/// How a diagnostic calls a symbol: "an input", "a state".
llvm::StringRef describe(SymbolRole role);

/// The names that are visible at one point of a recurrence. There is no
/// shadowing: the names of a micro-loop are added and removed again.
class Scope {
public:
  Scope(const ast::Recurrence &recurrence, Diagnostics &diagnostics)
      : recurrence(recurrence), diagnostics(diagnostics) {}

  /// Null when there is none.
  const Symbol *lookup(llvm::StringRef name) const;
  /// Adds a symbol, or reports why its name can't be used.
  bool declare(Symbol symbol);

  /// Remembers a name of the recurrence that is not visible yet.
  void announce(ast::Name name, bool local) {
    announced.try_emplace(name.text, Announcement{name, local});
  }

  void enterLoop() { marks.push_back(locals.size()); }
  void leaveLoop();
  bool inLoop() const { return !marks.empty(); }

  /// Reports that nothing has this name, unless a parse error is to blame.
  /// `extra` are further names that would have been right.
  void reportUnknown(ast::Name name,
                     llvm::ArrayRef<llvm::StringRef> extra = {});
  bool isDamaged(llvm::StringRef name) const {
    return recurrence.damaged.contains(name) || reported.contains(name);
  }

private:
  const ast::Recurrence &recurrence;
  Diagnostics &diagnostics;
  llvm::StringMap<Symbol> symbols;
  struct Announcement {
    ast::Name name;
    bool local;
  };
  llvm::StringMap<Announcement> announced;
  llvm::StringSet<> reported;
  std::vector<llvm::StringRef> locals;
  std::vector<size_t> marks;
};

} // namespace lrc::frontend

#endif // LRC_FRONTEND_SCOPE_H
