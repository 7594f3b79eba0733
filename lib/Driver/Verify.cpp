//===- Verify.cpp - lrc verify: kernels against the interpreter -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"
#include "lib/Driver/Compare.h"
#include "lib/Driver/Tensors.h"
#include "lib/Driver/Trial.h"
#include "lib/Driver/VerifyCases.h"
#include "lib/JIT/Collect.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runVerify();

Command &driver::verifyCommand() {
  static Command command("verify", "compare kernels with the f64 interpreter",
                         runVerify);
  return command;
}

static cl::opt<std::string>
    input("in", cl::desc("tensors to use instead of random ones"),
          cl::value_desc("FILE.npz"), cl::sub(verifyCommand().sub),
          cl::cat(verifyCommand().category));
static cl::opt<uint64_t> seed("seed", cl::desc("of the random numbers"),
                              cl::value_desc("N"), cl::init(1),
                              cl::sub(verifyCommand().sub),
                              cl::cat(verifyCommand().category));
static CompileFlags flags(verifyCommand());

namespace {
/// How a case is compiled: what the schedule column says.
struct Variant {
  Schedule schedule = Schedule::Auto;
  int64_t chunk = 0;

  std::string label() const {
    std::string text = spell(schedule);
    if (chunk > 0)
      text += " " + std::to_string(chunk);
    return text;
  }
};

class Verifier {
public:
  Verifier(Program &program, Signature signature, CompileOptions options)
      : program(program), signature(std::move(signature)),
        options(std::move(options)), random(seed) {}

  /// Compares on random tensors under some schedules. `mayRefuse`: sizes were
  /// not the user's, who is told, but not blamed, when the recurrence does not
  /// allow them.
  Result<void> tryCase(const VerifyCase &shape, ElementType type,
                       llvm::ArrayRef<Variant> variants, bool mayRefuse);
  /// Compares on tensors of the user.
  Result<void> tryTensors(TensorMap &tensors, llvm::StringRef label,
                          llvm::ArrayRef<Variant> variants);

  int status() const;

private:
  void setSizes(const VerifyCase &shape);
  Result<void> drawStates(const VerifyCase &shape, ElementType type,
                          TensorMap &tensors);
  Result<void> compare(TensorMap &tensors, const Trial &trial,
                       llvm::StringRef label, llvm::ArrayRef<Variant> variants);
  bool noteRefusal(const Variant &variant, const Diagnostics &reasons);
  void printRow(ElementType type, const Variant &variant, llvm::StringRef label,
                llvm::StringRef name, double error);

  Program &program;
  Signature signature;
  CompileOptions options;
  RandomInputs random;
  /// What was said about schedules that do not apply.
  std::set<std::string> refusals;
  int64_t rows = 0;
  int64_t bad = 0;
};
} // namespace

void Verifier::printRow(ElementType type, const Variant &variant,
                        llvm::StringRef label, llvm::StringRef name,
                        double error) {
  if (rows++ == 0)
    llvm::outs() << llvm::format("%-10s %-11s %-44s %-8s %8s %6s\n", "dtype",
                                 "schedule", "shape", "tensor", "error",
                                 "bound");
  double bound = boundFor(type);
  bool isGood = error <= bound;
  bad += !isGood;
  llvm::outs() << llvm::format("%-10s %-11s %-44s %-8s %8.1e %6.0e  %s\n",
                               spell(type).data(), variant.label().c_str(),
                               label.str().c_str(), name.str().c_str(), error,
                               bound, isGood ? "ok" : "OUT OF BOUNDS");
}

/// A recurrence without inputs learns its sizes from the options only.
void Verifier::setSizes(const VerifyCase &shape) {
  options.sizes = shape.dims;
  auto add = [&](const char *name, int64_t size) {
    if (!signature.findDim(name))
      options.sizes[name] = size;
  };
  if (!shape.packed) {
    add("B", shape.batch);
    add("T", shape.steps);
  }
  if (shape.heads)
    add("H", shape.heads);
}

