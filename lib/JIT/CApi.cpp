//===- CApi.cpp - The C API over the C++ API ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lrc-c/lrc.h"

#include "lib/JIT/Collect.h"
#include "lib/JIT/DLPack.h"
#include "lrc/Program.h"

#include <new>

using namespace lrc;

struct lrc_error {
  Diagnostics diagnostics;
  std::string text;
};

struct lrc_program {
  Program program;
  std::vector<std::string> names;
};

struct lrc_signature {
  Signature signature;
  /// The axes of every tensor as text.
  std::vector<std::vector<std::string>> axes;
};

struct lrc_options {
  CompileOptions options;
};

struct lrc_compiled {
  Kernel kernel;
};

static lrc_error *makeCError(const Diagnostics &diagnostics) {
  return new lrc_error{diagnostics, render(diagnostics)};
}

static lrc_error *makeCError(const llvm::Twine &message) {
  return makeCError(Diagnostics{makeError(message)});
}

static lrc_error *toCError(const Result<void> &result) {
  return result ? nullptr : makeCError(result.diagnostics());
}

//===----------------------------------------------------------------------===//
// Versions and errors
//===----------------------------------------------------------------------===//

int lrc_api_version(void) { return LRC_C_API_VERSION; }

const char *lrc_version(void) { return version(); }

void lrc_error_destroy(lrc_error *error) { delete error; }

const char *lrc_error_text(const lrc_error *error) {
  return error ? error->text.c_str() : "";
}

size_t lrc_error_count(const lrc_error *error) {
  return error ? error->diagnostics.size() : 0;
}

/// An empty diagnostic beyond the last.
static const Diagnostic &at(const lrc_error *error, size_t index) {
  static const Diagnostic none;
  return index < lrc_error_count(error) ? error->diagnostics[index] : none;
}

const char *lrc_error_message(const lrc_error *error, size_t index) {
  return at(error, index).message.c_str();
}

const char *lrc_error_file(const lrc_error *error, size_t index) {
  return at(error, index).file.c_str();
}

unsigned lrc_error_line(const lrc_error *error, size_t index) {
  return at(error, index).line;
}

