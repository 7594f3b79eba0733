//===- Text.h - Constraint problems as text ---------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_TEXT_H
#define LRC_LIB_SOLVER_TEXT_H

#include "lib/Solver/Problem.h"

#include "llvm/Support/raw_ostream.h"

namespace lrc::solver {

/// The text of a problem that `check` accepts; `parse` reads it back. The
/// grammar is in the README.
void print(const Problem &problem, llvm::raw_ostream &os);

/// Reads one problem, which `check` then accepts. The error has file, line,
/// column, the line of the text and a caret.
llvm::Expected<Problem> parse(llvm::StringRef text, llvm::StringRef fileName);

/// A name that can stand in the text: letters, digits, '_' and '.', not
/// beginning with a digit or '.'.
bool isName(llvm::StringRef text);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_TEXT_H
