//===- ParserFuzzer.cpp - Any bytes are acceptable input ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Parses, checks and prints the diagnostics of any bytes. What parses must be
// formatted to a text that parses, is a fixed point of the formatter and has
// the same errors.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Frontend.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <vector>

using namespace lrc;
using namespace lrc::frontend;
using llvm::StringRef;

namespace {
struct Outcome {
  std::optional<std::string> formatted; // none after a syntax error
  std::vector<std::string> errors;
};
} // namespace

static Outcome run(StringRef text) {
  Outcome outcome;
  llvm::SourceMgr sources;
  unsigned buffer = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBufferCopy(text), {});
  Diagnostics diagnostics(sources);
  ast::File file = parse(buffer, diagnostics);
  if (!diagnostics.hasErrors())
    outcome.formatted = format(file);
  check(file, diagnostics);
  diagnostics.sort();
  llvm::raw_null_ostream os;
  diagnostics.print(os);
  for (const Diagnostic &error : diagnostics.getErrors())
    outcome.errors.push_back(error.getMessage().getMessage().str());
  return outcome;
}

static void require(bool condition, const char *message, StringRef text) {
  if (condition)
    return;
  llvm::errs() << message << ":\n" << text << "\n";
  std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  StringRef text(reinterpret_cast<const char *>(data), size);
  Outcome first = run(text);
  if (!first.formatted)
    return 0;
  Outcome second = run(*first.formatted);
  require(second.formatted.has_value(), "does not parse", *first.formatted);
  require(second.formatted == first.formatted, "not a fixed point",
          *first.formatted);
  require(second.errors == first.errors, "other errors", *first.formatted);
  return 0;
}
