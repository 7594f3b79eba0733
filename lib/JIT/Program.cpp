//===- Program.cpp - Recurrences of a source file -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/SignatureOf.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/DLPack.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/JIT/Remembered.h"
#include "lib/JIT/Source.h"
#include "lib/JIT/Stopwatch.h"
#include "lib/Pipeline/Registration.h"
#include "lib/Transforms/Specialize.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;

static mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  return registry;
}

Program::Impl::Impl()
    : context(makeRegistry(), mlir::MLIRContext::Threading::DISABLED) {
  // The line of the source says more.
  context.printOpOnDiagnostic(false);
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

static Result<Program> parse(std::unique_ptr<llvm::MemoryBuffer> text) {
  Stopwatch watch;
  auto impl = std::make_shared<Program::Impl>();
  Result<mlir::OwningOpRef<mlir::ModuleOp>> module =
      parseSource(std::move(text), impl->sources, &impl->context);
  if (!module)
    return module.diagnostics();
  impl->module = std::move(*module);
  impl->parseTime = watch.milliseconds();
  return Program(std::move(impl));
}

Program::Program(std::shared_ptr<Impl> impl) : impl(std::move(impl)) {}

Result<Program> Program::fromFile(const std::string &path) {
  Result<std::unique_ptr<llvm::MemoryBuffer>> text = readSource(path);
  if (!text)
    return text.diagnostics();
  return parse(std::move(*text));
}

Result<Program> Program::fromString(const std::string &text,
                                    const std::string &name) {
  return parse(llvm::MemoryBuffer::getMemBufferCopy(text, name));
}

//===----------------------------------------------------------------------===//
// Queries
//===----------------------------------------------------------------------===//

std::vector<std::string> Program::recurrences() const {
  std::vector<std::string> names;
  for (dsf::RecurrenceOp op : impl->module->getOps<dsf::RecurrenceOp>())
    names.push_back(op.getSymName().str());
  return names;
}

Result<dsf::RecurrenceOp> Program::Impl::find(const std::string &name) {
  std::string names;
  int64_t count = 0;
  dsf::RecurrenceOp last;
  for (dsf::RecurrenceOp op : module->getOps<dsf::RecurrenceOp>()) {
    if (op.getSymName() == name)
      return op;
    names += (count++ ? ", " : "") + op.getSymName().str();
    last = op;
  }
  if (name.empty() && count == 1)
    return last;
  if (name.empty())
    return makeError("expected the name of a recurrence, one of " + names);
  return makeError("no recurrence " + name + "; there is " + names);
}

Result<Signature> Program::signature(const std::string &recurrence) const {
  std::lock_guard<std::mutex> lock(impl->mutex);
  Result<dsf::RecurrenceOp> op = impl->find(recurrence);
  if (!op)
    return op.diagnostics();
  return signatureOf(*op);
}

const char *lrc::version() { return LRC_VERSION; }

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

static Specialization toSpecialization(dsf::RecurrenceOp recurrence,
                                       const KernelRequest &request) {
  Specialization result;
  for (const auto &[name, size] : request.dims)
    result.dims[name] = size;
  for (const auto &[name, value] : request.scalars)
    result.scalars[name] = value;
  for (const std::string &name : request.given)
    result.given.insert(name);
  for (const auto &[name, type] : request.types)
    result.storage[name] = toType(recurrence.getContext(), type);
  return result;
}

/// What is wrong with a size is wrong with every tensor that has it.
static Diagnostics withoutRepeats(Diagnostics diagnostics) {
  llvm::StringSet<> messages;
  llvm::erase_if(diagnostics, [&](const Diagnostic &diagnostic) {
    return !messages.insert(diagnostic.message).second;
  });
  return diagnostics;
}

Result<Specialized> Program::Impl::specialize(const KernelRequest &request) {
  Stopwatch watch;
  Result<dsf::RecurrenceOp> source = find(request.recurrence);
  if (!source)
    return source.diagnostics();
  Specialized result;
  result.module = mlir::ModuleOp::create(source->getLoc());
  result.recurrence = source->clone();
  result.module->push_back(result.recurrence);
  MlirDiagnostics errors(&context, sources);
  if (mlir::failed(lrc::specialize(result.recurrence,
                                   toSpecialization(*source, request))))
    return withoutRepeats(errors.take());
  result.milliseconds = watch.milliseconds();
  return std::move(result);
}

Result<Kernel>
Program::Impl::compileForGpu(const KernelRequest &request,
                             Specialized &specialized,
                             std::shared_ptr<Kernel::Impl> kernel) {
  dsf::ScheduleAttr tuned = recallSchedule(specialized.recurrence, request);
  if (tuned)
    specialized.recurrence.setScheduleAttr(tuned);
  Stopwatch watch;
  MlirDiagnostics errors(&context, sources);
  llvm::Expected<std::unique_ptr<GpuKernel>> code =
      GpuKernel::compile(specialized.recurrence, toGpuOptions(request));
  if (!code) {
    Diagnostics reasons = toDiagnostics(code.takeError());
    return errors.empty() ? reasons : errors.take();
  }
  kernel->gpu = std::move(*code);
  kernel->schedule = toInfo(kernel->gpu->getSchedule());
  kernel->schedule.tuned = bool(tuned);
  kernel->times.lower = kernel->gpu->getLowerTime();
  kernel->times.codegen = watch.milliseconds() - kernel->times.lower;
  return kernels.emplace(request.key(), Kernel(std::move(kernel)))
      .first->second;
}

Result<Kernel> Program::Impl::compile(const KernelRequest &request) {
  std::lock_guard<std::mutex> lock(mutex);
  auto known = kernels.find(request.key());
  if (known != kernels.end())
    return known->second;

  Result<Specialized> specialized = specialize(request);
  if (!specialized)
    return specialized.diagnostics();
  auto kernel = std::make_shared<Kernel::Impl>();
  kernel->signature = signatureOf(*find(request.recurrence));
  kernel->request = request;
  kernel->times.parse = parseTime;
  kernel->times.specialize = specialized->milliseconds;

  if (request.target != "cpu")
    return compileForGpu(request, *specialized, kernel);
  dsf::ScheduleAttr tuned = recallSchedule(specialized->recurrence, request);
  if (tuned)
    specialized->recurrence.setScheduleAttr(tuned);
  CpuOptions options = toCpuOptions(request);
  Stopwatch watch;
  MlirDiagnostics errors(&context, sources);
  llvm::Expected<std::unique_ptr<CpuKernel>> code =
      CpuKernel::compile(specialized->recurrence, options);
  if (!code) {
    Diagnostics reasons = toDiagnostics(code.takeError());
    return errors.empty() ? reasons : errors.take();
  }
  kernel->code = std::move(*code);
  kernel->schedule = kernel->code->getSchedule();
  kernel->schedule.tuned = bool(tuned);
  kernel->times.lower = kernel->code->getLowerTime();
  kernel->times.codegen = watch.milliseconds() - kernel->times.lower;
  return kernels.emplace(request.key(), Kernel(std::move(kernel)))
      .first->second;
}

Result<Kernel> Program::compile(const CompileOptions &options) const {
  Result<Signature> signature = this->signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  llvm::Expected<KernelRequest> request = requestFor(*signature, options);
  if (!request)
    return toDiagnostics(request.takeError());
  return impl->compile(*request);
}

/// Types of outputs and final states whose memory is given.
static ElementTypes typesOf(const TensorViews &outputs) {
  ElementTypes types;
  for (const auto &[name, view] : outputs)
    if (std::optional<ElementType> type = toElementType(view.dtype))
      types[name] = *type;
  return types;
}

static llvm::Expected<KernelRequest> requestFor(const Signature &signature,
                                                const CompileOptions &options,
                                                const TensorArgs &inputs,
                                                const TensorArgs &outputs) {
  llvm::Expected<TensorViews> inputViews = toViews(inputs);
  if (!inputViews)
    return inputViews.takeError();
  llvm::Expected<TensorViews> outputViews = toViews(outputs);
  if (!outputViews)
    return outputViews.takeError();
  BindRequest bindRequest = toBindRequest(options);
  bindRequest.needSteps = false;
  bindRequest.sizes.merge(sizesFromOutputs(signature, *outputViews));
  llvm::Expected<Binding> binding =
      bindTensors(signature, *inputViews, bindRequest);
  if (!binding)
    return binding.takeError();
  return requestFor(signature, options, *binding, typesOf(*outputViews));
}

Result<Kernel> Program::kernelFor(const TensorArgs &inputs,
                                  const TensorArgs &outputs,
                                  const CompileOptions &options) const {
  Result<Signature> signature = this->signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  llvm::Expected<KernelRequest> request =
      ::requestFor(*signature, options, inputs, outputs);
  if (!request)
    return toDiagnostics(request.takeError());
  return impl->compile(*request);
}

Result<void> Program::run(const TensorArgs &inputs, const TensorArgs &outputs,
                          const CompileOptions &options) const {
  Result<Kernel> kernel = kernelFor(inputs, outputs, options);
  if (!kernel)
    return kernel.diagnostics();
  return kernel->run(inputs, outputs);
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

static bool isPlain(const CompileOptions &options) {
  return options.sizes.empty() && options.scalars.empty() &&
         options.dtypes.empty() && options.tensors.empty();
}

Result<std::string> Program::emit(Level level, const CompileOptions &options,
                                  const std::string &symbol) const {
  if (level == Level::Dsf && isPlain(options)) {
    std::lock_guard<std::mutex> lock(impl->mutex);
    std::string text;
    llvm::raw_string_ostream os(text);
    if (options.recurrence.empty()) {
      impl->module->print(os);
      return text;
    }
    Result<dsf::RecurrenceOp> op = impl->find(options.recurrence);
    if (!op)
      return op.diagnostics();
    op->print(os);
    os << '\n';
    return text;
  }
  Result<Signature> signature = this->signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  llvm::Expected<KernelRequest> request = requestFor(*signature, options);
  if (!request)
    return toDiagnostics(request.takeError());
  std::lock_guard<std::mutex> lock(impl->mutex);
  Result<Specialized> specialized = impl->specialize(*request);
  if (!specialized)
    return specialized.diagnostics();
  MlirDiagnostics errors(&impl->context, impl->sources);
  Result<std::string> text = emitLevel(
      *specialized, *request, level, symbol.empty() ? signature->name : symbol);
  if (!text && !errors.empty())
    return errors.take();
  return text;
}
