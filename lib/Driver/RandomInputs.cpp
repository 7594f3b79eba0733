//===- RandomInputs.cpp - Tensors from declared ranges --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/RandomInputs.h"

#include <cmath>

using namespace lrc;
using namespace lrc::driver;

double RandomInputs::uniform() {
  return (double(bits() >> 11) + 0.5) * 0x1p-53;
}

/// Box and Muller: two uniform numbers make a normal one.
double RandomInputs::normal() {
  double radius = std::sqrt(-2 * std::log(uniform()));
  return radius * std::cos(2 * M_PI * uniform());
}

double RandomInputs::fromRange(const DeclaredRange &range) {
  if (range.kind == DeclaredRange::Kind::Choice)
    return range.choices.empty() ? 0
                                 : range.choices[bits() % range.choices.size()];
  if (range.kind != DeclaredRange::Kind::Interval)
    return normal();
  bool below = std::isinf(range.lower), above = std::isinf(range.upper);
  if (below && above)
    return normal();
  if (!below && !above)
    return range.lower + uniform() * (range.upper - range.lower);
  double distance = -tail * std::log(uniform());
  if (tail >= 1 && bits() % 64 == 0)
    distance *= 1e4;
  return below ? range.upper - distance : range.lower + distance;
}

static void normalize(std::vector<std::complex<double>> &values,
                      size_t length) {
  for (size_t start = 0; start + length <= values.size(); start += length) {
    double squares = 0;
    for (size_t i = 0; i < length; ++i)
      squares += std::norm(values[start + i]);
    for (size_t i = 0; i < length; ++i)
      values[start + i] /= std::sqrt(squares);
  }
}

Tensor RandomInputs::draw(const Field &field, llvm::ArrayRef<int64_t> shape,
                          DType dtype) {
  using Kind = DeclaredRange::Kind;
  double scale = 1;
  if (field.role == Field::Role::Param && field.range.kind == Kind::Any &&
      field.extents.size() >= 2)
    scale = 1 / std::sqrt(double(shape.back()));
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<std::complex<double>> values(count);
  for (std::complex<double> &value : values) {
    double real = scale * fromRange(field.range);
    value = {real, field.complex ? scale * normal() : 0};
  }
  if (field.range.kind == Kind::UnitNorm)
    normalize(values, shape.empty() ? 1 : std::max<int64_t>(shape.back(), 1));
  return Tensor::fromComplex(dtype, shape, values);
}
