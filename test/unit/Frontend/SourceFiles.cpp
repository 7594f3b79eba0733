//===- SourceFiles.cpp - Files that the front end is tested on ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Frontend/SourceFiles.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lrc::test;
using llvm::StringRef;

Parsed::Parsed(StringRef text) {
  buffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text, "test.dsf"), {});
  file = frontend::parseAndCheck(buffer, diagnostics);
}

std::vector<std::string> Parsed::getErrors() const {
  std::vector<std::string> errors;
  for (const frontend::Diagnostic &error : diagnostics.getErrors()) {
    llvm::SMDiagnostic message = error.getMessage();
    errors.push_back(std::to_string(message.getLineNo()) + ":" +
                     std::to_string(message.getColumnNo() + 1) + ": " +
                     message.getMessage().str());
  }
  return errors;
}

std::vector<std::string> lrc::test::listFiles(StringRef folder) {
  std::vector<std::string> paths;
  std::error_code error;
  std::string root = (LRC_SOURCE_DIR "/" + folder).str();
  for (llvm::sys::fs::directory_iterator it(root, error), end;
       !error && it != end; it.increment(error))
    if (StringRef(it->path()).ends_with(".dsf"))
      paths.push_back(it->path());
  llvm::sort(paths);
  return paths;
}

std::string lrc::test::readFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// The ```dsf blocks of the manual.
static void addManual(std::vector<std::string> &texts) {
  std::string manual = readFile(LRC_SOURCE_DIR "/lib/Frontend/README.md");
  StringRef rest = manual;
  while (true) {
    rest = rest.split("\n```dsf\n").second;
    if (rest.empty())
      return;
    texts.push_back(rest.split("\n```\n").first.str() + "\n");
  }
}

std::vector<std::string> lrc::test::listGoodTexts() {
  std::vector<std::string> texts;
  for (StringRef folder : {"examples", "test/Frontend"})
    for (const std::string &path : listFiles(folder))
      texts.push_back(readFile(path));
  addManual(texts);
  return texts;
}
