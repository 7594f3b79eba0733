//===- Summary.cpp - What became of many cases ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Summary.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::sampling;

/// A reason without numbers and names in quotes, so that equal ones count
/// together.
static std::string generalise(llvm::StringRef reason) {
  std::string text;
  bool quoted = false;
  for (char letter : reason) {
    quoted ^= letter == '\'';
    if (!quoted && !llvm::isDigit(letter))
      text += letter;
  }
  return text;
}

void Summary::add(const Case &one, const Outcome &outcome) {
  auto count = [&](Row &row) {
    ++row.cases;
    for (const Variant &variant : outcome.ran)
      ++row.ran[lrc::spell(variant.schedule)];
  };
  count(all);
  for (const std::string &tag : one.tags)
    count(tags[tag]);
  for (const auto &[schedule, reason] : outcome.refused) {
    ++refused[schedule];
    ++reasons[schedule + ": " + generalise(reason)];
  }
  ++types[std::string(lrc::spell(one.type))];
  failures += outcome.isFailure();
  tolerated += outcome.isTolerated;
  unbounded += outcome.kind == Outcome::Kind::Unbounded;
  times.parse += outcome.times.parse;
  times.interpret += outcome.times.interpret;
  times.lower += outcome.times.lower;
  times.codegen += outcome.times.codegen;
  times.run += outcome.times.run;
}

void Summary::printTags() const {
  llvm::outs() << llvm::format("%-20s %7s %11s %8s %8s %8s %8s\n", "property",
                               "cases", "sequential", "chunked", "scan",
                               "split", "auto");
  for (const auto &[tag, row] : tags) {
    llvm::outs() << llvm::format("%-20s %7d", tag.c_str(), int(row.cases));
    for (auto [name, width] :
         {std::pair("sequential", 11), std::pair("chunked", 8),
          std::pair("scan", 8), std::pair("split", 8), std::pair("auto", 8)}) {
      auto found = row.ran.find(name);
      int number = found == row.ran.end() ? 0 : int(found->second);
      llvm::outs() << llvm::format(" %*d", width, number);
    }
    llvm::outs() << '\n';
  }
}

void Summary::printReasons() const {
  std::vector<std::pair<int64_t, std::string>> sorted;
  for (const auto &[reason, count] : reasons)
    sorted.push_back({-count, reason});
  llvm::sort(sorted);
  for (const auto &[count, reason] : sorted)
    llvm::outs() << llvm::format("%7d  ", int(-count)) << reason << '\n';
}

void Summary::printLine(double seconds) const {
  llvm::raw_ostream &os = llvm::outs();
  os << all.cases << " cases (";
  llvm::interleave(
      types, os,
      [&](const auto &type) { os << type.second << ' ' << type.first; }, ", ");
  os << ')';
  for (const auto &[schedule, count] : all.ran)
    os << ", " << schedule << ' ' << count;
  for (const auto &[schedule, count] : refused)
    os << ", " << schedule << " refused " << count;
  double total = std::max(times.parse + times.interpret + times.lower +
                              times.codegen + times.run,
                          1e-9) /
                 100;
  os << ", tolerated " << tolerated << ", unbounded " << unbounded
     << ", failures " << failures
     << llvm::format("; %.1f s (parse %.0f%%, interpret %.0f%%, lower %.0f%%, "
                     "codegen %.0f%%, run %.0f%%)\n",
                     seconds, times.parse / total, times.interpret / total,
                     times.lower / total, times.codegen / total,
                     times.run / total);
}
