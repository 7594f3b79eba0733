//===- Quote.cpp - Text of a file in a diagnostic -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Quote.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace lrc {

std::string quote(StringRef text, size_t maxLength) {
  StringRef shown = text.take_front(maxLength);
  std::string result;
  raw_string_ostream os(result);
  os << '\'';
  // Names in other scripts stay readable; other bytes would break terminals.
  bool keepHighBytes = json::isUTF8(shown);
  for (char c : shown) {
    bool high = static_cast<unsigned char>(c) >= 0x80;
    if (high ? keepHighBytes : c >= 0x20 && c != 0x7f)
      os << c;
    else
      os.write_escaped(StringRef(&c, 1), /*UseHexEscapes=*/true);
  }
  if (shown.size() < text.size())
    os << "...";
  os << '\'';
  return result;
}

} // namespace lrc
