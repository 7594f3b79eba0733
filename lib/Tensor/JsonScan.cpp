//===- JsonScan.cpp - Checks of JSON text before it is parsed -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/JsonScan.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

namespace lrc {

/// The length of the string literal that `text` starts with, quotes included;
/// npos if it has no end.
static size_t literalLength(StringRef text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return StringRef::npos;
}

/// Decodes escapes, since "a" and "\u0061" are the same key.
static std::string decodeLiteral(StringRef literal) {
  Expected<json::Value> value = json::parse(literal);
  if (!value) {
    // The parser of the whole text will report it.
    consumeError(value.takeError());
    return literal.str();
  }
  return value->getAsString().value_or("").str();
}

Expected<std::vector<std::string>> scanTopLevelKeys(StringRef text) {
  constexpr int maxDepth = 16;
  std::vector<std::string> keys;
  int depth = 0;
  StringRef lastLiteral;
  while (!text.empty()) {
    char c = text.front();
    if (c == '"') {
      lastLiteral = text.take_front(literalLength(text));
      text = text.drop_front(lastLiteral.size());
      continue;
    }
    if (c == '{' || c == '[') {
      if (++depth > maxDepth)
        return createStringError("the JSON header nests deeper than " +
                                 Twine(maxDepth) + " levels; a header has 3");
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ':' && depth == 1) {
      keys.push_back(decodeLiteral(lastLiteral));
    }
    text = text.drop_front();
  }
  return keys;
}

} // namespace lrc
