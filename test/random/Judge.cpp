//===- Judge.cpp - A case, compiled and compared --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Judge.h"

#include "lib/Driver/Compare.h"
#include "lib/Driver/Trial.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/Stopwatch.h"
#include "test/random/Tensors.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace lrc;
using namespace lrc::sampling;

const char *sampling::spell(Outcome::Kind kind) {
  switch (kind) {
  case Outcome::Kind::Good:
    return "good";
  case Outcome::Kind::Unbounded:
    return "unbounded";
  case Outcome::Kind::Mismatch:
    return "mismatch";
  case Outcome::Kind::Error:
    return "error";
  case Outcome::Kind::Crash:
    return "crash";
  case Outcome::Kind::Timeout:
    return "timeout";
  }
  llvm_unreachable("unknown kind");
}

/// Bounds in f64 are wider than those of lrc verify: the recurrences are not
/// chosen for their conditioning.
static double boundOf(ElementType type) {
  return std::max(driver::boundFor(type), 1e-11);
}

namespace {
class Judge {
public:
  explicit Judge(const Case &one) : one(one) {}
  Outcome take();

private:
  bool prepare();
  void fail(Outcome::Kind kind, const Variant &variant,
            const std::string &message);
  void setSizes(const Shape &shape);
  Result<TensorMap> initialStates(Program &program);
  void tryVariant(const Variant &variant);
  void compare(const Variant &variant, const TensorMap &results);
  double conditionOf(const std::string &name);
  double roundingOf(const Variant &variant, const std::string &name);
  std::optional<double> errorOf(const CompileOptions &options, TensorMap &from,
                                const std::string &name);

  const Case &one;
  Outcome outcome;
  CompileOptions options;
  std::optional<Program> program;
  Signature signature;
  std::optional<driver::Trial> trial;
  TensorMap tensors;
  TensorMap reference;
  /// By name of a result, once it is needed.
  std::vector<TensorMap> perturbed;
};
} // namespace

/// Keeps the first failure.
void Judge::fail(Outcome::Kind kind, const Variant &variant,
                 const std::string &message) {
  if (outcome.isFailure())
    return;
  outcome.kind = kind;
  outcome.variant = variant;
  outcome.message = message;
}

void Judge::setSizes(const Shape &shape) {
  options.sizes.clear();
  for (const auto &[name, size] : shape.dims)
    if (signature.findDim(name))
      options.sizes[name] = size;
  if (shape.lengths.empty()) {
    options.sizes["B"] = shape.batch;
    options.sizes["T"] = shape.steps;
  }
  if (shape.heads)
    options.sizes["H"] = shape.heads;
}

Result<TensorMap> Judge::initialStates(Program &program) {
  Shape prefix = one.shape;
  prefix.steps = 3;
  prefix.lengths.clear();
  TensorMap others = drawTensors(signature, prefix, one.type, ~one.dataSeed);
  setSizes(prefix);
  Result<TensorMap> states =
      driver::makeStates(program, signature, options, one.type, others);
  setSizes(one.shape);
  return states;
}

/// Whether numbers can be compared at all. A state may be at -inf, where a
/// maximum starts.
static bool isBounded(const TensorMap &reference) {
  for (const auto &[name, tensor] : reference)
    for (std::complex<double> value : tensor.toComplex())
      for (double part : {value.real(), value.imag()})
        if (std::isnan(part) || (std::isfinite(part) && std::fabs(part) > 1e30))
          return false;
  return true;
}

