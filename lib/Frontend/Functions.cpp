//===- Functions.cpp - Functions and reserved names -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"

#include "lib/Frontend/Lexer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

using namespace lrc::frontend;
using llvm::StringRef;

static constexpr Function functions[] = {
#define LRC_UNARY(SPELLING, KIND, TYPING) {SPELLING, 1, Typing::TYPING},
#define LRC_BINARY(SPELLING, KIND, TYPING) {SPELLING, 2, Typing::TYPING},
#include "lib/Frontend/Functions.def"
    {"select", 3, Typing::Select},
    {"clip", 3, Typing::Clip},
};

llvm::ArrayRef<Function> lrc::frontend::getFunctions() { return functions; }

const Function *lrc::frontend::lookupFunction(StringRef name) {
  const auto *it =
      llvm::find_if(functions, [&](auto &f) { return f.name == name; });
  return it == std::end(functions) ? nullptr : it;
}

bool lrc::frontend::isBuiltin(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"t", "head", "heads", "pi", "inf"}, true)
      .Default(false);
}

StringRef lrc::frontend::getReservation(StringRef name) {
  if (isKeyword(name))
    return "a keyword";
  if (name == "t")
    return "the index of the time step";
  if (isBuiltin(name))
    return "a builtin number";
  if (name == "sum" || name == "prod")
    return "a reduction";
  if (lookupFunction(name) || name == "delay" || name == "inverse")
    return "a function";
  return "";
}
