//===- DType.cpp - Element types of tensors -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/DType.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

namespace lrc {

namespace {
struct DTypeInfo {
  DType dtype;
  StringLiteral name;
  size_t size;
};
} // namespace

/// One row for each enumerator, in the order of the enumeration.
static constexpr DTypeInfo dtypeTable[] = {
    {DType::F16, "f16", 2}, {DType::BF16, "bf16", 2}, {DType::F32, "f32", 4},
    {DType::F64, "f64", 8}, {DType::C64, "c64", 8},   {DType::C128, "c128", 16},
    {DType::I8, "i8", 1},   {DType::I16, "i16", 2},   {DType::I32, "i32", 4},
    {DType::I64, "i64", 8}, {DType::U8, "u8", 1},     {DType::U16, "u16", 2},
    {DType::U32, "u32", 4}, {DType::U64, "u64", 8},   {DType::Bool, "bool", 1},
};

static const DTypeInfo &infoOf(DType dtype) {
  return dtypeTable[static_cast<size_t>(dtype)];
}

ArrayRef<DType> allDTypes() {
  static constexpr DType all[] = {
      DType::F16,  DType::BF16, DType::F32, DType::F64, DType::C64,
      DType::C128, DType::I8,   DType::I16, DType::I32, DType::I64,
      DType::U8,   DType::U16,  DType::U32, DType::U64, DType::Bool};
  static_assert(std::size(all) == std::size(dtypeTable));
  return all;
}

size_t sizeInBytes(DType dtype) { return infoOf(dtype).size; }

StringRef dtypeName(DType dtype) { return infoOf(dtype).name; }

std::optional<DType> parseDType(StringRef name) {
  for (const DTypeInfo &info : dtypeTable)
    if (info.name == name)
      return info.dtype;
  return std::nullopt;
}

bool isComplex(DType dtype) {
  return dtype == DType::C64 || dtype == DType::C128;
}

bool isFloat(DType dtype) { return dtype <= DType::F64; }

bool isInteger(DType dtype) { return dtype >= DType::I8; }

bool isSignedInteger(DType dtype) {
  return dtype >= DType::I8 && dtype <= DType::I64;
}

DType realPartType(DType dtype) {
  if (dtype == DType::C64)
    return DType::F32;
  return dtype == DType::C128 ? DType::F64 : dtype;
}

} // namespace lrc
