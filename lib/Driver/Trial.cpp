//===- Trial.cpp - One call, by a kernel and by the interpreter -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Trial.h"

#include "lib/Driver/Reference.h"
#include "lib/Driver/Tensors.h"
#include "lib/Driver/VerifyCases.h"
#include "lib/JIT/Collect.h"

using namespace lrc;
using namespace lrc::driver;

double driver::boundFor(ElementType type) {
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

bool driver::isScheduleRefused(const Diagnostics &diagnostics) {
  return llvm::any_of(diagnostics, [](const Diagnostic &diagnostic) {
    return llvm::StringRef(diagnostic.message).contains("does not apply");
  });
}

Result<Trial> Trial::bind(Program &program, const Signature &signature,
                          const CompileOptions &options, TensorMap &tensors) {
  Trial trial;
  trial.program = &program;
  trial.signature = &signature;
  llvm::Expected<Binding> binding =
      bindTensors(signature, viewsOf(tensors), toBindRequest(options));
  if (!binding)
    return toDiagnostics(binding.takeError());
  trial.binding = std::move(*binding);
  llvm::Expected<KernelRequest> request =
      requestFor(signature, options, trial.binding, {});
  if (!request)
    return toDiagnostics(request.takeError());
  trial.request = std::move(*request);
  Result<Specialized> specialized =
      program.getImpl()->specialize(trial.request);
  if (!specialized)
    return specialized.diagnostics();
  trial.specialized = std::move(*specialized);
  return std::move(trial);
}

TensorMap Trial::reference(const TensorMap &tensors) const {
  return runReference(specialized.recurrence, *signature, binding, tensors);
}

Result<Kernel> Trial::compile(const CompileOptions &options,
                              TensorMap &tensors) const {
  return program->kernelFor(describe(tensors).args(), {}, options);
}

Result<TensorMap> Trial::run(const Kernel &kernel, TensorMap &tensors) {
  Described inputs = describe(tensors);
  Result<ResultSpecs> specs = kernel.results(inputs.args());
  if (!specs)
    return specs.diagnostics();
  llvm::Expected<TensorMap> results = allocate(*specs);
  if (!results)
    return toDiagnostics(results.takeError());
  Result<void> done = kernel.run(inputs.args(), describe(*results).args());
  if (!done)
    return done.diagnostics();
  return std::move(*results);
}

ElementType Trial::narrowest() const {
  std::optional<ElementType> worst;
  for (const Field &field : signature->fields) {
    if (field.role == Field::Role::State)
      continue;
    ElementType type = request.types.at(field.name);
    if (!worst || boundFor(type) > boundFor(*worst))
      worst = type;
  }
  return worst.value_or(ElementType::F32);
}

Result<TensorMap> driver::makeStates(Program &program,
                                     const Signature &signature,
                                     const CompileOptions &options,
                                     ElementType type, TensorMap &tensors) {
  Result<Trial> steps = Trial::bind(program, signature, options, tensors);
  if (!steps)
    return steps.diagnostics();
  TensorMap last = steps->reference(tensors);
  ElementType wide =
      type == ElementType::F64 ? ElementType::F64 : ElementType::F32;
  TensorMap states;
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::State && !field.hidden)
      states[field.name] =
          last.find(field.name)->second.cast(dtypeFor(field, wide));
  return std::move(states);
}