Result<void> Verifier::drawStates(const VerifyCase &shape, ElementType type,
                                  TensorMap &tensors) {
  VerifyCase prefix = shape;
  prefix.steps = 3;
  prefix.packed = prefix.initial = false;
  TensorMap others =
      drawTensors(signature, prefix, options.scalars, type, random);
  castInputs(signature, options.dtypes, others);
  setSizes(prefix);
  Result<TensorMap> states =
      makeStates(program, signature, options, type, others);
  setSizes(shape);
  if (!states)
    return states.diagnostics();
  for (auto &[name, state] : *states)
    tensors[name] = std::move(state);
  return {};
}

/// Says once that a schedule does not apply, and why. False where that is an
/// error: the user asked for this schedule, or something else is wrong.
bool Verifier::noteRefusal(const Variant &variant, const Diagnostics &reasons) {
  if (options.schedule != Schedule::Auto || !isScheduleRefused(reasons))
    return false;
  std::string line = std::string("schedule ") + spell(variant.schedule) +
                     ": not applicable: " + reasons.front().message;
  if (refusals.insert(line).second)
    llvm::outs() << line << '\n';
  return true;
}

Result<void> Verifier::compare(TensorMap &tensors, const Trial &trial,
                               llvm::StringRef label,
                               llvm::ArrayRef<Variant> variants) {
  TensorMap reference = trial.reference(tensors);
  for (const Variant &variant : variants) {
    CompileOptions scheduled = options;
    scheduled.schedule = variant.schedule;
    scheduled.chunk = variant.chunk;
    Result<Kernel> kernel = trial.compile(scheduled, tensors);
    if (!kernel && noteRefusal(variant, kernel.diagnostics()))
      continue;
    if (!kernel)
      return kernel.diagnostics();
    Result<TensorMap> results = Trial::run(*kernel, tensors);
    if (!results)
      return results.diagnostics();
    for (const auto &[name, result] : *results)
      printRow(trial.narrowest(), variant, label, name,
               relativeError(result, reference.find(name)->second));
  }
  return {};
}

Result<void> Verifier::tryCase(const VerifyCase &shape, ElementType type,
                               llvm::ArrayRef<Variant> variants,
                               bool mayRefuse) {
  options.dtypes[""] = type;
  if (!isModest(signature, shape))
    return makeError("expected a shape of less than 2^26 numbers for the "
                     "interpreter, got " +
                     shape.label());
  TensorMap tensors =
      drawTensors(signature, shape, options.scalars, type, random);
  castInputs(signature, options.dtypes, tensors);
  setSizes(shape);
  Result<Trial> trial = Trial::bind(program, signature, options, tensors);
  if (!trial && mayRefuse) {
    llvm::outs() << spell(type).data() << ' ' << shape.label()
                 << ": skipped, the recurrence does not allow it: "
                 << trial.diagnostics().front().message << '\n';
    return {};
  }
  if (!trial)
    return trial.diagnostics();
  if (shape.initial) {
    Result<void> done = drawStates(shape, type, tensors);
    if (!done)
      return done;
    trial = Trial::bind(program, signature, options, tensors);
    if (!trial)
      return trial.diagnostics();
  }
  return compare(tensors, *trial, shape.label(), variants);
}

Result<void> Verifier::tryTensors(TensorMap &tensors, llvm::StringRef label,
                                  llvm::ArrayRef<Variant> variants) {
  Result<Trial> trial = Trial::bind(program, signature, options, tensors);
  if (!trial)
    return trial.diagnostics();
  return compare(tensors, *trial, label, variants);
}

