//===- Command.cpp - What the commands share ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"

#include "lib/JIT/Collect.h"

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
  for (const cl::list<std::string> &list : lists)
    for (const std::string &value : list) {
      Result<void> done = options.set(
          std::string_view(list.ArgStr.data(), list.ArgStr.size()), value);
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

void driver::warn(llvm::StringRef file, const llvm::Twine &message) {
  Diagnostic warning = makeError(message);
  warning.severity = Severity::Warning;
  warning.file = file.str();
  report({warning});
}

Diagnostics driver::inFile(llvm::StringRef file, Diagnostics diagnostics) {
  for (Diagnostic &diagnostic : diagnostics)
    if (diagnostic.file.empty())
      diagnostic.file = file.str();
  return diagnostics;
}

llvm::Error driver::writeText(llvm::StringRef path, llvm::StringRef text) {
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &os) -> llvm::Error {
    os << text;
    return llvm::Error::success();
  });
}
