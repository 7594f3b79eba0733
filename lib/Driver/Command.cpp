//===- Command.cpp - What the commands share ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"

#include "lib/JIT/Collect.h"
#include "lib/Support/ReplaceFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

Command::Command(llvm::StringRef name, llvm::StringRef help, int (*run)())
    : sub(name, help), category("Options"), run(run),
      spec(cl::Positional, cl::desc("SPEC"), cl::sub(sub), cl::cat(category)) {}

CompileFlags::CompileFlags(Command &command) {
#define LRC_OPTION(MEMBER, TYPE, DEFAULT, NAME, VALUE, HELP)                   \
  lists.emplace_back(NAME, cl::desc(HELP), cl::value_desc(VALUE),              \
                     cl::sub(command.sub), cl::cat(command.category));
#include "lrc/Options.def"
}

Result<CompileOptions> CompileFlags::read() const {
  CompileOptions options;
  for (const cl::list<std::string> &list : lists) {
    if (list.empty())
      continue;
    // An option that is given twice is one list, so that repeats are found.
    Result<void> done =
        options.set(std::string_view(list.ArgStr.data(), list.ArgStr.size()),
                    llvm::join(list, ","));
    if (!done)
      return done.diagnostics();
  }
  return options;
}

void driver::report(const Diagnostics &diagnostics) {
  llvm::errs() << render(diagnostics);
}

int driver::fail(const Diagnostics &diagnostics) {
  report(diagnostics);
  return badInput;
}

int driver::fail(const llvm::Twine &message) {
  return fail(Diagnostics{makeError(message)});
}

int driver::fail(llvm::Error error) {
  return fail(toDiagnostics(std::move(error)));
}

/// How messages call a file.
static std::string nameOf(llvm::StringRef path) {
  return path == "-" ? "<stdin>" : path.str();
}

void driver::warn(llvm::StringRef file, const llvm::Twine &message) {
  Diagnostic warning = makeError(message);
  warning.severity = Severity::Warning;
  warning.file = nameOf(file);
  report({warning});
}

Diagnostics driver::inFile(llvm::StringRef file, Diagnostics diagnostics) {
  for (Diagnostic &diagnostic : diagnostics)
    if (diagnostic.file.empty())
      diagnostic.file = nameOf(file);
  return diagnostics;
}

/// The error of a stream, which would end the program otherwise.
static llvm::Error takeError(llvm::raw_fd_ostream &os) {
  std::error_code code = os.error();
  os.clear_error();
  return llvm::errorCodeToError(code);
}

llvm::Error driver::flushOutput(llvm::StringRef text) {
  llvm::outs() << text;
  llvm::outs().flush();
  if (llvm::Error error = takeError(llvm::outs()))
    return llvm::createStringError("standard output: " +
                                   llvm::toString(std::move(error)));
  return llvm::Error::success();
}

llvm::Error driver::writeText(llvm::StringRef path, llvm::StringRef text) {
  auto write = [&](llvm::raw_fd_ostream &os) {
    os << text;
    os.flush();
    return takeError(os);
  };
  auto inOutput = [&](llvm::Error error) {
    if (!error)
      return error;
    return llvm::createStringError("'" + path +
                                   "': " + llvm::toString(std::move(error)));
  };
  if (path == "-")
    return flushOutput(text);
  llvm::sys::fs::file_status status;
  bool exists = !llvm::sys::fs::status(path, status);
  // A device or a pipe is written to, not replaced.
  if (exists && !llvm::sys::fs::is_regular_file(status)) {
    std::error_code code;
    llvm::raw_fd_ostream os(path, code, llvm::sys::fs::CD_OpenExisting,
                            llvm::sys::fs::FA_Write, llvm::sys::fs::OF_None);
    return inOutput(code ? llvm::errorCodeToError(code) : write(os));
  }
  return inOutput(
      replaceFile(path, [&](const llvm::sys::fs::TempFile &temporary) {
        llvm::raw_fd_ostream os(temporary.FD, /*shouldClose=*/false);
        return write(os);
      }));
}
