//===- Options.cpp - Options of a compilation, from text ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc/Options.h"

#include "lib/JIT/Collect.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"

#include <utility>

using namespace lrc;
using llvm::StringRef;
using llvm::Twine;

const char *lrc::spell(Schedule schedule) {
  switch (schedule) {
  case Schedule::Auto:
    return "auto";
  case Schedule::Sequential:
    return "sequential";
  case Schedule::Chunked:
    return "chunked";
  case Schedule::Scan:
    return "scan";
  case Schedule::Split:
    return "split";
  }
  llvm_unreachable("unknown schedule");
}

// One overload of `read` for each type that Options.def uses.

static Result<void> read(StringRef name, StringRef text, int64_t &value) {
  if (text.getAsInteger(10, value) || value < 0)
    return makeError("option " + name +
                     ": expected a number of at least 0, got '" + text + "'");
  return {};
}

static Result<void> read(StringRef name, StringRef text, Schedule &value) {
  for (Schedule each : {Schedule::Auto, Schedule::Sequential, Schedule::Chunked,
                        Schedule::Scan, Schedule::Split})
    if (text == spell(each)) {
      value = each;
      return {};
    }
  return makeError(
      "option " + name +
      ": expected auto, sequential, chunked, scan or split, got '" + text +
      "'");
}

static Result<void> read(StringRef, StringRef text, std::string &value) {
  value = text.str();
  return {};
}

/// Calls `add(key, value)` for each `key=value` of a list with commas; the key
/// is empty where there is no '='. No key comes twice, and if
/// `unique` is set, only one value has none.
template <typename AddT>
static Result<void> readList(StringRef name, StringRef text, AddT add,
                             bool unique = true) {
  llvm::SmallVector<StringRef> pieces;
  text.split(pieces, ',');
  llvm::StringSet<> seen;
  bool hasCommon = false;
  for (StringRef piece : pieces) {
    auto [key, value] =
        piece.contains('=') ? piece.split('=') : std::pair(StringRef(), piece);
    if (value.trim().empty())
      return makeError("option " + name + ": expected a value, got '" + piece +
                       "'");
    if (piece.contains('=') && key.trim().empty())
      return makeError("option " + name +
                       ": expected a name before '=', got '" + piece + "'");
    // A value without a key is for all, or is a name itself.
    bool isNew = true;
    if (!key.empty())
      isNew = seen.insert(key.trim()).second;
    else if (unique)
      isNew = !std::exchange(hasCommon, true);
    if (!isNew)
      return makeError("option " + name + ": expected one value for " +
                       (key.empty() ? "all" : key.trim()) + ", got '" + text +
                       "'");
    Result<void> done = add(key.trim(), value.trim());
    if (!done)
      return done;
  }
  return {};
}

static Result<void> read(StringRef name, StringRef text, Sizes &sizes) {
  return readList(name, text, [&](StringRef key, StringRef value) {
    int64_t size;
    if (key.empty() || value.getAsInteger(10, size))
      return Result<void>(
          makeError("option " + name + ": expected NAME=SIZE, got '" +
                    (key.empty() ? value : key + "=" + value) + "'"));
    sizes[key.str()] = size;
    return Result<void>();
  });
}

static Result<void> read(StringRef name, StringRef text, Scalars &scalars) {
  return readList(name, text, [&](StringRef key, StringRef value) {
    double number;
    if (key.empty() || value.getAsDouble(number, /*AllowInexact=*/true))
      return Result<void>(
          makeError("option " + name + ": expected NAME=NUMBER, got '" +
                    (key.empty() ? value : key + "=" + value) + "'"));
    scalars[key.str()] = number;
    return Result<void>();
  });
}

static Result<void> read(StringRef name, StringRef text, ElementTypes &types) {
  return readList(name, text, [&](StringRef key, StringRef value) {
    std::optional<ElementType> type = parseElementType(value);
    if (!type)
      return Result<void>(
          makeError("option " + name +
                    ": expected f16, bf16, f32, f64, complex64 or "
                    "complex128, got '" +
                    value + "'"));
    types[key.str()] = *type;
    return Result<void>();
  });
}

static Result<void> read(StringRef name, StringRef text, Names &names) {
  return readList(
      name, text,
      [&](StringRef key, StringRef value) {
        if (!key.empty())
          return Result<void>(makeError(
              "option " + name + ": expected a name, got '" + key + "='"));
        names.insert(value.str());
        return Result<void>();
      },
      /*unique=*/false);
}

Result<void> CompileOptions::set(std::string_view name,
                                 std::string_view value) {
#define LRC_OPTION(MEMBER, TYPE, DEFAULT, NAME, VALUE, HELP)                   \
  if (name == NAME)                                                            \
    return read(name, value, MEMBER);
#include "lrc/Options.def"
  return makeError("no option '" + Twine(name) + "'");
}
