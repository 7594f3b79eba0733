//===- HostileTest.cpp - Texts that are made to break the front end -------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Frontend/SourceFiles.h"

#include "gtest/gtest.h"

using namespace lrc::test;

static std::string repeat(const std::string &text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

static std::string wrap(const std::string &expr) {
  return "recurrence r {\n  in x\n  state s\n  out o = " + expr + "\n}\n";
}

static void expectOne(const std::string &text, const std::string &message) {
  std::vector<std::string> errors = Parsed(text).getErrors();
  ASSERT_EQ(errors.size(), 1u) << errors.front();
  EXPECT_NE(errors.front().find(message), std::string::npos) << errors.front();
}

TEST(Hostile, DeepNesting) {
  constexpr size_t deep = 100000;
  const char *levels = "nested more than 200 levels deep";
  expectOne(wrap(repeat("(", deep)), levels);
  expectOne(wrap(repeat("(", deep) + "x" + repeat(")", deep)), levels);
  expectOne(wrap(repeat("-", deep) + "x"), levels);
  expectOne(wrap(repeat("not ", deep) + "x"), levels);
  expectOne(wrap(repeat("exp(", deep)), levels);
  expectOne(wrap(repeat("x[", deep)), levels);
  expectOne(wrap(repeat("2^", deep) + "x"), levels);
  expectOne(wrap(repeat("sum[i in 2] ", deep) + "x"), levels);
  expectOne(wrap(repeat("delay(x, ", deep)), levels);
  std::string loops = "recurrence r {\n  in x\n  state s\n";
  for (size_t i = 0; i < deep; ++i)
    loops += "for r" + std::to_string(i) + " in 2 {\n";
  expectOne(loops + repeat("}\n", deep + 1), levels);
}

TEST(Hostile, LongChains) {
  const char *levels = "expression has more than 1000 levels";
  expectOne(wrap("x" + repeat(" + x", 100000)), levels);
  expectOne(wrap("x" + repeat(" * x", 100000)), levels);
  EXPECT_TRUE(Parsed(wrap("x" + repeat(" + x", 900))).file.has_value());
}

TEST(Hostile, ManyErrorsStop) {
  std::string text = "recurrence r {\n";
  for (int i = 0; i < 1000; ++i)
    text += "  let a" + std::to_string(i) + " = b" + std::to_string(i) + "\n";
  std::vector<std::string> errors = Parsed(text + "}\n").getErrors();
  EXPECT_EQ(errors.size(), lrc::frontend::Diagnostics::maxErrors + 1);
}

TEST(Hostile, LongTexts) {
  expectOne(wrap(repeat("9", 100000)), "more than 64 characters");
  expectOne(wrap(repeat("a", 100000)), "longer than 128 characters");
  expectOne(repeat("\xff", 100000), "unexpected byte 0xFF");
  expectOne(repeat("}", 100000), "expected 'recurrence NAME {'");
  EXPECT_TRUE(Parsed(repeat("\n", 100000)).file.has_value());
  EXPECT_TRUE(Parsed("#" + repeat("#", 100000)).file.has_value());
  EXPECT_TRUE(Parsed(wrap("x  #" + repeat("x", 100000))).file.has_value());
}

TEST(Hostile, EveryByte) {
  for (int c = 0; c < 256; ++c) {
    std::string byte(1, char(c));
    // Whatever comes out: no crash, and an error or a tree.
    for (const std::string &text :
         {byte, wrap(byte), wrap("x" + byte + "x"), wrap("x") + byte,
          "recurrence " + byte, "recurrence r {" + byte + "}"}) {
      Parsed parsed(text);
      EXPECT_EQ(parsed.file.has_value(), parsed.getErrors().empty());
    }
  }
}

TEST(Hostile, NumbersInSubscripts) {
  std::string head = "recurrence r {\n  dim K\n  in q[K]\n  out o = ";
  for (const char *index :
       {"9223372036854775807", "9999999999999999999999", "1e30",
        "-9223372036854775807 - 2", "4294967296 * 4294967296", "1 / (0 * K)",
        "1 % (K - K)", "0 / 0"})
    EXPECT_FALSE(Parsed(head + "q[" + index + "]\n}\n").file) << index;
}
