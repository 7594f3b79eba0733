//===- Functions.h - Functions and reserved names ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_FUNCTIONS_H
#define LRC_FRONTEND_FUNCTIONS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace lrc::frontend {

/// What a function takes and gives; see Functions.def.
enum class Typing { Real, Same, ToReal, ToComplex, Select, Clip };

struct Function {
  llvm::StringRef name;
  unsigned arity;
  Typing typing;
};

/// Null when no function has this name.
const Function *lookupFunction(llvm::StringRef name);
llvm::ArrayRef<Function> getFunctions();

/// Names with a meaning of their own inside expressions.
bool isBuiltin(llvm::StringRef name);

/// What a name is reserved for: "a keyword", "a function"; empty if it is free.
llvm::StringRef getReservation(llvm::StringRef name);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_FUNCTIONS_H
