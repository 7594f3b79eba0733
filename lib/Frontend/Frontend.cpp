//===- Frontend.cpp - The .dsf language as a library ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Frontend.h"

#include "lib/Frontend/Lexer.h"
#include "lib/Frontend/Parser.h"

#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;
using namespace lrc::frontend;

ast::File frontend::parse(unsigned buffer, Diagnostics &diagnostics) {
  ast::File file;
  file.sources = &diagnostics.getSources();
  file.buffer = buffer;
  TokenStream stream =
      lex(file.sources->getMemoryBuffer(buffer)->getBuffer(), diagnostics);
  for (const Comment &comment : stream.comments)
    file.comments.push_back(comment.text);
  if (!stream.isText)
    return file;
  file.recurrences = Parser(std::move(stream), diagnostics).parseFile();
  return file;
}

std::optional<ast::File> frontend::parseAndCheck(unsigned buffer,
                                                 Diagnostics &diagnostics) {
  ast::File file = parse(buffer, diagnostics);
  check(file, diagnostics);
  diagnostics.sort();
  if (diagnostics.hasErrors())
    return std::nullopt;
  return file;
}
