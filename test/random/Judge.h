//===- Judge.h - A case, compiled and compared ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_JUDGE_H
#define LRC_TEST_RANDOM_JUDGE_H

#include "test/random/Case.h"

namespace lrc::sampling {

/// Milliseconds that a case took.
struct Times {
  double parse = 0, interpret = 0, lower = 0, codegen = 0, run = 0;
};

struct Outcome {
  enum class Kind {
    Good,
    /// The interpreter itself gave NaN or huge numbers: nothing to compare.
    Unbounded,
    /// A kernel disagrees with the interpreter.
    Mismatch,
    /// What should compile or run was refused.
    Error,
    /// The process ended, or did not end.
    Crash,
    Timeout,
  };

  Kind kind = Kind::Good;
  /// Of the first failure.
  Variant variant;
  std::string message;
  /// Whether an error beyond the bound was put down to rounding.
  bool isTolerated = false;
  /// Schedules that were compared, and those refused with the reason.
  std::vector<Variant> ran;
  std::map<std::string, std::string> refused;
  Times times;

  bool isFailure() const { return kind > Kind::Unbounded; }
};

/// "mismatch", ..
const char *spell(Outcome::Kind kind);

/// Compiles under each schedule, runs, and compares with the interpreter. An
/// error beyond the bound of the type is accepted as far as rounding explains
/// it; README.md says how that is found out.
Outcome judge(const Case &one);

/// Whether two outcomes may have one cause.
bool isAlike(const Outcome &a, const Outcome &b);

/// Outcomes as text, for a pipe.
std::string serialize(const Outcome &outcome);
Outcome deserialize(const std::string &text);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_JUDGE_H
