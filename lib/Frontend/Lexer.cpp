//===- Lexer.cpp - Tokens of the .dsf language ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Lexer.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/ConvertUTF.h"

using namespace lrc::frontend;
using llvm::SMLoc;
using llvm::SMRange;
using llvm::StringRef;

static constexpr size_t maxNameLength = 128;
static constexpr size_t maxNumberLength = 64;

bool Token::isKeyword() const { return lrc::frontend::isKeyword(text); }

static StringRef getSpelling(TokenKind kind) {
  switch (kind) {
#define LRC_KEYWORD(NAME, SPELLING)                                            \
  case TokenKind::Kw##NAME:                                                    \
    return SPELLING;
#define LRC_PUNCTUATION(NAME, SPELLING)                                        \
  case TokenKind::NAME:                                                        \
    return SPELLING;
#include "lib/Frontend/Tokens.def"
  default:
    return "";
  }
}

std::string lrc::frontend::describe(TokenKind kind) {
  switch (kind) {
  case TokenKind::Eof:
    return "end of file";
  case TokenKind::Newline:
    return "end of line";
  case TokenKind::Identifier:
    return "a name";
  case TokenKind::Number:
    return "a number";
  default:
    return ("'" + getSpelling(kind) + "'").str();
  }
}

std::string Token::describe() const {
  if (isAny(TokenKind::Identifier, TokenKind::Number))
    return ("'" + text + "'").str();
  return lrc::frontend::describe(kind);
}

static TokenKind getKeyword(StringRef text) {
  return llvm::StringSwitch<TokenKind>(text)
#define LRC_KEYWORD(NAME, SPELLING) .Case(SPELLING, TokenKind::Kw##NAME)
#include "lib/Frontend/Tokens.def"
      .Default(TokenKind::Identifier);
}

bool lrc::frontend::isKeyword(StringRef name) {
  return getKeyword(name) != TokenKind::Identifier;
}

namespace {

bool isNameStart(char c) { return llvm::isAlpha(c) || c == '_'; }
bool isNamePart(char c) { return llvm::isAlnum(c) || c == '_'; }

class Lexer {
public:
  Lexer(StringRef buffer, Diagnostics &diagnostics)
      : rest(buffer), diagnostics(diagnostics) {
    rest.consume_front("\xEF\xBB\xBF"); // a byte order mark
  }

  TokenStream run();

private:
  /// The next `size` bytes, which are then gone.
  StringRef take(size_t size);
  void push(TokenKind kind, size_t size) {
    stream.tokens.push_back({kind, take(size)});
  }
  void lexComment();
  void lexName();
  void lexNumber();
  bool lexPunctuation();
  void lexGarbage();

  StringRef rest;
  Diagnostics &diagnostics;
  TokenStream stream;
  const char *garbageEnd = nullptr; // of the line with the last bad byte
};

} // namespace

static SMRange rangeOf(StringRef text) {
  return {SMLoc::getFromPointer(text.begin()),
          SMLoc::getFromPointer(text.end())};
}

StringRef Lexer::take(size_t size) {
  StringRef text = rest.take_front(size);
  rest = rest.drop_front(size);
  return text;
}

TokenStream Lexer::run() {
  while (!rest.empty() && stream.isText) {
    char c = rest.front();
    if (c == '\n')
      push(TokenKind::Newline, 1);
    else if (c == ' ' || c == '\t' || c == '\r')
      take(1);
    else if (c == '#')
      lexComment();
    else if (isNameStart(c))
      lexName();
    else if (llvm::isDigit(c))
      lexNumber();
    else if (!lexPunctuation())
      lexGarbage();
  }
  push(TokenKind::Eof, 0);
  return std::move(stream);
}

void Lexer::lexComment() {
  StringRef text = take(std::min(rest.find('\n'), rest.size()));
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  const auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  if (text.contains('\0') || !llvm::isLegalUTF8String(&begin, end))
    diagnostics.error(rangeOf(text), "comment is not UTF-8 text");
  stream.comments.push_back({text.rtrim(" \t\r\v\f")});
}

