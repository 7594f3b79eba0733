//===- Run.cpp - lrc run: compile and run on tensors of files -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"
#include "lib/Driver/Tensors.h"
#include "lib/JIT/Choose.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/Stopwatch.h"
#include "lrc/Program.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runRun();

Command &driver::runCommand() {
  static Command command("run", "compile, run on tensors, save the results",
                         runRun);
  return command;
}

static cl::opt<std::string>
    input("in", cl::desc("inputs, parameters and initial states by name"),
          cl::value_desc("FILE.npz"), cl::sub(runCommand().sub),
          cl::cat(runCommand().category));
static cl::opt<std::string> output("out",
                                   cl::desc("outputs and final states by name"),
                                   cl::value_desc("FILE.npz"),
                                   cl::sub(runCommand().sub),
                                   cl::cat(runCommand().category));
static cl::opt<bool> timing("timing", cl::desc("print how long each part took"),
                            cl::sub(runCommand().sub),
                            cl::cat(runCommand().category));
static CompileFlags flags(runCommand());

static void printTimes(const CompileTimes &times, double run) {
  auto row = [](const char *name, double milliseconds) {
    llvm::errs() << llvm::format("%-12s %10.2f ms\n", name, milliseconds);
  };
  row("parse", times.parse);
  row("specialise", times.specialize);
  row("lower", times.lower);
  row("codegen", times.codegen);
  row("total", times.parse + times.specialize + times.lower + times.codegen);
  row("run", run);
}

/// Compiles for the tensors and runs; the outputs and final states. Tensors
/// that are not needed are taken out of `tensors`, and named in `unused`.
static Result<TensorMap> compute(const Program &program,
                                 const CompileOptions &options,
                                 TensorMap &tensors,
                                 std::vector<std::string> &unused) {
  // All of them, so that a misspelt one can be pointed at.
  Result<Kernel> kernel =
      program.kernelFor(describe(tensors).args(), {}, options);
  if (!kernel)
    return kernel.diagnostics();
  unused = dropUnused(kernel->signature(), options, tensors);
  Described inputs = describe(tensors);
  Result<ResultSpecs> specs = kernel->results(inputs.args());
  if (!specs)
    return specs.diagnostics();
  llvm::Expected<TensorMap> results = allocate(*specs);
  if (!results)
    return toDiagnostics(results.takeError());
  Stopwatch watch;
  Result<void> done = kernel->run(inputs.args(), describe(*results).args());
  if (!done)
    return done.diagnostics();
  if (timing)
    printTimes(kernel->times(), watch.milliseconds());
  return std::move(*results);
}

static int runRun() {
  if (output.empty())
    return fail("expected a file for the results: --out FILE.npz");
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  Result<Program> program = Program::fromFile(runCommand().spec);
  if (!program)
    return fail(program.diagnostics());
  Result<Signature> signature = program->signature(options->recurrence);
  if (!signature)
    return fail(inFile(runCommand().spec, signature.diagnostics()));

  if (llvm::Error error = checkOptions(*signature, *options))
    return fail(std::move(error));

  TensorMap tensors;
  if (!input.empty()) {
    llvm::Expected<TensorMap> read = readTensorInput(input);
    if (!read)
      return fail(read.takeError());
    tensors = std::move(*read);
  }
  std::string file = input.empty() ? runCommand().spec : input;
  nameOnlyInput(*signature, input, tensors);
  castInputs(*signature, options->dtypes, tensors);
  std::vector<std::string> unused;
  Result<TensorMap> results = compute(*program, *options, tensors, unused);
  if (!results)
    return fail(inFile(file, results.diagnostics()));
  if (!unused.empty())
    warn(file, "not used: " + llvm::join(unused, ", "));
  if (llvm::Error error = writeTensorOutput(output, *results))
    return fail(std::move(error));
  return good;
}