int Verifier::status() const {
  if (rows == 0)
    return fail("nothing was compared");
  llvm::outs() << rows << " comparisons, " << bad << " out of bounds\n";
  return bad ? checkFailed : good;
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

/// Every schedule, or the one that the options name.
static std::vector<Variant> allVariants(const CompileOptions &options) {
  if (options.schedule != Schedule::Auto)
    return {{options.schedule, options.chunk}};
  return {{Schedule::Sequential},
          {Schedule::Chunked, options.chunk},
          {Schedule::Scan, options.chunk},
          {Schedule::Split, options.chunk}};
}

/// Those under which a case is tried, with chunks of which it has several.
/// Schedules share their scalar code, so the narrow types are tried under all
/// of them on one long case only.
static std::vector<Variant> chooseVariants(const CompileOptions &options,
                                           const VerifyCase &shape,
                                           ElementType type,
                                           bool isUsersShape) {
  std::vector<Variant> variants = allVariants(options);
  if (variants.size() == 1 || isUsersShape)
    return variants;
  bool isLong = shape.steps > 64;
  bool isWide = type == ElementType::F64 ||
                (type == ElementType::F32 && shape.steps >= 7);
  if (!isLong && !isWide)
    return {variants.front()};
  if (!isLong && options.chunk == 0)
    for (Variant &variant : variants)
      if (variant.schedule != Schedule::Sequential)
        variant.chunk = shape.steps > 16 ? 16 : 4;
  return variants;
}

static Result<void> verifyInput(Verifier &verifier, const Signature &signature,
                                const CompileOptions &options) {
  llvm::Expected<TensorMap> tensors = readTensorInput(input);
  if (!tensors)
    return toDiagnostics(tensors.takeError());
  nameOnlyInput(signature, input, *tensors);
  std::vector<std::string> unused = dropUnused(signature, options, *tensors);
  if (!unused.empty())
    warn(input, "not used: " + llvm::join(unused, ", "));
  castInputs(signature, options.dtypes, *tensors);
  Result<void> done =
      verifier.tryTensors(*tensors, input, allVariants(options));
  if (!done)
    return inFile(input, done.diagnostics());
  return {};
}

static Result<void> verifyRandom(Verifier &verifier, const Signature &signature,
                                 const CompileOptions &options) {
  std::vector<ElementType> types = {ElementType::F64, ElementType::F32,
                                    ElementType::BF16, ElementType::F16};
  auto only = options.dtypes.find("");
  if (only != options.dtypes.end())
    types = {only->second};
  Sizes fixed = options.sizes;
  for (const auto &[name, value] : options.scalars)
    if (signature.findDim(name))
      fixed[name] = int64_t(value);
  bool isUsersShape = !fixed.empty();
  std::vector<VerifyCase> cases = defaultCases(signature, fixed);
  if (isUsersShape)
    cases = {caseOf(signature, fixed)};
  for (const VerifyCase &shape : cases)
    for (ElementType type : types) {
      Result<void> done = verifier.tryCase(
          shape, type, chooseVariants(options, shape, type, isUsersShape),
          !isUsersShape);
      if (!done)
        return done;
    }
  return {};
}

/// Verifies one recurrence of the program.
static int verify(Program &program, const CompileOptions &options) {
  const std::string &spec = verifyCommand().spec;
  Result<Signature> signature = program.signature(options.recurrence);
  if (!signature)
    return fail(inFile(spec, signature.diagnostics()));
  if (llvm::Error error = checkOptions(*signature, options))
    return fail(std::move(error));
  Verifier verifier(program, *signature, options);
  Result<void> done = input.empty()
                          ? verifyRandom(verifier, *signature, options)
                          : verifyInput(verifier, *signature, options);
  if (!done)
    return fail(inFile(spec, done.diagnostics()));
  return verifier.status();
}

static int runVerify() {
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  Result<Program> program = Program::fromFile(verifyCommand().spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty() || !input.empty())
    names = {options->recurrence};
  int worst = good;
  for (const std::string &name : names) {
    if (names.size() > 1)
      llvm::outs() << "recurrence " << name << '\n';
    options->recurrence = name;
    worst = std::max(worst, verify(*program, *options));
  }
  return worst;
}
