//===- Command.h - What the commands share ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each command has a file, in which its options are declared and which defines
// one function of the list below.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_COMMAND_H
#define LRC_LIB_DRIVER_COMMAND_H

#include "lrc/Options.h"
#include "lrc/Result.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"

#include <deque>

namespace lrc::driver {

enum ExitStatus { good = 0, checkFailed = 1, badInput = 2 };

/// A subcommand with its section of the help.
class Command {
public:
  Command(llvm::StringRef name, llvm::StringRef help, int (*run)());

  llvm::cl::SubCommand sub;
  llvm::cl::OptionCategory category;
  int (*run)();
  /// The file to work on, "-" for standard input.
  llvm::cl::opt<std::string> spec;
};

Command &runCommand();
Command &verifyCommand();
Command &analyzeCommand();
Command &explainCommand();
Command &compileCommand();
Command &benchCommand();
Command &tuneCommand();
Command &fmtCommand();

/// The options of include/lrc/Options.def for a command.
class CompileFlags {
public:
  explicit CompileFlags(Command &command);
  Result<CompileOptions> read() const;

private:
  std::deque<llvm::cl::list<std::string>> lists;
};

/// Prints errors to standard error.
void report(const Diagnostics &diagnostics);
/// Reports the errors and returns the status of bad input.
int fail(const Diagnostics &diagnostics);
int fail(const llvm::Twine &message);
int fail(llvm::Error error);
/// A warning; `file` may be empty, or "-" for standard input.
void warn(llvm::StringRef file, const llvm::Twine &message);

/// Puts `file` in front of errors that have no place.
Diagnostics inFile(llvm::StringRef file, Diagnostics diagnostics);

/// Writes the rest of standard output.
llvm::Error flushOutput(llvm::StringRef text = "");

/// Writes a whole file, or nothing of it; "-" is standard output.
llvm::Error writeText(llvm::StringRef path, llvm::StringRef text);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_COMMAND_H
