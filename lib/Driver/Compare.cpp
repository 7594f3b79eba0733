//===- Compare.cpp - How far a result is off ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Compare.h"

#include <cmath>
#include <limits>

using namespace lrc;
using namespace lrc::driver;

namespace {
/// A sum of squares that neither overflows nor underflows, as in LAPACK.
class Norm {
public:
  void add(double value) {
    value = std::fabs(value);
    if (value == 0)
      return;
    if (value > scale) {
      sum = 1 + sum * (scale / value) * (scale / value);
      scale = value;
    } else {
      sum += (value / scale) * (value / scale);
    }
  }
  double get() const { return scale * std::sqrt(sum); }

private:
  double scale = 0;
  double sum = 0;
};
} // namespace

static bool sameInfinity(double value, double expected) {
  if (std::isnan(expected))
    return std::isnan(value);
  return std::isinf(expected) ? value == expected : std::isfinite(value);
}

double driver::relativeError(const Tensor &result, const Tensor &reference) {
  Tensor rounded = reference.cast(result.dtype);
  Norm difference, size;
  for (int64_t i = 0, e = reference.numElements(); i < e; ++i) {
    std::complex<double> value = result.getComplex(i);
    std::complex<double> exact = reference.getComplex(i);
    std::complex<double> expected = rounded.getComplex(i);
    if (!sameInfinity(value.real(), expected.real()) ||
        !sameInfinity(value.imag(), expected.imag()))
      return std::numeric_limits<double>::infinity();
    for (auto [y, ref, limit] :
         {std::tuple(value.real(), exact.real(), expected.real()),
          std::tuple(value.imag(), exact.imag(), expected.imag())}) {
      if (!std::isfinite(limit))
        continue;
      difference.add(y - ref);
      size.add(ref);
    }
  }
  return size.get() > 0 ? difference.get() / size.get() : difference.get();
}
