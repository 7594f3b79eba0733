//===- WorkersTest.cpp - Crashes and hangs are reported -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Workers.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <cstdlib>
#include <map>

using namespace lrc::sampling;

TEST(Workers, ReportEachPiece) {
  std::map<int64_t, Report> reports;
  runInProcesses(
      40, 3, 2,
      [](int64_t number) -> std::string {
        if (number == 7) {
          fprintf(stderr, "seven is bad\n");
          abort();
        }
        for (volatile bool forever = number == 9; forever;)
          ;
        return std::string(size_t(number) * 1000, 'x');
      },
      [&](int64_t number, Report report) { reports[number] = report; });
  ASSERT_EQ(reports.size(), 40u);
  for (const auto &[number, report] : reports) {
    if (number == 7) {
      EXPECT_EQ(report.kind, Report::Kind::Crashed);
      EXPECT_NE(report.text.find("seven is bad"), std::string::npos);
      EXPECT_NE(report.text.find("Aborted"), std::string::npos);
    } else if (number == 9) {
      EXPECT_EQ(report.kind, Report::Kind::TimedOut);
    } else {
      EXPECT_EQ(report.kind, Report::Kind::Done);
      EXPECT_EQ(report.text.size(), size_t(number) * 1000);
    }
  }
}
