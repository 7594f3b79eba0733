//===- DLPack.h - Views of DLPack tensors -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_DLPACK_H
#define LRC_LIB_JIT_DLPACK_H

#include "lib/Binding/Bind.h"
#include "lrc/Program.h"

namespace lrc {

/// The tensor without a copy; an error when it is not in memory of the CPU or
/// has a type that lrc does not know.
llvm::Expected<TensorView> toView(llvm::StringRef name, const DLTensor *tensor);
llvm::Expected<TensorViews> toViews(const TensorArgs &tensors);

/// Whether the tensors of a call, but for `cu_seqlens`, are in memory of a GPU.
llvm::Expected<bool> areOnGpu(const TensorArgs &inputs,
                              const TensorArgs &outputs);

/// The type as DLPack writes it.
DLDataType toDLDataType(DType dtype);

} // namespace lrc

#endif // LRC_LIB_JIT_DLPACK_H