/// Everything but kernels; false after a failure.
bool Judge::prepare() {
  Stopwatch watch;
  auto failed = [&](const Diagnostics &reasons) {
    fail(Outcome::Kind::Error, {}, render(reasons));
    return false;
  };
  Result<Program> parsed = Program::fromString(one.text, "case.dsf");
  if (!parsed)
    return failed(parsed.diagnostics());
  program = std::move(*parsed);
  Result<Signature> known = program->signature();
  if (!known)
    return failed(known.diagnostics());
  signature = std::move(*known);
  outcome.times.parse = watch.milliseconds();

  Stopwatch interpreting;
  options.threads = 1;
  options.dtypes[""] = one.type;
  setSizes(one.shape);
  tensors = drawTensors(signature, one.shape, one.type, one.dataSeed);
  if (one.shape.initial) {
    Result<TensorMap> states = initialStates(*program);
    if (!states)
      return failed(states.diagnostics());
    for (auto &[name, state] : *states)
      tensors[name] = std::move(state);
  }
  Result<driver::Trial> bound =
      driver::Trial::bind(*program, signature, options, tensors);
  if (!bound)
    return failed(bound.diagnostics());
  trial = std::move(*bound);
  reference = trial->reference(tensors);
  outcome.times.interpret = interpreting.milliseconds();
  if (!isBounded(reference))
    outcome.kind = Outcome::Kind::Unbounded;
  return outcome.kind == Outcome::Kind::Good;
}

/// How far the exact result moves when the inputs are rounded.
double Judge::conditionOf(const std::string &name) {
  if (perturbed.empty())
    for (uint64_t seed : {1, 2, 3})
      perturbed.push_back(
          trial->reference(perturb(signature, tensors, one.type, seed)));
  double largest = 0;
  for (TensorMap &moved : perturbed) {
    double distance =
        driver::relativeError(moved[name], reference.find(name)->second);
    largest = std::max(largest, std::isfinite(distance) ? distance : 0);
  }
  return largest;
}

/// The error of a kernel, nothing where there is none.
std::optional<double> Judge::errorOf(const CompileOptions &options,
                                     TensorMap &from, const std::string &name) {
  Result<driver::Trial> other =
      driver::Trial::bind(*program, signature, options, from);
  if (!other)
    return std::nullopt;
  Result<Kernel> kernel = other->compile(options, from);
  if (!kernel)
    return std::nullopt;
  Result<TensorMap> results = driver::Trial::run(*kernel, from);
  if (!results)
    return std::nullopt;
  return driver::relativeError((*results)[name], reference.find(name)->second);
}

/// An error that kernels of narrow types may have because the step itself
/// loses digits in that type. For the sequential schedule that is what the
/// same schedule does not show in f64, up to a tenth; for the others ten times
/// the error of the sequential one.
double Judge::roundingOf(const Variant &variant, const std::string &name) {
  if (one.type == ElementType::F64)
    return 0;
  CompileOptions other = options;
  other.schedule = Schedule::Sequential;
  if (variant.schedule != Schedule::Sequential) {
    std::optional<double> error = errorOf(other, tensors, name);
    return error && std::isfinite(*error) ? 10 * *error : 0;
  }
  other.dtypes[""] = ElementType::F64;
  TensorMap wide;
  for (const auto &[key, tensor] : tensors) {
    const Field *field = signature.findField(key);
    DType type = !field           ? tensor.dtype
                 : field->complex ? DType::C128
                                  : DType::F64;
    wide[key] = tensor.cast(type);
  }
  std::optional<double> error = errorOf(other, wide, name);
  return error && *error <= 1e-11 ? 0.1 : 0;
}

void Judge::compare(const Variant &variant, const TensorMap &results) {
  for (const auto &[name, result] : results) {
    const Tensor &exact = reference.find(name)->second;
    double error = driver::relativeError(result, exact);
    double bound = boundOf(trial->narrowest());
    // The exact result, stored: numbers near 0 lose digits.
    double stored = driver::relativeError(exact.cast(result.dtype), exact);
    if (std::isfinite(stored))
      bound = std::max(bound, 4 * stored);
    if (error <= bound)
      continue;
    // Kernels round at every operation, the inputs are moved once.
    bound = std::max(bound, 50 * conditionOf(name));
    if (error > bound)
      bound = std::max(bound, roundingOf(variant, name));
    if (error <= bound) {
      outcome.isTolerated = true;
      continue;
    }
    std::string message;
    llvm::raw_string_ostream(message)
        << name << ": error " << llvm::format("%.1e", error) << ", bound "
        << llvm::format("%.0e", bound);
    fail(Outcome::Kind::Mismatch, variant, message);
  }
}

