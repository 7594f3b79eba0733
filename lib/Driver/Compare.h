//===- Compare.h - How far a result is off ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_COMPARE_H
#define LRC_LIB_DRIVER_COMPARE_H

#include "lib/Tensor/Tensor.h"

namespace lrc::driver {

/// |y - ref| / |ref| in the 2-norm over all finite elements of `reference`,
/// which is in f64 or complex128 (|y| where |ref| is 0). Infinite when a NaN or
/// an infinity of the reference, after rounding to the result's type, is not in
/// the same place of the result, or the result has one of its own.
double relativeError(const Tensor &result, const Tensor &reference);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_COMPARE_H
