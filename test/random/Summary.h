//===- Summary.h - What became of many cases --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_SUMMARY_H
#define LRC_TEST_RANDOM_SUMMARY_H

#include "test/random/Judge.h"

namespace lrc::sampling {

/// Counts cases by schedule and property, so that one sees when a class of
/// recurrences loses a schedule.
class Summary {
public:
  void add(const Case &one, const Outcome &outcome);

  int64_t countFailures() const { return failures; }

  /// A row for each property: cases, and how many each schedule ran.
  void printTags() const;
  /// Why schedules were refused, the most frequent reasons first.
  void printReasons() const;
  /// The last line.
  void printLine(double seconds) const;

private:
  struct Row {
    int64_t cases = 0;
    std::map<std::string, int64_t> ran;
  };

  std::map<std::string, Row> tags;
  Row all;
  std::map<std::string, int64_t> refused;
  std::map<std::string, int64_t> reasons;
  std::map<std::string, int64_t> types;
  int64_t failures = 0, tolerated = 0, unbounded = 0;
  Times times;
};

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_SUMMARY_H