unsigned lrc_error_column(const lrc_error *error, size_t index) {
  return at(error, index).column;
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

static lrc_error *finish(Result<Program> parsed, lrc_program **program) {
  if (!parsed)
    return makeCError(parsed.diagnostics());
  *program = new lrc_program{*parsed, parsed->recurrences()};
  return nullptr;
}

lrc_error *lrc_program_from_file(const char *path, lrc_program **program) {
  if (!path || !program)
    return makeCError("expected a path and a place for the program, got NULL");
  return finish(Program::fromFile(path), program);
}

lrc_error *lrc_program_from_string(const char *text, const char *name,
                                   lrc_program **program) {
  if (!text || !program)
    return makeCError("expected a text and a place for the program, got NULL");
  return finish(Program::fromString(text, name ? name : "<string>"), program);
}

void lrc_program_destroy(lrc_program *program) { delete program; }

size_t lrc_program_recurrence_count(const lrc_program *program) {
  return program ? program->names.size() : 0;
}

const char *lrc_program_recurrence(const lrc_program *program, size_t index) {
  return index < lrc_program_recurrence_count(program)
             ? program->names[index].c_str()
             : "";
}

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

lrc_error *lrc_program_signature(const lrc_program *program,
                                 const char *recurrence,
                                 lrc_signature **signature) {
  if (!program || !signature)
    return makeCError(
        "expected a program and a place for the signature, got NULL");
  Result<Signature> found =
      program->program.signature(recurrence ? recurrence : "");
  if (!found)
    return makeCError(found.diagnostics());
  auto *result = new lrc_signature{*found, {}};
  // What the compiler made for itself is not the caller's business.
  llvm::erase_if(result->signature.fields,
                 [](const Field &field) { return field.hidden; });
  for (const Field &field : result->signature.fields) {
    std::vector<std::string> &axes = result->axes.emplace_back();
    for (const Extent &extent : field.extents)
      axes.push_back(extent.dim.empty() ? std::to_string(extent.size)
                                        : extent.dim);
  }
  *signature = result;
  return nullptr;
}

void lrc_signature_destroy(lrc_signature *signature) { delete signature; }

size_t lrc_signature_tensor_count(const lrc_signature *signature) {
  return signature ? signature->signature.fields.size() : 0;
}

/// An empty field beyond the last.
static const Field &at(const lrc_signature *signature, size_t index) {
  static const Field none;
  return index < lrc_signature_tensor_count(signature)
             ? signature->signature.fields[index]
             : none;
}

const char *lrc_signature_name(const lrc_signature *signature, size_t index) {
  return at(signature, index).name.c_str();
}

lrc_role lrc_signature_role(const lrc_signature *signature, size_t index) {
  switch (at(signature, index).role) {
  case Field::Role::Input:
    return LRC_INPUT;
  case Field::Role::Param:
    return LRC_PARAM;
  case Field::Role::State:
    return LRC_STATE;
  case Field::Role::Output:
    return LRC_OUTPUT;
  }
  return LRC_INPUT;
}

DLDataType lrc_signature_dtype(const lrc_signature *signature, size_t index) {
  return toDLDataType(toDType(at(signature, index).storage));
}

size_t lrc_signature_axis_count(const lrc_signature *signature, size_t index) {
  return at(signature, index).extents.size();
}

const char *lrc_signature_axis(const lrc_signature *signature, size_t index,
                               size_t axis) {
  return axis < lrc_signature_axis_count(signature, index)
             ? signature->axes[index][axis].c_str()
             : "";
}

int lrc_signature_is_optional(const lrc_signature *signature, size_t index) {
  const Field &field = at(signature, index);
  return field.role == Field::Role::State || field.hasDefault;
}

int lrc_signature_is_final(const lrc_signature *signature, size_t index) {
  return at(signature, index).isFinal;
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

lrc_options *lrc_options_create(void) { return new (std::nothrow) lrc_options; }

void lrc_options_destroy(lrc_options *options) { delete options; }

lrc_error *lrc_options_set(lrc_options *options, const char *name,
                           const char *value) {
  if (!options || !name || !value)
    return makeCError("expected options, a name and a value, got NULL");
  return toCError(options->options.set(name, value));
}

namespace {
struct OptionText {
  const char *name;
  const char *help;
};
} // namespace

static constexpr OptionText optionTexts[] = {
#define LRC_OPTION(MEMBER, TYPE, DEFAULT, NAME, VALUE, HELP) {NAME, HELP},
#include "lrc/Options.def"
};

const char *lrc_option_name(size_t index) {
  return index < std::size(optionTexts) ? optionTexts[index].name : nullptr;
}

const char *lrc_option_help(size_t index) {
  return index < std::size(optionTexts) ? optionTexts[index].help : nullptr;
}

//===----------------------------------------------------------------------===//
// Compiling and running
//===----------------------------------------------------------------------===//

static Result<TensorArgs> toArgs(const lrc_argument *arguments, size_t count) {
  TensorArgs args;
  if (count && !arguments)
    return makeError("expected arguments, got NULL");
  for (size_t i = 0; i < count; ++i) {
    if (!arguments[i].name)
      return makeError("expected a name for argument " + llvm::Twine(i) +
                       ", got NULL");
    if (!args.emplace(arguments[i].name, arguments[i].tensor).second)
      return makeError(llvm::Twine(arguments[i].name) +
                       ": expected one tensor of this name, got two");
  }
  return args;
}

static CompileOptions optionsOf(const lrc_options *options) {
  return options ? options->options : CompileOptions();
}

static lrc_error *finish(const Result<Kernel> &kernel,
                         lrc_compiled **compiled) {
  if (!kernel)
    return makeCError(kernel.diagnostics());
  *compiled = new lrc_compiled{*kernel};
  return nullptr;
}

lrc_error *lrc_compile(const lrc_program *program, const lrc_options *options,
                       lrc_compiled **compiled) {
  if (!program || !compiled)
    return makeCError(
        "expected a program and a place for the kernel, got NULL");
  return finish(program->program.compile(optionsOf(options)), compiled);
}

lrc_error *lrc_compile_for(const lrc_program *program,
                           const lrc_options *options,
                           const lrc_argument *inputs, size_t input_count,
                           lrc_compiled **compiled) {
  if (!program || !compiled)
    return makeCError(
        "expected a program and a place for the kernel, got NULL");
  Result<TensorArgs> args = toArgs(inputs, input_count);
  if (!args)
    return makeCError(args.diagnostics());
  return finish(program->program.kernelFor(*args, {}, optionsOf(options)),
                compiled);
}

void lrc_compiled_destroy(lrc_compiled *compiled) { delete compiled; }

lrc_error *lrc_compiled_result(const lrc_compiled *compiled,
                               const lrc_argument *inputs, size_t input_count,
                               const char *name, int64_t *shape, size_t *rank,
                               DLDataType *dtype) {
  if (!compiled || !name || !rank || !dtype || (*rank && !shape))
    return makeCError("expected a kernel, a name and places for the result, "
                      "got NULL");
  Result<TensorArgs> args = toArgs(inputs, input_count);
  if (!args)
    return makeCError(args.diagnostics());
  Result<ResultSpecs> specs = compiled->kernel.results(*args);
  if (!specs)
    return makeCError(specs.diagnostics());
  for (const auto *list : {&specs->outputs, &specs->finals})
    for (const TensorSpec &spec : *list) {
      if (spec.name != name)
        continue;
      for (size_t i = 0; i < std::min(*rank, spec.shape.size()); ++i)
        shape[i] = spec.shape[i];
      *rank = spec.shape.size();
      *dtype = toDLDataType(toDType(spec.type));
      return nullptr;
    }
  return makeCError(llvm::Twine(compiled->kernel.signature().name) +
                    " has no output or final state " + name);
}

lrc_error *lrc_compiled_run(const lrc_compiled *compiled,
                            const lrc_argument *inputs, size_t input_count,
                            const lrc_argument *outputs, size_t output_count) {
  return lrc_compiled_launch(compiled, inputs, input_count, outputs,
                             output_count, nullptr);
}

lrc_error *lrc_compiled_launch(const lrc_compiled *compiled,
                               const lrc_argument *inputs, size_t input_count,
                               const lrc_argument *outputs, size_t output_count,
                               void *stream) {
  if (!compiled)
    return makeCError("expected a kernel, got NULL");
  Result<TensorArgs> in = toArgs(inputs, input_count);
  if (!in)
    return makeCError(in.diagnostics());
  Result<TensorArgs> out = toArgs(outputs, output_count);
  if (!out)
    return makeCError(out.diagnostics());
  return toCError(compiled->kernel.run(*in, *out, stream));
}

lrc_error *lrc_program_run(const lrc_program *program,
                           const lrc_options *options,
                           const lrc_argument *inputs, size_t input_count,
                           const lrc_argument *outputs, size_t output_count) {
  if (!program)
    return makeCError("expected a program, got NULL");
  Result<TensorArgs> in = toArgs(inputs, input_count);
  if (!in)
    return makeCError(in.diagnostics());
  Result<TensorArgs> out = toArgs(outputs, output_count);
  if (!out)
    return makeCError(out.diagnostics());
  return toCError(program->program.run(*in, *out, optionsOf(options)));
}
