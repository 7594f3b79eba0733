//===- Tensor.cpp - A tensor in host memory -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Tensor.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

using namespace llvm;

namespace lrc {

static Error shapeError(ArrayRef<int64_t> shape, const Twine &problem) {
  return createStringError("shape " + shapeToString(shape) + " " + problem);
}

Expected<uint64_t> Tensor::byteSize(DType dtype, ArrayRef<int64_t> shape) {
  if (shape.size() > maxRank)
    return createStringError("rank " + Twine(shape.size()) +
                             " is above the limit of " + Twine(maxRank));
  std::optional<int64_t> total = sizeInBytes(dtype);
  bool hasZero = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return shapeError(shape, "has the negative dimension " + Twine(dim));
    if (dim == 0)
      hasZero = true;
    else if (total)
      total = checkedMul(*total, dim);
  }
  if (!total)
    return shapeError(shape, "of " + dtypeName(dtype) +
                                 " overflows: its size in bytes must be "
                                 "below 2^63, not counting dimensions of 0");
  return hasZero ? 0 : uint64_t(*total);
}

Expected<Tensor> Tensor::create(DType dtype, ArrayRef<int64_t> shape) {
  Expected<uint64_t> size = byteSize(dtype, shape);
  if (!size)
    return size.takeError();
  std::optional<AlignedBuffer> buffer = AlignedBuffer::allocate(*size);
  if (!buffer)
    return shapeError(shape, "of " + dtypeName(dtype) + " needs " +
                                 Twine(*size) +
                                 " bytes, more memory than there is");
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.data = std::move(*buffer);
  return tensor;
}

Tensor::Tensor(DType dtype, ArrayRef<int64_t> shape)
    : dtype(dtype), shape(shape.begin(), shape.end()),
      data(cantFail(byteSize(dtype, shape))) {}

int64_t Tensor::numElements() const {
  int64_t count = 1;
  for (int64_t dim : shape) {
    if (dim == 0)
      return 0; // Before a product of the other dimensions can overflow.
    count *= dim;
  }
  return count;
}

std::string shapeToString(ArrayRef<int64_t> shape) {
  std::string text;
  raw_string_ostream os(text);
  os << '(';
  for (size_t i = 0; i < shape.size(); ++i)
    os << (i ? ", " : "") << shape[i];
  os << (shape.size() == 1 ? ",)" : ")");
  return text;
}

bool bitwiseEqual(const Tensor &a, const Tensor &b) {
  return a.dtype == b.dtype && a.shape == b.shape &&
         a.data.size() == b.data.size() &&
         std::memcmp(a.data.data(), b.data.data(), a.data.size()) == 0;
}

} // namespace lrc
