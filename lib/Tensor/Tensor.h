//===- Tensor.h - A tensor in host memory -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one tensor type that files are read into and written from.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_TENSOR_H
#define LRC_LIB_TENSOR_TENSOR_H

#include "lib/Tensor/AlignedBuffer.h"
#include "lib/Tensor/DType.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <cassert>
#include <complex>
#include <cstdint>
#include <string>
#include <vector>

namespace lrc {

/// A dense tensor in C order (the last dimension varies fastest), without
/// padding, in the byte order of the host. An empty shape is a scalar with one
/// element; a dimension of 0 gives a tensor without elements.
///
/// Invariant: data.size() == numElements() * sizeInBytes(dtype).
struct Tensor {
  /// Files with more dimensions are refused (numpy has the same limit).
  static constexpr size_t maxRank = 64;

  DType dtype = DType::F32;
  llvm::SmallVector<int64_t> shape = {0};
  AlignedBuffer data;

  Tensor() = default;

  /// A tensor of zeros. The shape must be one that `byteSize` accepts; use
  /// `create` for a shape that comes from a user.
  Tensor(DType dtype, llvm::ArrayRef<int64_t> shape);

  /// A tensor of uninitialised elements. Fails on a shape that `byteSize`
  /// refuses and when there is no memory for it.
  static llvm::Expected<Tensor> create(DType dtype,
                                       llvm::ArrayRef<int64_t> shape);

  /// A tensor with the given elements in C order, rounded as `setComplex`
  /// does. `values` must have as many elements as `shape`.
  static Tensor fromDoubles(DType dtype, llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<double> values);
  static Tensor fromComplex(DType dtype, llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<std::complex<double>> values);

  /// The number of bytes that a tensor takes. Fails on a negative dimension, a
  /// rank above maxRank, and a size that does not fit into 63 bits (dimensions
  /// of 0 left out, so that strides never overflow either).
  static llvm::Expected<uint64_t> byteSize(DType dtype,
                                           llvm::ArrayRef<int64_t> shape);

  size_t rank() const { return shape.size(); }

  /// The product of the dimensions; 1 for a scalar.
  int64_t numElements() const;

  /// The elements as an array of T, which must have the size of the dtype.
  template <typename T> llvm::MutableArrayRef<T> elements();
  template <typename T> llvm::ArrayRef<T> elements() const;

  /// One element, by its position in C order. The real part of a complex
  /// element; 64-bit integers round to the nearest double.
  double getDouble(int64_t index) const;
  std::complex<double> getComplex(int64_t index) const;

  /// Stores one element as `cast` converts it from F64 or C128.
  void setDouble(int64_t index, double value);
  void setComplex(int64_t index, std::complex<double> value);

  /// All elements in C order, converted as above.
  std::vector<double> toDoubles() const;
  std::vector<std::complex<double>> toComplex() const;

  /// The same values in another element type:
  ///   - to floating point: one rounding to nearest, ties to even; overflow
  ///     gives an infinity and NaN stays NaN;
  ///   - floating point to integer: towards zero, out of range to the nearest
  ///     end of the range, NaN to 0;
  ///   - integer to integer: modulo 2^bits, as numpy does;
  ///   - to Bool: whether the value (either part of it) is not 0;
  ///   - complex to real: drops the imaginary part.
  Tensor cast(DType to) const;
};

/// Tensors by name, in the order of the file. Adding a tensor moves the others:
/// `map["b"] = map["a"]` reads a dangling reference.
using TensorMap =
    llvm::MapVector<std::string, Tensor, llvm::StringMap<unsigned>>;

/// The shape as numpy prints it: "()", "(3,)", "(3, 4)".
std::string shapeToString(llvm::ArrayRef<int64_t> shape);

/// Whether dtype, shape and every byte agree (so NaN equals the same NaN).
bool bitwiseEqual(const Tensor &a, const Tensor &b);

template <typename T> llvm::MutableArrayRef<T> Tensor::elements() {
  assert(sizeof(T) == sizeInBytes(dtype) && "element type of another size");
  return {reinterpret_cast<T *>(data.data()), data.size() / sizeof(T)};
}

template <typename T> llvm::ArrayRef<T> Tensor::elements() const {
  assert(sizeof(T) == sizeInBytes(dtype) && "element type of another size");
  return {reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T)};
}

} // namespace lrc

#endif // LRC_LIB_TENSOR_TENSOR_H
