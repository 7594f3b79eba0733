//===- Formats.h - The writers of the file formats --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the library; writeTensors is what others call.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_FORMATS_H
#define LRC_LIB_TENSOR_FORMATS_H

#include "lib/Tensor/Tensor.h"
#include "llvm/Support/raw_ostream.h"

namespace lrc {

/// Writes one tensor as a .npy file.
void writeNpy(llvm::raw_ostream &os, const Tensor &tensor);

/// Writes a .npz archive over the file at `path`. libzip goes through a
/// temporary file of its own, beside `path`, and removes it on an error.
llvm::Error writeNpz(llvm::StringRef path, const TensorMap &tensors);

/// Writes a .safetensors file. Fails before the first byte.
llvm::Error writeSafetensors(llvm::raw_ostream &os, const TensorMap &tensors);

/// Fails unless the tensor is consistent: a possible shape, as many bytes as
/// the shape needs, and only 0 and 1 in a bool tensor.
llvm::Error checkTensor(const Tensor &tensor);

/// Fails unless every byte of a bool tensor is 0 or 1; anything else would be
/// undefined behaviour where it is used as a C++ bool.
llvm::Error checkBoolBytes(const Tensor &tensor);

/// Puts the name of the tensor in front of an error about it.
llvm::Error errorInTensor(llvm::StringRef name, llvm::Error error);

} // namespace lrc

#endif // LRC_LIB_TENSOR_FORMATS_H
