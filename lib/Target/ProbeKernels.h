//===- ProbeKernels.h - Inner loops of the measurements ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TARGET_PROBEKERNELS_H
#define LRC_LIB_TARGET_PROBEKERNELS_H

#include <cstddef>
#include <cstdint>

namespace lrc::probes {

/// The loops for one width of vectors.
struct Kernels {
  /// f32 operations of one iteration of `multiplyAdd`.
  int64_t operations;
  /// Independent chains of fused multiply-adds; the sum keeps them alive.
  float (*multiplyAdd)(int64_t iterations);
  /// The sum of `count` floats, a multiple of 256, from the start of a line.
  float (*sum)(const float *data, size_t count);
  /// exp of `count` floats, a multiple of 16, from the start of a line.
  void (*exp)(const float *data, float *result, size_t count);
};

/// The widest up to `vectorBits`, which the machine must have.
const Kernels &getKernels(int64_t vectorBits);

} // namespace lrc::probes

#endif // LRC_LIB_TARGET_PROBEKERNELS_H
