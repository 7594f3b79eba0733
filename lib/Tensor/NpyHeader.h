//===- NpyHeader.h - The header of a .npy file ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A .npy file is the magic string, a version, the length of the header, the
// header (a Python dictionary) and the elements. The pieces are separate here
// so that .npz entries can be decompressed straight into the tensor.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_NPYHEADER_H
#define LRC_LIB_TENSOR_NPYHEADER_H

#include "lib/Tensor/Tensor.h"

namespace lrc {

/// What the header says about the elements behind it.
struct NpyHeader {
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t> shape;
  /// Whether the first dimension varies fastest.
  bool fortranOrder = false;
  /// Whether the bytes of each number are the other way round than here.
  bool swapBytes = false;
};

/// So many bytes from the start (or the whole file, if it is shorter) are
/// enough for npyDataOffset.
constexpr size_t npyPreambleSize = 12;

/// The position of the first element in a file of `fileSize` bytes that starts
/// with `start`.
llvm::Expected<uint64_t> npyDataOffset(llvm::StringRef start,
                                       uint64_t fileSize);

/// Parses everything in front of the first element.
llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef header);

/// The DType of a descriptor such as "<f4", and whether its bytes are to be
/// swapped.
llvm::Expected<std::pair<DType, bool>> parseNpyDescr(llvm::StringRef descr);

/// Everything that a .npy file of the tensor has in front of the elements.
std::string formatNpyHeader(const Tensor &tensor);

/// A tensor for the elements, still without values, if `dataSize` bytes are
/// just what the header needs.
llvm::Expected<Tensor> allocateNpy(const NpyHeader &header, uint64_t dataSize);

/// Brings elements as they are in the file into C order and into the byte
/// order of the host, and checks them.
llvm::Error finishNpy(const NpyHeader &header, Tensor &tensor);

} // namespace lrc

#endif // LRC_LIB_TENSOR_NPYHEADER_H
