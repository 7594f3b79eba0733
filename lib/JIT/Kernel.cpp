//===- Kernel.cpp - Run machine code on the caller's tensors --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Layout.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/DLPack.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/JIT/Threads.h"
#include "lib/Tensor/Tensor.h"

using namespace lrc;
using namespace lrc::binding;

Kernel::Kernel(std::shared_ptr<const Impl> impl) : impl(std::move(impl)) {}

const Signature &Kernel::signature() const { return impl->signature; }

const Sizes &Kernel::dims() const { return impl->request.dims; }

const CompileTimes &Kernel::times() const { return impl->times; }

const ScheduleInfo &Kernel::schedule() const { return impl->schedule; }

ElementType Kernel::elementType(const std::string &name) const {
  auto it = impl->request.types.find(name);
  return it == impl->request.types.end() ? ElementType::F32 : it->second;
}

//===----------------------------------------------------------------------===//
// Binding
//===----------------------------------------------------------------------===//

Sizes lrc::sizesFromOutputs(const Signature &signature,
                            const TensorViews &outputs) {
  Sizes sizes;
  for (const Field &field : signature.fields) {
    if (field.role == Field::Role::Input)
      return {};
    auto it = outputs.find(field.name);
    if (field.role != Field::Role::Output || it == outputs.end())
      continue;
    llvm::ArrayRef<int64_t> shape = it->second.shape;
    if (shape.size() < 2)
      continue;
    sizes = {{"B", shape[0]}, {"T", shape[1]}};
    if (shape.size() == field.extents.size() + 3)
      sizes["H"] = shape[2];
  }
  return sizes;
}

static llvm::Error checkType(const KernelRequest &request, llvm::StringRef name,
                             ElementType type) {
  ElementType expected = request.types.at(name.str());
  if (type == expected)
    return llvm::Error::success();
  return errorIn(name, "expected " + llvm::StringRef(spell(expected)) +
                           ", for which the kernel was compiled, got " +
                           llvm::StringRef(spell(type)));
}

llvm::Error Kernel::Impl::checkInputs(const TensorViews &inputs,
                                      const Binding &binding) const {
  for (const std::string &name : binding.unused)
    return errorIn(name, request.scalars.count(name)
                             ? "the kernel was compiled with a value for it"
                             : llvm::Twine(signature.name) +
                                   " takes no tensor of this name");
  for (const std::string &name : request.given)
    if (!binding.tensors.count(name))
      return llvm::createStringError("missing parameter " + name);
  for (const auto &[name, bound] : binding.tensors) {
    if (signature.findField(name)->role == Field::Role::Param &&
        !request.given.count(name))
      return errorIn(name, "the kernel was compiled with its default");
    if (llvm::Error error = checkType(request, name, bound.type))
      return error;
  }
  return llvm::Error::success();
}

llvm::Expected<Binding>
Kernel::Impl::bindInputs(const TensorViews &inputs,
                         const TensorViews &outputs) const {
  BindRequest bindRequest;
  for (const Dim &dim : signature.dims)
    if (!dim.isDerived())
      bindRequest.sizes[dim.name] = request.dims.at(dim.name);
  bindRequest.sizes.insert(request.axes.begin(), request.axes.end());
  for (const auto &[name, size] : sizesFromOutputs(signature, outputs))
    if (!signature.findDim(name))
      bindRequest.sizes.emplace(name, size);
  bindRequest.scalars = request.scalars;
  llvm::Expected<Binding> binding = bindTensors(signature, inputs, bindRequest);
  if (!binding)
    return binding.takeError();
  if (llvm::Error error = checkInputs(inputs, *binding))
    return error;
  return binding;
}

