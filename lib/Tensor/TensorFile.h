//===- TensorFile.h - Read and write tensor files ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three file formats: NumPy .npy (one tensor) and .npz (a zip archive of .npy
// entries), and .safetensors.
//
// Whatever the bytes are, reading ends in tensors or in an error that names
// the file, the tensor where one is known, what is wrong and what would be
// right. No allocation is larger than what a file of that length can hold.
//
// NumPy has no bfloat16. Files of ml_dtypes.bfloat16 arrays carry it as the
// two-byte void type, so '|V2' and '<V2' are read as bf16 and bf16 is written
// as '|V2'; in Python, `array.view(ml_dtypes.bfloat16)` gives the values back.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_TENSORFILE_H
#define LRC_LIB_TENSOR_TENSORFILE_H

#include "lib/Tensor/Tensor.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace lrc {

/// Reads every tensor of a file, in the order of the file. The extension
/// (.npy, .npz or .safetensors) says which format it has. The tensor of a .npy
/// file is named after the stem of the path: "x" for "dir/x.npy".
///
/// The file must not be shortened by others while it is read. writeTensors
/// never does that: it replaces a file as a whole.
llvm::Expected<TensorMap> readTensors(llvm::StringRef path);

/// Writes a file in the format that its extension names. The bytes go to a
/// temporary file in the same directory that replaces `path` at the end, so
/// that after an error `path` is as it was and nothing else is left behind.
/// A .npy file takes exactly one tensor, whose name is not kept. .npz entries
/// are stored without compression. .safetensors has no c128. The same tensors
/// always give the same bytes.
llvm::Error writeTensors(llvm::StringRef path, const TensorMap &tensors);

/// Reads the bytes of a .npy file: versions 1.0 to 3.0, C and Fortran order,
/// both byte orders, every DType.
llvm::Expected<Tensor> readNpy(llvm::StringRef bytes);

/// Reads the bytes of a .npz archive with stored or deflated entries, zip64
/// included. "x.npy" in the archive is the tensor "x".
llvm::Expected<TensorMap> readNpz(llvm::MemoryBufferRef archive);

/// Reads the bytes of a .safetensors file. `__metadata__` is ignored.
llvm::Expected<TensorMap> readSafetensors(llvm::StringRef bytes);

} // namespace lrc

#endif // LRC_LIB_TENSOR_TENSORFILE_H
