//===- Driver.cpp - The command line of lrc -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Driver.h"

#include "lib/Driver/Command.h"
#include "lib/JIT/Threads.h"
#include "lrc/Program.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

int driver::runTool(int argc, char **argv) {
  llvm::setBugReportMsg("lrc has crashed, which is a bug of lrc: please report "
                        "it with the input that led to it\n");
  llvm::InitLLVM init(argc, argv);
  Command *commands[] = {
      &runCommand(),     &verifyCommand(), &analyzeCommand(), &explainCommand(),
      &compileCommand(), &benchCommand(),  &tuneCommand(),    &fmtCommand()};
  // LLVM's own options still work, but they would bury ours in the help.
  static cl::OptionCategory none("Options");
  cl::HideUnrelatedOptions(none);
  for (Command *command : commands)
    cl::HideUnrelatedOptions(command->category, command->sub);
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "lrc " << version() << ", LLVM " << LLVM_VERSION_STRING << '\n';
  });
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "lrc, the compiler for recurrences: lrc COMMAND --help says more\n",
          &llvm::errs()))
    return badInput;
  for (Command *command : commands)
    if (command->sub) {
      if (command->spec.empty())
        return fail("expected a SPEC file: lrc " + command->sub.getName() +
                    " SPEC");
      // OpenMP would end the program on a bad value.
      if (command != &fmtCommand())
        if (llvm::Error error = checkThreadsVariable())
          return fail(std::move(error));
      int status = command->run();
      if (llvm::Error error = flushOutput())
        return fail(std::move(error));
      return status;
    }
  llvm::errs() << "lrc: error: expected a command: run, verify, analyze, "
                  "explain, compile, bench, tune or fmt\n";
  return badInput;
}
