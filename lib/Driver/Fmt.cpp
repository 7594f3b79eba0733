//===- Fmt.cpp - lrc fmt: canonical layout --------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"
#include "lib/Frontend/Frontend.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/Source.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runFmt();

Command &driver::fmtCommand() {
  static Command command("fmt", "print a .dsf file in canonical layout",
                         runFmt);
  return command;
}

static cl::opt<bool> inPlace("i", cl::desc("rewrite the file"),
                             cl::sub(fmtCommand().sub),
                             cl::cat(fmtCommand().category));
static cl::opt<bool> check("check",
                           cl::desc("write nothing; status 1 when the layout "
                                    "is another"),
                           cl::sub(fmtCommand().sub),
                           cl::cat(fmtCommand().category));
static cl::opt<std::string> output("o", cl::desc("file to write"),
                                   cl::value_desc("FILE"), cl::init("-"),
                                   cl::sub(fmtCommand().sub),
                                   cl::cat(fmtCommand().category));

static int runFmt() {
  const std::string &path = fmtCommand().spec;
  if (llvm::StringRef(path).ends_with(".mlir"))
    return fail(path + ": expected a .dsf file; lrc-opt prints .mlir files");
  if (inPlace + check + (output.getNumOccurrences() > 0) > 1)
    return fail("expected one of -i, --check and -o");
  if (inPlace && path == "-")
    return fail("expected a file to rewrite, got standard input");
  Result<std::unique_ptr<llvm::MemoryBuffer>> buffer = readSource(path);
  if (!buffer)
    return fail(buffer.diagnostics());
  llvm::StringRef text = (*buffer)->getBuffer();

  llvm::SourceMgr sources;
  unsigned id = sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer((*buffer)->getMemBufferRef()),
      llvm::SMLoc());
  frontend::Diagnostics diagnostics(sources);
  ast::File file = frontend::parse(id, diagnostics);
  diagnostics.sort();
  if (diagnostics.hasErrors())
    return fail(toDiagnostics(diagnostics));

  std::string formatted = frontend::format(file);
  if (check) {
    if (formatted == text)
      return good;
    llvm::errs() << path << ": not in canonical layout\n";
    return checkFailed;
  }
  // An unchanged file keeps its time, so that nothing is built anew.
  if (inPlace && formatted == text)
    return good;
  if (llvm::Error error = writeText(inPlace ? path : output, formatted))
    return fail(std::move(error));
  return good;
}
