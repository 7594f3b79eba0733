//===- Cast.cpp - Conversions of tensor elements --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/Element.h"
#include "lib/Tensor/Tensor.h"
#include <algorithm>

using namespace llvm;

namespace lrc {

template <typename T> static const T *elementsOf(const Tensor &tensor) {
  return reinterpret_cast<const T *>(tensor.data.data());
}

template <typename T> static T *elementsOf(Tensor &tensor) {
  return reinterpret_cast<T *>(tensor.data.data());
}

/// Converts through a block of widened values: one loop for each source type
/// and four for each target, where direct loops would be one for each pair.
template <typename From>
static void castFrom(const Tensor &source, Tensor &target) {
  using Wide = decltype(widen(From()));
  constexpr int64_t blockSize = 512;
  Wide block[blockSize];
  int64_t count = source.numElements();
  for (int64_t begin = 0; begin < count; begin += blockSize) {
    int64_t size = std::min(blockSize, count - begin);
    const From *from = elementsOf<From>(source) + begin;
    for (int64_t i = 0; i < size; ++i)
      block[i] = widen(from[i]);
    visitElement(target.dtype, [&](auto tag) {
      using To = typename decltype(tag)::type;
      To *to = elementsOf<To>(target) + begin;
      for (int64_t i = 0; i < size; ++i)
        to[i] = narrow<To>(block[i]);
    });
  }
}

Tensor Tensor::cast(DType to) const {
  if (to == dtype)
    return *this;
  Tensor result(to, shape);
  visitElement(dtype, [&](auto tag) {
    castFrom<typename decltype(tag)::type>(*this, result);
  });
  return result;
}

double Tensor::getDouble(int64_t index) const {
  assert(index >= 0 && index < numElements() && "index out of range");
  return visitElement(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return narrow<double>(widen(elementsOf<T>(*this)[index]));
  });
}

std::complex<double> Tensor::getComplex(int64_t index) const {
  assert(index >= 0 && index < numElements() && "index out of range");
  return visitElement(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    return narrow<std::complex<double>>(widen(elementsOf<T>(*this)[index]));
  });
}

void Tensor::setDouble(int64_t index, double value) {
  assert(index >= 0 && index < numElements() && "index out of range");
  visitElement(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    elementsOf<T>(*this)[index] = narrow<T>(value);
  });
}

void Tensor::setComplex(int64_t index, std::complex<double> value) {
  assert(index >= 0 && index < numElements() && "index out of range");
  visitElement(dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    elementsOf<T>(*this)[index] = narrow<T>(value);
  });
}

std::vector<double> Tensor::toDoubles() const {
  Tensor wide = cast(DType::F64);
  ArrayRef<double> values = std::as_const(wide).elements<double>();
  return values.vec();
}

std::vector<std::complex<double>> Tensor::toComplex() const {
  Tensor wide = cast(DType::C128);
  return std::as_const(wide).elements<std::complex<double>>().vec();
}

Tensor Tensor::fromDoubles(DType dtype, ArrayRef<int64_t> shape,
                           ArrayRef<double> values) {
  Tensor wide(DType::F64, shape);
  assert(int64_t(values.size()) == wide.numElements() && "wrong value count");
  llvm::copy(values, wide.elements<double>().begin());
  return wide.cast(dtype);
}

Tensor Tensor::fromComplex(DType dtype, ArrayRef<int64_t> shape,
                           ArrayRef<std::complex<double>> values) {
  Tensor wide(DType::C128, shape);
  assert(int64_t(values.size()) == wide.numElements() && "wrong value count");
  llvm::copy(values, wide.elements<std::complex<double>>().begin());
  return wide.cast(dtype);
}

} // namespace lrc