void Judge::tryVariant(const Variant &variant) {
  CompileOptions scheduled = options;
  scheduled.schedule = variant.schedule;
  scheduled.chunk = variant.chunk;
  Result<Kernel> kernel = trial->compile(scheduled, tensors);
  bool mayRefuse = variant.schedule == Schedule::Chunked ||
                   variant.schedule == Schedule::Scan;
  if (!kernel && mayRefuse && driver::isScheduleRefused(kernel.diagnostics())) {
    outcome.refused[lrc::spell(variant.schedule)] =
        kernel.diagnostics().front().message;
    return;
  }
  if (!kernel)
    return fail(Outcome::Kind::Error, variant, render(kernel.diagnostics()));
  outcome.times.lower += kernel->times().lower;
  outcome.times.codegen += kernel->times().codegen;
  Stopwatch watch;
  Result<TensorMap> results = driver::Trial::run(*kernel, tensors);
  outcome.times.run += watch.milliseconds();
  if (!results)
    return fail(Outcome::Kind::Error, variant, render(results.diagnostics()));
  outcome.ran.push_back(variant);
  compare(variant, *results);
}

Outcome Judge::take() {
  if (prepare())
    for (const Variant &variant : one.variants)
      tryVariant(variant);
  return std::move(outcome);
}

Outcome sampling::judge(const Case &one) { return Judge(one).take(); }

//===----------------------------------------------------------------------===//
// Outcomes
//===----------------------------------------------------------------------===//

/// A message without its numbers, places and source lines.
static std::string gist(const std::string &message) {
  std::string text;
  llvm::StringRef line = llvm::StringRef(message).split('\n').first;
  size_t error = line.find("error: ");
  if (error != llvm::StringRef::npos)
    line = line.drop_front(error);
  bool quoted = false;
  for (char letter : line) {
    quoted ^= letter == '\'';
    if (!quoted && !llvm::isDigit(letter))
      text += letter;
  }
  return text;
}

bool sampling::isAlike(const Outcome &a, const Outcome &b) {
  if (a.kind != b.kind)
    return false;
  if (a.kind == Outcome::Kind::Error)
    return gist(a.message) == gist(b.message);
  // A crash has no schedule: the process did not live to tell.
  return a.kind != Outcome::Kind::Mismatch ||
         a.variant.schedule == b.variant.schedule;
}

std::string sampling::serialize(const Outcome &outcome) {
  llvm::json::Array ran;
  for (const Variant &variant : outcome.ran)
    ran.push_back(spell(variant));
  llvm::json::Object refused;
  for (const auto &[schedule, reason] : outcome.refused)
    refused[schedule] = reason;
  llvm::json::Object object{{"kind", int64_t(outcome.kind)},
                            {"variant", spell(outcome.variant)},
                            {"message", llvm::json::fixUTF8(outcome.message)},
                            {"tolerated", outcome.isTolerated},
                            {"ran", std::move(ran)},
                            {"refused", std::move(refused)},
                            {"parse", outcome.times.parse},
                            {"interpret", outcome.times.interpret},
                            {"lower", outcome.times.lower},
                            {"codegen", outcome.times.codegen},
                            {"run", outcome.times.run}};
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

Outcome sampling::deserialize(const std::string &text) {
  Outcome outcome;
  llvm::json::Value value = llvm::cantFail(llvm::json::parse(text));
  const llvm::json::Object &object = *value.getAsObject();
  outcome.kind = Outcome::Kind(*object.getInteger("kind"));
  outcome.variant = *parseVariant(object.getString("variant")->str());
  outcome.message = object.getString("message")->str();
  outcome.isTolerated = *object.getBoolean("tolerated");
  for (const llvm::json::Value &variant : *object.getArray("ran"))
    outcome.ran.push_back(*parseVariant(variant.getAsString()->str()));
  for (const auto &[schedule, reason] : *object.getObject("refused"))
    outcome.refused[schedule.str()] = reason.getAsString()->str();
  outcome.times.parse = *object.getNumber("parse");
  outcome.times.interpret = *object.getNumber("interpret");
  outcome.times.lower = *object.getNumber("lower");
  outcome.times.codegen = *object.getNumber("codegen");
  outcome.times.run = *object.getNumber("run");
  return outcome;
}