llvm::Expected<std::map<std::string, BoundTensor>>
Kernel::Impl::bindOutputs(const TensorViews &outputs,
                          const Binding &binding) const {
  std::map<std::string, BoundTensor> bound;
  for (const auto &[name, view] : outputs) {
    const Field *field = signature.findField(name);
    bool isResult =
        field && (field->role == Field::Role::Output ||
                  (field->role == Field::Role::State && field->isFinal));
    if (!isResult)
      return errorIn(name, llvm::Twine(signature.name) +
                               " has no output or final state of this name");
    llvm::Expected<BoundTensor> tensor = bindResult(*field, view, binding);
    if (!tensor)
      return tensor.takeError();
    if (llvm::Error error = checkType(request, name, tensor->type))
      return error;
    bound[name] = *tensor;
  }
  return bound;
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// Kernels write every output. One that the caller does not want goes to memory
/// for one step, which all steps share.
static llvm::Error addScratch(const Signature &signature,
                              const KernelRequest &request,
                              const Binding &binding,
                              std::map<std::string, BoundTensor> &outputs,
                              std::vector<AlignedBuffer> &scratch) {
  for (const Field &field : signature.fields) {
    if (field.role != Field::Role::Output || outputs.count(field.name))
      continue;
    llvm::SmallVector<int64_t> shape = resultShape(field, binding);
    shape[1] = std::min<int64_t>(shape[1], 1);
    ElementType type = request.types.at(field.name);
    llvm::Expected<uint64_t> bytes = Tensor::byteSize(toDType(type), shape);
    if (!bytes)
      return bytes.takeError();
    std::optional<AlignedBuffer> buffer = AlignedBuffer::allocate(*bytes);
    if (!buffer)
      return errorIn(field.name, "not enough memory");
    TensorView view =
        TensorView::contiguous(buffer->data(), toDType(type), shape);
    view.strides[1] = 0;
    outputs[field.name] = {describe(field, view), type};
    scratch.push_back(std::move(*buffer));
  }
  return llvm::Error::success();
}

/// All tensors of a call, in the order that kernel.h fixes.
static std::vector<lrc_tensor>
arrange(const Signature &signature, const KernelRequest &request,
        const Binding &binding,
        const std::map<std::string, BoundTensor> &outputs) {
  using Role = Field::Role;
  std::vector<lrc_tensor> tensors;
  auto add = [&](Role role, const std::map<std::string, BoundTensor> &bound) {
    for (const Field &field : signature.fields) {
      // Parameters that are not given are not in the kernel at all.
      if (field.role != role ||
          (role == Role::Param && !request.given.count(field.name)))
        continue;
      auto it = bound.find(field.name);
      tensors.push_back(it == bound.end() ? lrc_tensor{nullptr, 0, 0, 0, 1}
                                          : it->second.tensor);
    }
  };
  add(Role::Input, binding.tensors);
  add(Role::Param, binding.tensors);
  add(Role::State, binding.tensors);
  add(Role::Output, outputs);
  add(Role::State, outputs);
  return tensors;
}

/// The first output that the caller gave no memory for; empty if none is.
static std::string
findMissing(const Signature &signature,
            const std::map<std::string, BoundTensor> &outputs) {
  for (const Field &field : signature.fields)
    if (field.role == Field::Role::Output && !outputs.count(field.name))
      return field.name;
  return "";
}

Result<void> Kernel::run(const TensorArgs &inputs, const TensorArgs &outputs,
                         void *stream) const {
  llvm::Expected<bool> onGpu = areOnGpu(inputs, outputs);
  if (!onGpu)
    return toDiagnostics(onGpu.takeError());
  if (*onGpu && !impl->gpu)
    return makeError("the kernel was compiled for the CPU: expected tensors "
                     "in its memory");
  llvm::Expected<TensorViews> inputViews = toViews(inputs);
  if (!inputViews)
    return toDiagnostics(inputViews.takeError());
  llvm::Expected<TensorViews> outputViews = toViews(outputs);
  if (!outputViews)
    return toDiagnostics(outputViews.takeError());
  llvm::Expected<Binding> binding = impl->bindInputs(*inputViews, *outputViews);
  if (!binding)
    return toDiagnostics(binding.takeError());
  auto results = impl->bindOutputs(*outputViews, *binding);
  if (!results)
    return toDiagnostics(results.takeError());

  std::vector<AlignedBuffer> scratch;
  if (std::string missing = findMissing(impl->signature, *results);
      *onGpu && !missing.empty())
    return makeError(missing + ": expected memory for every output of a call "
                               "on the GPU");
  if (llvm::Error error = addScratch(impl->signature, impl->request, *binding,
                                     *results, scratch))
    return toDiagnostics(std::move(error));
  std::vector<lrc_tensor> tensors =
      arrange(impl->signature, impl->request, *binding, *results);
  lrc_call call = {};
  call.batch = binding->batch;
  call.steps = binding->steps;
  call.heads = binding->heads;
  call.segments = binding->packed ? binding->segments.data() : nullptr;
  call.tensors = tensors.data();
  if (impl->gpu) {
    llvm::Error error =
        *onGpu ? impl->gpu->launch(call, stream) : impl->gpu->runOnHost(call);
    return error ? Result<void>(toDiagnostics(std::move(error)))
                 : Result<void>();
  }
  ThreadLimit limit(impl->request.threads);
  if (impl->code->run(call) != 0)
    return makeError("not enough memory to run " + impl->signature.name);
  return {};
}

Result<ResultSpecs> Kernel::results(const TensorArgs &inputs) const {
  llvm::Expected<TensorViews> views = toViews(inputs);
  if (!views)
    return toDiagnostics(views.takeError());
  llvm::Expected<Binding> binding = impl->bindInputs(*views, {});
  if (!binding)
    return toDiagnostics(binding.takeError());
  ResultSpecs specs;
  for (const Field &field : impl->signature.fields) {
    bool isOutput = field.role == Field::Role::Output;
    if (!isOutput && !(field.role == Field::Role::State && field.isFinal))
      continue;
    llvm::SmallVector<int64_t> shape = resultShape(field, *binding);
    (isOutput ? specs.outputs : specs.finals)
        .push_back({field.name,
                    elementType(field.name),
                    {shape.begin(), shape.end()}});
  }
  return specs;
}
