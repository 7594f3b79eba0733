//===- Inverse.cpp - The inverse of a matrix ------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Interp/Kernels.h"

#include <algorithm>
#include <cmath>

using namespace lrc;
using namespace lrc::interp;

/// Gauss-Jordan elimination: what makes `matrix` the identity makes the inverse
/// of the identity. Each column takes its largest pivot.
static void invert(std::vector<double> matrix, double *inverse, int64_t size) {
  for (int64_t i = 0; i < size * size; ++i)
    inverse[i] = i / size == i % size;
  double *both[] = {matrix.data(), inverse};
  for (int64_t column = 0; column < size; ++column) {
    int64_t pivot = column;
    for (int64_t row = column + 1; row < size; ++row)
      if (std::abs(matrix[row * size + column]) >
          std::abs(matrix[pivot * size + column]))
        pivot = row;
    double scale = 1 / matrix[pivot * size + column];
    for (double *side : both) {
      double *chosen = side + pivot * size, *top = side + column * size;
      if (pivot != column)
        std::swap_ranges(chosen, chosen + size, top);
      for (int64_t j = 0; j < size; ++j)
        top[j] *= scale;
    }
    for (int64_t row = 0; row < size; ++row) {
      double factor = matrix[row * size + column];
      if (row == column)
        continue;
      for (double *side : both)
        for (int64_t j = 0; j < size; ++j)
          side[row * size + j] -= factor * side[column * size + j];
    }
  }
}

Action interp::makeInverse(Cell &out, Cell &matrix, int64_t size) {
  return [&out, &matrix, size] {
    for (int64_t at = 0, end = out.size(); at < end; at += size * size) {
      auto first = matrix.reals.begin() + at;
      invert({first, first + size * size}, out.reals.data() + at, size);
    }
  };
}
