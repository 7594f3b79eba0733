//===- Verify.cpp - lrc verify: kernels against the interpreter -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Command.h"
#include "lib/Driver/Compare.h"
#include "lib/Driver/Reference.h"
#include "lib/Driver/Tensors.h"
#include "lib/Driver/VerifyCases.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"

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

/// Bounds on |y - ref| / |ref| for inputs of a type, from design.md.
static double boundFor(ElementType type) {
  switch (type) {
  case ElementType::F64:
  case ElementType::C128:
    return 1e-12;
  case ElementType::F32:
  case ElementType::C64:
    return 1e-5;
  case ElementType::F16:
  case ElementType::BF16:
    return 1e-2;
  }
  llvm_unreachable("unknown element type");
}

namespace {
class Verifier {
public:
  Verifier(Program &program, Signature signature, CompileOptions options)
      : program(program), signature(std::move(signature)),
        options(std::move(options)), random(seed) {}

  /// Compares on random tensors. `mayRefuse`: sizes were not the user's, who is
  /// told, but not blamed, when the recurrence does not allow them.
  Result<void> tryCase(const VerifyCase &shape, ElementType type,
                       bool mayRefuse);
  /// Compares on tensors of the user.
  Result<void> tryTensors(TensorMap &tensors, llvm::StringRef label);

  int status() const;

private:
  /// What the interpreter needs beside the tensors.
  struct Plan {
    Binding binding;
    KernelRequest request;
    Specialized specialized;
  };
  void setSizes(const VerifyCase &shape);
  Result<Plan> plan(TensorMap &tensors);
  Result<void> drawStates(const VerifyCase &shape, ElementType type,
                          TensorMap &tensors);
  Result<TensorMap> runKernel(TensorMap &tensors);
  Result<void> compare(TensorMap &tensors, const Plan &plan,
                       llvm::StringRef label);
  void printRow(ElementType type, llvm::StringRef label, llvm::StringRef name,
                double error);
  ElementType typeOf(const KernelRequest &request) const;

  Program &program;
  Signature signature;
  CompileOptions options;
  RandomInputs random;
  int64_t rows = 0;
  int64_t bad = 0;
};
} // namespace

void Verifier::printRow(ElementType type, llvm::StringRef label,
                        llvm::StringRef name, double error) {
  if (rows++ == 0)
    llvm::outs() << llvm::format("%-10s %-44s %-8s %8s %6s\n", "dtype", "shape",
                                 "tensor", "error", "bound");
  double bound = boundFor(type);
  bool isGood = error <= bound;
  bad += !isGood;
  llvm::outs() << llvm::format("%-10s %-44s %-8s %8.1e %6.0e  %s\n",
                               spell(type).data(), label.str().c_str(),
                               name.str().c_str(), error, bound,
                               isGood ? "ok" : "OUT OF BOUNDS");
}

/// The narrowest element type among the inputs decides the bound.
ElementType Verifier::typeOf(const KernelRequest &request) const {
  std::optional<ElementType> worst;
  for (const Field &field : signature.fields) {
    if (field.role == Field::Role::State)
      continue;
    ElementType type = request.types.at(field.name);
    if (!worst || boundFor(type) > boundFor(*worst))
      worst = type;
  }
  return worst.value_or(ElementType::F32);
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

Result<Verifier::Plan> Verifier::plan(TensorMap &tensors) {
  Plan plan;
  BindRequest bindRequest = toBindRequest(options);
  llvm::Expected<Binding> binding =
      bindTensors(signature, viewsOf(tensors), bindRequest);
  if (!binding)
    return toDiagnostics(binding.takeError());
  plan.binding = std::move(*binding);
  llvm::Expected<KernelRequest> request =
      requestFor(signature, options, plan.binding, {});
  if (!request)
    return toDiagnostics(request.takeError());
  plan.request = std::move(*request);
  Result<Specialized> specialized = program.getImpl()->specialize(plan.request);
  if (!specialized)
    return specialized.diagnostics();
  plan.specialized = std::move(*specialized);
  return std::move(plan);
}

/// Initial states are what a few steps on other inputs leave: a normaliser,
/// say, is positive then.
Result<void> Verifier::drawStates(const VerifyCase &shape, ElementType type,
                                  TensorMap &tensors) {
  VerifyCase prefix = shape;
  prefix.steps = 3;
  prefix.packed = prefix.initial = false;
  TensorMap others =
      drawTensors(signature, prefix, options.scalars, type, random);
  castInputs(signature, options.dtypes, others);
  setSizes(prefix);
  Result<Plan> before = plan(others);
  if (!before)
    return before.diagnostics();
  TensorMap last = runReference(before->specialized.recurrence, signature,
                                before->binding, others);
  ElementType wide =
      type == ElementType::F64 ? ElementType::F64 : ElementType::F32;
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::State && !field.hidden)
      tensors[field.name] =
          last.find(field.name)->second.cast(dtypeFor(field, wide));
  return {};
}

Result<TensorMap> Verifier::runKernel(TensorMap &tensors) {
  Described inputs = describe(tensors);
  Result<Kernel> kernel = program.kernelFor(inputs.args(), {}, options);
  if (!kernel)
    return kernel.diagnostics();
  Result<ResultSpecs> specs = kernel->results(inputs.args());
  if (!specs)
    return specs.diagnostics();
  llvm::Expected<TensorMap> results = allocate(*specs);
  if (!results)
    return toDiagnostics(results.takeError());
  Result<void> done = kernel->run(inputs.args(), describe(*results).args());
  if (!done)
    return done.diagnostics();
  return std::move(*results);
}

Result<void> Verifier::compare(TensorMap &tensors, const Plan &plan,
                               llvm::StringRef label) {
  Result<TensorMap> results = runKernel(tensors);
  if (!results)
    return results.diagnostics();
  TensorMap reference = runReference(plan.specialized.recurrence, signature,
                                     plan.binding, tensors);
  for (const auto &[name, result] : *results)
    printRow(typeOf(plan.request), label, name,
             relativeError(result, reference.find(name)->second));
  return {};
}

Result<void> Verifier::tryCase(const VerifyCase &shape, ElementType type,
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
  Result<Plan> plan = this->plan(tensors);
  if (!plan && mayRefuse) {
    llvm::outs() << spell(type).data() << ' ' << shape.label()
                 << ": skipped, the recurrence does not allow it: "
                 << plan.diagnostics().front().message << '\n';
    return {};
  }
  if (!plan)
    return plan.diagnostics();
  if (shape.initial) {
    Result<void> done = drawStates(shape, type, tensors);
    setSizes(shape);
    if (!done)
      return done;
    plan = this->plan(tensors);
    if (!plan)
      return plan.diagnostics();
  }
  return compare(tensors, *plan, shape.label());
}

Result<void> Verifier::tryTensors(TensorMap &tensors, llvm::StringRef label) {
  Result<Plan> plan = this->plan(tensors);
  if (!plan)
    return plan.diagnostics();
  return compare(tensors, *plan, label);
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
  Result<void> done = verifier.tryTensors(*tensors, input);
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
      Result<void> done = verifier.tryCase(shape, type, !isUsersShape);
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