void Lexer::lexName() {
  StringRef text = take(rest.take_while(isNamePart).size());
  if (text.size() > maxNameLength)
    diagnostics.error(rangeOf(text), "name is longer than " +
                                         llvm::Twine(maxNameLength) +
                                         " characters");
  stream.tokens.push_back({getKeyword(text), text});
}

/// digits [ '.' digits ] [ ('e' | 'E') [ '+' | '-' ] digits ]
void Lexer::lexNumber() {
  auto digitsAt = [&](size_t start) {
    return rest.drop_front(std::min(start, rest.size()))
        .take_while(llvm::isDigit)
        .size();
  };
  auto charAt = [&](size_t i) { return i < rest.size() ? rest[i] : '\0'; };
  size_t size = digitsAt(0);
  if (charAt(size) == '.') {
    size += 1;
    size += digitsAt(size);
  }
  if (charAt(size) == 'e' || charAt(size) == 'E') {
    size_t exponent = size + 1;
    if (charAt(exponent) == '+' || charAt(exponent) == '-')
      ++exponent;
    if (size_t digits = digitsAt(exponent))
      size = exponent + digits;
  }
  StringRef text = rest.take_front(size);
  size_t glued = rest.drop_front(size).take_while(isNamePart).size();
  if (glued) {
    StringRef all = take(size + glued);
    diagnostics
        .error(rangeOf(all), "expected an operator between '" + text +
                                 "' and '" + all.drop_front(size) + "'")
        .fix(rangeOf(all), text + " * " + all.drop_front(size));
  } else {
    take(size);
    if (text.ends_with("."))
      diagnostics.error(rangeOf(text), "expected a digit after '" + text + "'")
          .fix(rangeOf(text), text + "0");
    else if (size > maxNumberLength)
      diagnostics.error(rangeOf(text), "number has more than " +
                                           llvm::Twine(maxNumberLength) +
                                           " characters");
  }
  stream.tokens.push_back({TokenKind::Number, text});
}

bool Lexer::lexPunctuation() {
#define LRC_PUNCTUATION(NAME, SPELLING)                                        \
  if (rest.starts_with(SPELLING)) {                                            \
    push(TokenKind::NAME, StringRef(SPELLING).size());                         \
    return true;                                                               \
  }
#include "lib/Frontend/Tokens.def"
  return false;
}

/// Reports a run of characters that belong to no token as one error.
void Lexer::lexGarbage() {
  StringRef text =
      take(rest.take_while([](char c) {
                 return !llvm::isSpace(c) && !isNamePart(c) &&
                        !llvm::is_contained("#{}()[],;:=<>+-*/%^", c);
               })
               .size());
  // What `take_while` stopped at without progress: '\v', '\f', '!'.
  if (text.empty())
    text = take(1);
  const auto *begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  const auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  bool printable =
      llvm::isLegalUTF8String(&begin, end) && llvm::none_of(text, [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == 127;
      });
  stream.tokens.push_back({TokenKind::Error, text});
  SMRange range = rangeOf(text);
  if (!printable || text.size() > 32) {
    // One complaint is enough for a file that is not text; one a line for text
    // of another kind.
    stream.isText &= printable;
    if (text.begin() >= garbageEnd)
      diagnostics.error(range,
                        "unexpected byte 0x" + llvm::toHex(text.take_front(1)));
    garbageEnd = text.end() + std::min(rest.find('\n'), rest.size());
    return;
  }
  if (text == "!")
    diagnostics.error(range, "unexpected '!': write 'not', or '!=' to compare")
        .fix(range, "not");
  else if (text == ".")
    diagnostics.error(range, "unexpected '.': a number starts with a digit")
        .fix(range, "0.");
  else if (text == "&&" || text == "||" || text == "&" || text == "|")
    diagnostics.error(range, "unexpected '" + text + "': write '" +
                                 (text[0] == '&' ? "and" : "or") + "'");
  else
    diagnostics.error(range, "unexpected '" + text + "'");
}

TokenStream lrc::frontend::lex(StringRef buffer, Diagnostics &diagnostics) {
  return Lexer(buffer, diagnostics).run();
}
