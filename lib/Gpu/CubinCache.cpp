//===- CubinCache.cpp - What ptxas made of a kernel, remembered -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/CubinCache.h"

#include "lib/Cache/Cache.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"

using namespace lrc;
using llvm::StringRef;

/// The text of a kernel is longer than its cubin: its hash stands for it.
static std::string makeKey(StringRef ptx, const GpuTarget &target,
                           StringRef version) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << "cubin 1\nptx "
     << llvm::toHex(llvm::BLAKE3::hash(llvm::arrayRefFromStringRef(ptx)),
                    /*LowerCase=*/true)
     << "\noptions " << llvm::join(ptxasOptions(target), " ") << '\n'
     << version;
  return key;
}

std::string lrc::encodeAssembled(const Assembled &assembled) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "registers " << assembled.registers << "\nspills "
     << assembled.spillBytes << "\nwarnings " << assembled.warnings.size()
     << '\n'
     << assembled.warnings << "cubin " << assembled.cubin.size() << '\n'
     << assembled.cubin;
  return text;
}

/// Takes a line such as "registers 40" off a text.
static bool takeNumber(StringRef &text, StringRef name, int64_t &number) {
  return text.consume_front(name) && text.consume_front(" ") &&
         !text.consumeInteger(10, number) && number >= 0 &&
         text.consume_front("\n");
}

/// Takes a line with a number of bytes, and the bytes, off a text.
static bool takeBytes(StringRef &text, StringRef name, std::string &bytes) {
  int64_t size = 0;
  if (!takeNumber(text, name, size) || uint64_t(size) > text.size())
    return false;
  bytes = text.take_front(size).str();
  text = text.drop_front(size);
  return true;
}

std::optional<Assembled> lrc::decodeAssembled(StringRef text) {
  Assembled result;
  bool isWhole = takeNumber(text, "registers", result.registers) &&
                 takeNumber(text, "spills", result.spillBytes) &&
                 takeBytes(text, "warnings", result.warnings) &&
                 takeBytes(text, "cubin", result.cubin) && text.empty();
  if (!isWhole || !StringRef(result.cubin)
                       .starts_with("\x7f"
                                    "ELF"))
    return std::nullopt;
  return result;
}

llvm::Expected<Assembled> lrc::assembleOnce(StringRef ptx,
                                            const GpuTarget &target) {
  std::optional<std::string> version = ptxasVersion();
  if (!version)
    return assemble(ptx, target);
  Cache cache(Cache::getDefaultDirectory());
  std::string key = makeKey(ptx, target, *version);
  if (std::optional<std::string> text = cache.lookup(key))
    if (std::optional<Assembled> known = decodeAssembled(*text))
      return std::move(*known);
  llvm::Expected<Assembled> assembled = assemble(ptx, target);
  if (assembled)
    cache.store(key, encodeAssembled(*assembled));
  return assembled;
}
