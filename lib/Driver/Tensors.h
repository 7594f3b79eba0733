//===- Tensors.h - Tensors of files as DLPack -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_TENSORS_H
#define LRC_LIB_DRIVER_TENSORS_H

#include "lib/Binding/Bind.h"
#include "lib/Tensor/Tensor.h"
#include "lrc/Program.h"

#include <deque>

namespace lrc::driver {

/// DLPack descriptions of tensors, which must outlive it and keep their place.
class Described {
public:
  void add(const std::string &name, Tensor &tensor);
  /// A tensor in memory of a GPU.
  void addOnGpu(const std::string &name, DType dtype,
                llvm::MutableArrayRef<int64_t> shape, void *data);
  const TensorArgs &args() const { return byName; }

private:
  void add(const std::string &name, DLDeviceType device, DType dtype,
           llvm::MutableArrayRef<int64_t> shape, void *data);

  std::deque<DLTensor> tensors;
  TensorArgs byName;
};

Described describe(TensorMap &tensors);
TensorViews viewsOf(TensorMap &tensors);

/// Reads a file; "-" is a .npz or .safetensors file on standard input.
llvm::Expected<TensorMap> readTensorInput(llvm::StringRef path);
/// Writes a file; "-" is a .npz file on standard output.
llvm::Error writeTensorOutput(llvm::StringRef path, const TensorMap &tensors);

/// Memory for outputs and final states, every byte of it set to 0xff: a NaN in
/// any floating-point type, so that what a kernel leaves out shows.
llvm::Expected<TensorMap> allocate(const ResultSpecs &specs);

/// A .npy file has one tensor without a name of its own: it is the input of a
/// recurrence that has only one.
void nameOnlyInput(const Signature &signature, llvm::StringRef path,
                   TensorMap &tensors);

/// Converts inputs and parameters to the element types that were asked for.
void castInputs(const Signature &signature, const ElementTypes &dtypes,
                TensorMap &tensors);

/// Splits off tensors that a call can't take; returns their names.
std::vector<std::string> dropUnused(const Signature &signature,
                                    const CompileOptions &options,
                                    TensorMap &tensors);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_TENSORS_H
