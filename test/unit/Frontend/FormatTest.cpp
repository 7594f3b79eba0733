//===- FormatTest.cpp - Canonical layout ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Lexer.h"
#include "test/unit/Frontend/SourceFiles.h"

#include "gtest/gtest.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::test;
using llvm::StringRef;

static std::string formatText(StringRef text) {
  Parsed parsed(text);
  EXPECT_EQ(parsed.getErrors(), std::vector<std::string>()) << text.str();
  return parsed.file ? format(*parsed.file) : "";
}

/// What the layout may not change: all tokens but the ends of lines. Doubled
/// parentheses are the one thing that formatting removes.
static std::string getTokens(StringRef text) {
  llvm::SourceMgr sources;
  unsigned id = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text), {});
  Diagnostics diagnostics(sources);
  std::string tokens;
  for (const Token &token :
       lex(sources.getMemoryBuffer(id)->getBuffer(), diagnostics).tokens)
    if (!token.isAny(TokenKind::Newline, TokenKind::Semicolon))
      tokens += (token.text + " ").str();
  return tokens;
}

TEST(Format, KeepsMeaningAndIsIdempotent) {
  for (const std::string &text : listGoodTexts()) {
    std::string formatted = formatText(text);
    EXPECT_EQ(formatText(formatted), formatted);
    EXPECT_EQ(getTokens(formatted), getTokens(text));
  }
}

TEST(Format, ExamplesAreCanonical) {
  for (const std::string &path : listFiles("examples")) {
    std::string text = readFile(path);
    EXPECT_EQ(formatText(text), text);
  }
}

TEST(Format, Layout) {
  EXPECT_EQ(formatText("recurrence   r{dim K,V;in q [ K ],g[K]in(-inf ,0]\n\n\n"
                       "state S[K,V]\n"
                       "S[ i,j ]<-exp( g[i])*S[i , j]\n;;\n"
                       "for r in 2{S[i,j]<-((S[i,j]))}\n"
                       "out o[ j ]=sum [i]q[i]*S[i,j]^-2  }"),
            "recurrence r {\n"
            "  dim K, V\n"
            "  in q[K], g[K] in (-inf, 0]\n"
            "\n"
            "  state S[K,V]\n"
            "  S[i,j] <- exp(g[i]) * S[i,j]\n"
            "  for r in 2 {\n"
            "    S[i,j] <- (S[i,j])\n"
            "  }\n"
            "  out o[j] = sum[i] q[i] * S[i,j] ^ -2\n"
            "}\n");
}

TEST(Format, Subscripts) {
  EXPECT_EQ(formatText("recurrence r {\n  dim K, W\n  in q[K]\n"
                       "  param w[K , W]\n"
                       "  out o[i] = sum[j in W]w[ i,W - 1-j ]*q[ i / 2 ]\n}"),
            "recurrence r {\n  dim K, W\n  in q[K]\n  param w[K,W]\n"
            "  out o[i] = sum[j in W] w[i, W - 1 - j] * q[i/2]\n}\n");
}

TEST(Format, Comments) {
  const char *canonical = "# before\n"
                          "\n"
                          "# head\n"
                          "recurrence r {  # opens\n"
                          "  # first\n"
                          "  in x           # short\n"
                          "  in yyyyyyyyyy  # long, and it\n"
                          "                 # goes on here\n"
                          "\n"
                          "  # alone\n"
                          "  out o = x * yyyyyyyyyy\n"
                          "  # last\n"
                          "}  # closes\n"
                          "\n"
                          "# after\n";
  std::string formatted = formatText("# before\n\n\n# head\n"
                                     "recurrence r { # opens\n\n# first\n"
                                     "in x # short\n"
                                     "in yyyyyyyyyy # long, and it\n"
                                     "              # goes on here\n\n\n"
                                     "# alone\n"
                                     "out o = x*yyyyyyyyyy\n# last\n\n"
                                     "} # closes\n\n# after");
  EXPECT_EQ(formatted, canonical);
  EXPECT_EQ(formatText(formatted), canonical);
}

TEST(Format, CommentsInsideItems) {
  std::string formatted = formatText("recurrence r {\n"
                                     "  in x, # one\n     y # two\n"
                                     "  out o = x + # three\n    y # four\n"
                                     "}\n");
  EXPECT_EQ(formatted, "recurrence r {\n"
                       "  in x,  # one\n"
                       "     y   # two\n"
                       "  # three\n"
                       "  out o = x + y  # four\n"
                       "}\n");
  EXPECT_EQ(formatText(formatted), formatted);
}

TEST(Format, LongLines) {
  std::string sum = "  out o = xxxxxxxxxxxxxxxx";
  for (int i = 0; i < 12; ++i)
    sum += " + exp(xxxxxxxxxxxxxxxx * 2)";
  std::string formatted =
      formatText("recurrence r {\n  in xxxxxxxxxxxxxxxx\n" + sum + "\n}\n");
  llvm::SmallVector<StringRef> lines;
  StringRef(formatted).split(lines, '\n');
  for (StringRef line : lines)
    EXPECT_LE(line.size(), 80u);
  EXPECT_GT(lines.size(), 6u);
  EXPECT_EQ(formatText(formatted), formatted);
}
