//===- Case.h - A recurrence, a shape and a type ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_CASE_H
#define LRC_TEST_RANDOM_CASE_H

#include "lrc/Options.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace lrc::sampling {

/// How a case is compiled.
struct Variant {
  Schedule schedule = Schedule::Sequential;
  int64_t chunk = 0;

  bool operator==(const Variant &other) const {
    return schedule == other.schedule && chunk == other.chunk;
  }
};

/// "chunked/16"; without a chunk the schedule alone.
std::string spell(const Variant &variant);
std::optional<Variant> parseVariant(const std::string &text);

/// Sizes of a call beside those of dims.
struct Shape {
  int64_t batch = 1;
  int64_t steps = 5;
  /// 0: no tensor has a head axis.
  int64_t heads = 0;
  Sizes dims;
  /// Lengths of packed sequences; empty where they are not packed.
  std::vector<int64_t> lengths;
  /// Whether initial states are given.
  bool initial = false;
  /// Whether some tensors have half of the heads.
  bool grouped = false;
};

struct Case {
  /// A file with one recurrence, in canonical layout, without comments.
  std::string text;
  Shape shape;
  ElementType type = ElementType::F64;
  std::vector<Variant> variants;
  /// Of the numbers in the tensors.
  uint64_t dataSeed = 1;
  /// Where it came from: "seed 1, case 17".
  std::string origin;
  /// Properties of the recurrence and of the call.
  std::set<std::string> tags;
};

/// A .dsf file that has all of the case in comments.
std::string write(const Case &one);

/// The inverse. A file without such comments is a case of a small shape.
std::optional<Case> read(const std::string &file, std::string &error);

/// The canonical layout of a file; nothing where it has errors, which `errors`
/// then has.
std::optional<std::string> canonical(const std::string &text,
                                     std::string &errors);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_CASE_H
