//===- DType.h - Element types of tensors -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The element types that a tensor in a file or on the host may have.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_DTYPE_H
#define LRC_LIB_TENSOR_DTYPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstddef>
#include <optional>

namespace lrc {

/// The type of one element. `C64` and `C128` are complex numbers of 64 and 128
/// bits in total (numpy's complex64 and complex128): real part, then imaginary
/// part. `Bool` takes one byte that holds 0 or 1.
enum class DType {
  F16,
  BF16,
  F32,
  F64,
  C64,
  C128,
  I8,
  I16,
  I32,
  I64,
  U8,
  U16,
  U32,
  U64,
  Bool
};

/// Every DType, in the order of the enumeration.
llvm::ArrayRef<DType> allDTypes();

/// The size of one element in bytes: 1, 2, 4, 8 or 16.
size_t sizeInBytes(DType dtype);

/// The name in diagnostics and on command lines: "f16", "bf16", "f32", "f64",
/// "c64", "c128", "i8" ... "i64", "u8" ... "u64", "bool".
llvm::StringRef dtypeName(DType dtype);

/// The inverse of dtypeName; std::nullopt for any other text.
std::optional<DType> parseDType(llvm::StringRef name);

/// True for C64 and C128.
bool isComplex(DType dtype);

/// True for F16, BF16, F32 and F64 (not for complex numbers).
bool isFloat(DType dtype);

/// True for the signed and unsigned integers and for Bool.
bool isInteger(DType dtype);

/// True for I8 to I64.
bool isSignedInteger(DType dtype);

/// The type of the real part: F32 for C64, F64 for C128, else `dtype` itself.
DType realPartType(DType dtype);

} // namespace lrc

#endif // LRC_LIB_TENSOR_DTYPE_H
