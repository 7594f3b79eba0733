//===- RandomInputs.h - Tensors from declared ranges ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How values are drawn:
//
//     [a, b]            uniform
//     [a, inf)          a + exponential with mean 1
//     (-inf, b]         b - exponential with mean 1
//     {x, y, ..}        one of them, each as likely
//     unit              normal, scaled to 2-norm 1 along the last axis
//     none, (-inf, inf) standard normal; complex numbers: both parts
//
// Of a range that is open to infinity, one value in 64 is 10^4 times as far
// out: gates of -10^4 are legal, and kernels must survive them. Parameters with
// two axes or more and no range are matrices: their standard deviation is
// 1 / sqrt(last axis), so that a product with them keeps its size.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_RANDOMINPUTS_H
#define LRC_LIB_DRIVER_RANDOMINPUTS_H

#include "lib/Tensor/Tensor.h"
#include "lrc/Signature.h"

#include <random>

namespace lrc::driver {

/// The same seed gives the same numbers everywhere: the generator is fixed by
/// the C++ standard, and what is made of its bits is written here.
class RandomInputs {
public:
  /// `tail` is the mean of the exponential; below 1 nothing is far out.
  explicit RandomInputs(uint64_t seed, double tail = 1)
      : bits(seed), tail(tail) {}

  /// Values for a field, rounded to `dtype`. The shape's last axes are those of
  /// one step.
  Tensor draw(const Field &field, llvm::ArrayRef<int64_t> shape, DType dtype);

private:
  double uniform(); // in (0, 1)
  double normal();
  double fromRange(const DeclaredRange &range);

  std::mt19937_64 bits;
  double tail;
};

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_RANDOMINPUTS_H
