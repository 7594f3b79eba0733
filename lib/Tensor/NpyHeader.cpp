//===- NpyHeader.cpp - The header of a .npy file --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/NpyHeader.h"
#include "lib/Tensor/Quote.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace lrc {

static constexpr StringLiteral magic("\x93NUMPY");

/// Headers of plain dtypes are far shorter; only structured dtypes, which are
/// refused anyway, grow beyond it.
static constexpr uint64_t maxHeaderSize = 1 << 20;

Expected<uint64_t> npyDataOffset(StringRef start, uint64_t fileSize) {
  if (!start.starts_with(magic))
    return createStringError(
        "not a .npy file: it starts with " + quote(start.take_front(6)) +
        " where the magic string '\\x93NUMPY' is expected");
  if (start.size() < 8)
    return createStringError("truncated .npy file: " + Twine(fileSize) +
                             " bytes end before the version number");
  unsigned version = uint8_t(start[6]);
  if (version < 1 || version > 3 || start[7] != 0)
    return createStringError("unknown .npy version " + Twine(version) + "." +
                             Twine(unsigned(uint8_t(start[7]))) +
                             "; 1.0, 2.0 and 3.0 can be read");
  uint64_t lengthEnd = version == 1 ? 10 : 12;
  if (start.size() < lengthEnd)
    return createStringError("truncated .npy file: " + Twine(fileSize) +
                             " bytes end before the length of the header");
  uint64_t length = version == 1 ? support::endian::read16le(start.data() + 8)
                                 : support::endian::read32le(start.data() + 8);
  if (length > fileSize - lengthEnd)
    return createStringError("truncated .npy file: the header should have " +
                             Twine(length) + " bytes but only " +
                             Twine(fileSize - lengthEnd) + " are left");
  if (length > maxHeaderSize)
    return createStringError("the .npy header has " + Twine(length) +
                             " bytes; at most " + Twine(maxHeaderSize) +
                             " are expected");
  return lengthEnd + length;
}

/// Why numpy knows the kind of type but lrc cannot read it; empty for a type
/// unknown to both.
static StringRef whyRefused(StringRef descr) {
  switch (descr.empty() ? '\0' : descr.front()) {
  case 'O':
    return " holds pickled Python objects";
  case 'S':
  case 'a':
  case 'U':
    return " holds strings";
  case 'M':
  case 'm':
    return " holds dates or times";
  case 'V':
    return " holds raw bytes";
  case 'f':
  case 'c':
    return " holds numbers of a size that differs between machines";
  default:
    return " is unknown";
  }
}

/// numpy's name of a dtype, without the byte order.
static StringRef npyType(DType dtype) {
  switch (dtype) {
  case DType::F16:
    return "f2";
  case DType::BF16:
    return "V2";
  case DType::F32:
    return "f4";
  case DType::F64:
    return "f8";
  case DType::C64:
    return "c8";
  case DType::C128:
    return "c16";
  case DType::I8:
    return "i1";
  case DType::I16:
    return "i2";
  case DType::I32:
    return "i4";
  case DType::I64:
    return "i8";
  case DType::U8:
    return "u1";
  case DType::U16:
    return "u2";
  case DType::U32:
    return "u4";
  case DType::U64:
    return "u8";
  case DType::Bool:
    return "b1";
  }
  llvm_unreachable("unknown dtype");
}

/// Whether numpy puts '<' or '>' in front of the type, and not '|'.
static bool hasByteOrder(DType dtype) {
  return sizeInBytes(dtype) > 1 && dtype != DType::BF16;
}

Expected<std::pair<DType, bool>> parseNpyDescr(StringRef descr) {
  char order = '|';
  StringRef type = descr;
  if (!type.empty() && StringRef("<>=|").contains(type.front())) {
    order = type.front();
    type = type.drop_front();
  }
  const DType *dtype = llvm::find_if(
      allDTypes(), [&](DType known) { return npyType(known) == type; });
  if (dtype == allDTypes().end())
    return createStringError(
        "dtype " + quote(descr) + whyRefused(type) +
        "; lrc reads f2, f4, f8, c8, c16, i1 to i8, u1 to u8, b1 and V2 (as "
        "bf16)");
  if (hasByteOrder(*dtype) && order == '|')
    return createStringError("dtype " + quote(descr) +
                             " has no byte order; '<" + type + "' or '>" +
                             type + "' is expected");
  if (*dtype == DType::BF16 && order == '>')
    return createStringError("dtype " + quote(descr) +
                             " is big-endian; bf16 is read only from '|V2' "
                             "and '<V2'");
  // '=' is the byte order of the machine, here as in numpy.
  constexpr bool hostIsLittle = endianness::native == endianness::little;
  char foreign = hostIsLittle ? '>' : '<';
  return std::make_pair(*dtype, hasByteOrder(*dtype) && order == foreign);
}

std::string formatNpyHeader(const Tensor &tensor) {
  constexpr bool hostIsLittle = endianness::native == endianness::little;
  static_assert(hostIsLittle, "tensors are written in the host's byte order");
  StringRef order = hasByteOrder(tensor.dtype) ? "<" : "|";
  std::string dict =
      ("{'descr': '" + order + npyType(tensor.dtype) +
       "', 'fortran_order': False, 'shape': " + shapeToString(tensor.shape) +
       ", }")
          .str();
  // Spaces and a newline fill up the header so that the elements are aligned.
  constexpr size_t prefixSize = 10;
  size_t end = alignTo(prefixSize + dict.size() + 1, AlignedBuffer::alignment);
  dict.resize(end - prefixSize - 1, ' ');
  dict += '\n';
  assert(dict.size() <= UINT16_MAX && "the rank limit keeps headers short");

  std::string header(magic);
  header += '\x01';
  header += '\0';
  header += char(dict.size() & 0xff);
  header += char(dict.size() >> 8);
  return header + dict;
}

} // namespace lrc
