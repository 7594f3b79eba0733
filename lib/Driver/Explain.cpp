//===- Explain.cpp - lrc explain: the derived equations -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Explain.h"
#include "lib/Driver/AssumedSizes.h"
#include "lib/Driver/Command.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runExplain();

Command &driver::explainCommand() {
  static Command command("explain", "the derived equations of a recurrence",
                         runExplain);
  return command;
}

static cl::opt<bool> latex("latex", cl::desc("write LaTeX, a whole document"),
                           cl::sub(explainCommand().sub),
                           cl::cat(explainCommand().category));
static cl::opt<bool> markdown("md", cl::desc("write Markdown (default)"),
                              cl::sub(explainCommand().sub),
                              cl::cat(explainCommand().category));
static cl::opt<std::string> output("o", cl::desc("file to write"),
                                   cl::value_desc("FILE"), cl::init("-"),
                                   cl::sub(explainCommand().sub),
                                   cl::cat(explainCommand().category));
static CompileFlags flags(explainCommand());

/// Parameters stay symbols, defaults or not, unless a value was given.
static Result<void> explainOne(Program &program, CompileOptions options,
                               Document &document) {
  Result<Signature> signature = program.signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  completeSizes(*signature, options);
  for (const Field &field : signature->fields)
    if (field.role == Field::Role::Param && field.hasDefault &&
        !options.scalars.count(field.name))
      options.tensors.insert(field.name);
  llvm::Expected<KernelRequest> request = requestFor(*signature, options);
  if (!request)
    return toDiagnostics(request.takeError());
  Result<Specialized> specialized = program.getImpl()->specialize(*request);
  if (!specialized)
    return specialized.diagnostics();
  Result<dsf::RecurrenceOp> source =
      program.getImpl()->find(options.recurrence);
  if (!source)
    return source.diagnostics();
  explain(specialized->recurrence, *source, document);
  return {};
}

static int runExplain() {
  if (latex && markdown)
    return fail("expected one of --latex and --md");
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  const std::string &spec = explainCommand().spec;
  Result<Program> program = Program::fromFile(spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty())
    names = {options->recurrence};
  Document document;
  for (const std::string &name : names) {
    options->recurrence = name;
    Result<void> done = explainOne(*program, *options, document);
    if (!done)
      return fail(inFile(spec, done.diagnostics()));
  }
  llvm::Error error = writeText(
      output, document.render(latex ? Format::Latex : Format::Markdown));
  return error ? fail(std::move(error)) : int(good);
}
