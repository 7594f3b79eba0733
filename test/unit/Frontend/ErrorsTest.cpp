//===- ErrorsTest.cpp - What the front end says about broken files --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each file in test/Frontend/errors starts with `# expected-error: line:column:
// message` for every error in it, in order. No other may be reported.
//
//===----------------------------------------------------------------------===//

#include "test/unit/Frontend/SourceFiles.h"

#include "gtest/gtest.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc::test;
using llvm::StringRef;

static std::vector<std::string> getExpected(StringRef text) {
  std::vector<std::string> expected;
  while (text.consume_front("# expected-error: ")) {
    StringRef line;
    std::tie(line, text) = text.split('\n');
    expected.push_back(line.rtrim('\r').str());
  }
  return expected;
}

TEST(Errors, AreTheExpectedOnes) {
  std::vector<std::string> paths = listFiles("test/Frontend/errors");
  EXPECT_GE(paths.size(), 60u);
  for (const std::string &path : paths) {
    SCOPED_TRACE(llvm::sys::path::filename(path).str());
    std::string text = readFile(path);
    EXPECT_FALSE(getExpected(text).empty());
    EXPECT_EQ(Parsed(text).getErrors(), getExpected(text));
  }
}

/// A file that is cut off anywhere is reported, printed, and nothing worse.
TEST(Errors, TruncatedExamples) {
  for (const std::string &path : listFiles("examples")) {
    std::string text = readFile(path);
    for (size_t size = 0; size < text.size(); size += 7) {
      Parsed parsed(StringRef(text).take_front(size));
      std::string printed;
      llvm::raw_string_ostream os(printed);
      parsed.diagnostics.print(os);
      EXPECT_EQ(parsed.file.has_value(), printed.empty());
    }
  }
}

TEST(Errors, NotesPointAtTheOtherParty) {
  Parsed parsed("recurrence r {\n  dim K, V\n  in q[K], v[V]\n"
                "  out o[i] = q[i] * v[i]\n}\n");
  ASSERT_EQ(parsed.diagnostics.getErrors().size(), 1u);
  const auto &notes = parsed.diagnostics.getErrors().front().getNotes();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes.front().getLineNo(), 4);
  EXPECT_EQ(notes.front().getColumnNo(), 15);
  EXPECT_EQ(notes.front().getMessage(), "it ranges over K here");
}

TEST(Errors, FixesReplaceTheWord) {
  Parsed parsed("recurrence r {\n  in gate\n  out o = gaet\n}\n");
  ASSERT_EQ(parsed.diagnostics.getErrors().size(), 1u);
  llvm::SMDiagnostic message =
      parsed.diagnostics.getErrors().front().getMessage();
  ASSERT_EQ(message.getFixIts().size(), 1u);
  EXPECT_EQ(message.getFixIts()[0].getText(), "gate");
}
