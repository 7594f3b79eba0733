//===- Npy.cpp - NumPy .npy files -----------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Formats.h"
#include "lib/Tensor/NpyHeader.h"
#include "lib/Tensor/TensorFile.h"
#include <algorithm>
#include <cstring>

using namespace llvm;

namespace lrc {

Expected<Tensor> allocateNpy(const NpyHeader &header, uint64_t dataSize) {
  Expected<uint64_t> needed = Tensor::byteSize(header.dtype, header.shape);
  if (!needed)
    return needed.takeError();
  if (*needed > dataSize)
    return createStringError(
        "truncated .npy file: shape " + shapeToString(header.shape) + " of " +
        dtypeName(header.dtype) + " needs " + Twine(*needed) +
        " bytes but only " + Twine(dataSize) + " follow the header");
  if (*needed < dataSize)
    return createStringError(
        "trailing garbage: shape " + shapeToString(header.shape) + " of " +
        dtypeName(header.dtype) + " needs " + Twine(*needed) + " bytes but " +
        Twine(dataSize) + " follow the header");
  return Tensor::create(header.dtype, header.shape);
}

/// Reverses the bytes of every number; a complex number is two numbers.
static void swapBytes(Tensor &tensor) {
  size_t width = sizeInBytes(realPartType(tensor.dtype));
  char *end = tensor.data.data() + tensor.data.size();
  for (char *number = tensor.data.data(); number != end; number += width)
    std::reverse(number, number + width);
}

/// Copies from Fortran order to C order. `size` is the constant size of an
/// element, so that the compiler turns memcpy into a move.
template <size_t size> static void transpose(const Tensor &from, Tensor &to) {
  ArrayRef<int64_t> shape = from.shape;
  SmallVector<int64_t> strides, index(shape.size(), 0);
  int64_t stride = 1;
  for (int64_t dim : shape) {
    strides.push_back(stride);
    stride *= dim;
  }
  int64_t source = 0;
  const char *end = to.data.data() + to.data.size();
  for (char *out = to.data.data(); out != end; out += size) {
    std::memcpy(out, from.data.data() + source * size, size);
    // Step to the next index in C order.
    for (size_t d = shape.size(); d-- > 0;) {
      source += strides[d];
      if (++index[d] < shape[d])
        break;
      source -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

static Error toCOrder(Tensor &tensor) {
  if (tensor.rank() < 2 || tensor.data.empty())
    return Error::success();
  Expected<Tensor> result = Tensor::create(tensor.dtype, tensor.shape);
  if (!result)
    return result.takeError();
  switch (sizeInBytes(tensor.dtype)) {
  case 1:
    transpose<1>(tensor, *result);
    break;
  case 2:
    transpose<2>(tensor, *result);
    break;
  case 4:
    transpose<4>(tensor, *result);
    break;
  case 8:
    transpose<8>(tensor, *result);
    break;
  default:
    transpose<16>(tensor, *result);
  }
  tensor = std::move(*result);
  return Error::success();
}

Error finishNpy(const NpyHeader &header, Tensor &tensor) {
  if (header.swapBytes)
    swapBytes(tensor);
  if (header.fortranOrder)
    if (Error error = toCOrder(tensor))
      return error;
  return checkBoolBytes(tensor);
}

Expected<Tensor> readNpy(StringRef bytes) {
  Expected<uint64_t> dataOffset = npyDataOffset(bytes, bytes.size());
  if (!dataOffset)
    return dataOffset.takeError();
  Expected<NpyHeader> header = parseNpyHeader(bytes.take_front(*dataOffset));
  if (!header)
    return header.takeError();
  StringRef data = bytes.drop_front(*dataOffset);
  Expected<Tensor> tensor = allocateNpy(*header, data.size());
  if (!tensor)
    return tensor.takeError();
  std::memcpy(tensor->data.data(), data.data(), data.size());
  if (Error error = finishNpy(*header, *tensor))
    return error;
  return tensor;
}

void writeNpy(raw_ostream &os, const Tensor &tensor) {
  os << formatNpyHeader(tensor);
  os.write(tensor.data.data(), tensor.data.size());
}

} // namespace lrc
