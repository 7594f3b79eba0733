//===- Tensors.cpp - Tensors of files as DLPack ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Tensors.h"

#include "lib/Driver/Command.h"
#include "lib/JIT/DLPack.h"
#include "lib/Tensor/TensorFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;

void Described::add(const std::string &name, DLDeviceType device, DType dtype,
                    llvm::MutableArrayRef<int64_t> shape, void *data) {
  DLTensor &description = tensors.emplace_back();
  description.data = data;
  description.device = {device, 0};
  description.ndim = static_cast<int32_t>(shape.size());
  description.dtype = toDLDataType(dtype);
  description.shape = shape.data();
  description.strides = nullptr;
  description.byte_offset = 0;
  byName[name] = &description;
}

void Described::add(const std::string &name, Tensor &tensor) {
  add(name, kDLCPU, tensor.dtype, tensor.shape, tensor.data.data());
}

void Described::addOnGpu(const std::string &name, DType dtype,
                         llvm::MutableArrayRef<int64_t> shape, void *data) {
  add(name, kDLCUDA, dtype, shape, data);
}

Described driver::describe(TensorMap &tensors) {
  Described described;
  for (auto &[name, tensor] : tensors)
    described.add(name, tensor);
  return described;
}

TensorViews driver::viewsOf(TensorMap &tensors) {
  TensorViews views;
  for (auto &[name, tensor] : tensors)
    views[name] =
        TensorView::contiguous(tensor.data.data(), tensor.dtype, tensor.shape);
  return views;
}

/// Without a name, the first bytes tell the format; a .npy tensor gets the name
/// "<stdin>".
static llvm::Expected<TensorMap> readBytes(llvm::MemoryBufferRef buffer) {
  llvm::StringRef bytes = buffer.getBuffer();
  if (bytes.starts_with("PK"))
    return readNpz(buffer);
  if (!bytes.starts_with("\x93NUMPY"))
    return readSafetensors(bytes);
  llvm::Expected<Tensor> tensor = readNpy(bytes);
  if (!tensor)
    return tensor.takeError();
  TensorMap tensors;
  tensors.insert({"<stdin>", std::move(*tensor)});
  return tensors;
}

llvm::Expected<TensorMap> driver::readTensorInput(llvm::StringRef path) {
  if (path != "-")
    return readTensors(path);
  auto buffer = llvm::MemoryBuffer::getSTDIN();
  if (!buffer)
    return llvm::createStringError("<stdin>: " + buffer.getError().message());
  llvm::Expected<TensorMap> tensors = readBytes((*buffer)->getMemBufferRef());
  if (!tensors)
    return llvm::createStringError("<stdin>: " +
                                   llvm::toString(tensors.takeError()));
  return tensors;
}

llvm::Error driver::writeTensorOutput(llvm::StringRef path,
                                      const TensorMap &tensors) {
  if (path != "-")
    return writeTensors(path, tensors);
  // A .npz archive needs a file that can be rewound.
  llvm::SmallString<128> temporary;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("lrc", "npz", temporary))
    return llvm::createStringError("no temporary file: " + error.message());
  llvm::FileRemover remover(temporary);
  if (llvm::Error error = writeTensors(temporary, tensors))
    return error;
  auto buffer = llvm::MemoryBuffer::getFile(temporary);
  if (!buffer)
    return llvm::createStringError(temporary + ": " +
                                   buffer.getError().message());
  return flushOutput((*buffer)->getBuffer());
}

llvm::Expected<TensorMap> driver::allocate(const ResultSpecs &specs) {
  TensorMap results;
  for (const auto *list : {&specs.outputs, &specs.finals})
    for (const TensorSpec &spec : *list) {
      llvm::Expected<Tensor> tensor =
          Tensor::create(toDType(spec.type), spec.shape);
      if (!tensor)
        return llvm::createStringError(spec.name + ": " +
                                       llvm::toString(tensor.takeError()));
      std::fill_n(tensor->data.data(), tensor->data.size(), char(0xff));
      results[spec.name] = std::move(*tensor);
    }
  return results;
}

void driver::nameOnlyInput(const Signature &signature, llvm::StringRef path,
                           TensorMap &tensors) {
  bool hasName = path != "-" && !path.ends_with(".npy");
  if (hasName || tensors.size() != 1 ||
      signature.findField(tensors.front().first))
    return;
  const Field *only = nullptr;
  for (const Field &field : signature.fields) {
    if (field.role != Field::Role::Input)
      continue;
    if (only)
      return;
    only = &field;
  }
  if (!only || (path == "-" && tensors.front().first != "<stdin>"))
    return;
  TensorMap renamed;
  renamed.insert({only->name, std::move(tensors.front().second)});
  tensors = std::move(renamed);
}

void driver::castInputs(const Signature &signature, const ElementTypes &dtypes,
                        TensorMap &tensors) {
  for (auto &[name, tensor] : tensors) {
    const Field *field = signature.findField(name);
    std::optional<ElementType> from = toElementType(tensor.dtype);
    // What does not suit is left to the error of binding.
    if (!field || !from || isComplex(*from) != field->complex)
      continue;
    auto type = dtypes.find(name);
    if (type == dtypes.end() && field->role != Field::Role::State)
      type = dtypes.find("");
    if (type == dtypes.end())
      continue;
    ElementType to = type->second;
    if (field->complex && !isComplex(to))
      to = to == ElementType::F64 ? ElementType::C128 : ElementType::C64;
    if (to != *from && isComplex(to) == field->complex)
      tensor = tensor.cast(toDType(to));
  }
}

std::vector<std::string> driver::dropUnused(const Signature &signature,
                                            const CompileOptions &options,
                                            TensorMap &tensors) {
  std::vector<std::string> unused;
  for (const auto &[name, tensor] : tensors) {
    const Field *field = signature.findField(name);
    bool isUsed = field ? field->role != Field::Role::Output &&
                              !field->hidden && !options.scalars.count(name)
                        : name == segmentsName;
    if (!isUsed)
      unused.push_back(name);
  }
  tensors.remove_if([&](const auto &entry) {
    return llvm::is_contained(unused, entry.first);
  });
  return unused;
}
