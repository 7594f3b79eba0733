//===- Options.h - Options of a compilation ---------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_OPTIONS_H
#define LRC_OPTIONS_H

#include "lrc/Result.h"
#include "lrc/Signature.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace lrc {

using Scalars = std::map<std::string, double>;
/// By name of the tensor; "" is for all that are not named. A real type given
/// for all means the complex type of that precision for complex tensors.
using ElementTypes = std::map<std::string, ElementType>;
using Names = std::set<std::string>;

/// How a kernel runs through time. `Sequential` takes one step after the other;
/// `Chunked` takes several at once; `Scan` and `Split` cut time into segments
/// that run in parallel, once it is known what they start from: from sums of
/// all segments, or by running the states alone. `Auto` leaves the choice to
/// the cost model.
enum class Schedule { Auto, Sequential, Chunked, Scan, Split };

/// "auto", "sequential", "chunked", "scan" or "split".
LRC_API const char *spell(Schedule schedule);

/// Options.def says what each member means.
struct CompileOptions {
#define LRC_OPTION(MEMBER, TYPE, DEFAULT, NAME, VALUE, HELP)                   \
  TYPE MEMBER = DEFAULT;
#include "lrc/Options.def"

  /// Sets an option by its name from text, as the command line writes it:
  /// set("shape", "K=64,V=128"). Lists and maps grow with each call.
  LRC_API Result<void> set(std::string_view name, std::string_view value);
};

} // namespace lrc

#endif // LRC_OPTIONS_H
