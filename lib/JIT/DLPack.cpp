//===- DLPack.cpp - Views of DLPack tensors -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/DLPack.h"

#include "lib/Binding/Layout.h"

using namespace lrc;

DLDataType lrc::toDLDataType(DType dtype) {
  uint8_t code = dtype == DType::Bool     ? kDLBool
                 : dtype == DType::BF16   ? kDLBfloat
                 : isFloat(dtype)         ? kDLFloat
                 : isComplex(dtype)       ? kDLComplex
                 : isSignedInteger(dtype) ? kDLInt
                                          : kDLUInt;
  return {code, uint8_t(8 * sizeInBytes(dtype)), 1};
}

llvm::Expected<TensorView> lrc::toView(llvm::StringRef name,
                                       const DLTensor *tensor) {
  if (!tensor)
    return binding::errorIn(name, "expected a tensor, got a null pointer");
  DLDeviceType device = tensor->device.device_type;
  if (device != kDLCPU && device != kDLCUDA && device != kDLCUDAHost)
    return binding::errorIn(name,
                            "expected a tensor of the CPU (device type 1) or "
                            "of an NVIDIA GPU (2), got device type " +
                                llvm::Twine(int(device)));
  if (tensor->ndim < 0 || (tensor->ndim > 0 && !tensor->shape))
    return binding::errorIn(name, "expected a shape");
  TensorView view;
  bool known = false;
  for (DType dtype : allDTypes()) {
    DLDataType type = toDLDataType(dtype);
    if (type.code == tensor->dtype.code && type.bits == tensor->dtype.bits &&
        tensor->dtype.lanes == 1) {
      view.dtype = dtype;
      known = true;
    }
  }
  if (!known)
    return binding::errorIn(
        name, "expected f16, bf16, f32, f64, complex64 or complex128, got "
              "DLPack type code " +
                  llvm::Twine(int(tensor->dtype.code)) + " with " +
                  llvm::Twine(int(tensor->dtype.bits)) + " bits and " +
                  llvm::Twine(int(tensor->dtype.lanes)) + " lanes");
  llvm::ArrayRef<int64_t> shape(tensor->shape, tensor->ndim);
  for (int64_t size : shape)
    if (size < 0)
      return binding::errorIn(name, "expected sizes of at least 0, got " +
                                        binding::spellShape(shape));
  char *data = static_cast<char *>(tensor->data);
  view = TensorView::contiguous(data ? data + tensor->byte_offset : nullptr,
                                view.dtype, shape);
  if (tensor->strides)
    view.strides.assign(tensor->strides, tensor->strides + tensor->ndim);
  return view;
}

llvm::Expected<bool> lrc::areOnGpu(const TensorArgs &inputs,
                                   const TensorArgs &outputs) {
  std::optional<bool> all;
  for (const TensorArgs *tensors : {&inputs, &outputs})
    for (const auto &[name, tensor] : *tensors) {
      bool onGpu = tensor && tensor->device.device_type == kDLCUDA;
      if (name == "cu_seqlens") {
        if (onGpu)
          return binding::errorIn(name, "expected a tensor of the CPU");
        continue;
      }
      if (all.value_or(onGpu) != onGpu)
        return binding::errorIn(
            name, "expected all tensors on the CPU or all on the GPU");
      all = onGpu;
    }
  return all.value_or(false);
}

llvm::Expected<TensorViews> lrc::toViews(const TensorArgs &tensors) {
  TensorViews views;
  for (const auto &[name, tensor] : tensors) {
    llvm::Expected<TensorView> view = toView(name, tensor);
    if (!view)
      return view.takeError();
    views[name] = std::move(*view);
  }
  return views;
}
