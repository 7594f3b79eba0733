//===- HalfFloat.h - Conversions of f16 and bf16 ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_HALFFLOAT_H
#define LRC_LIB_TENSOR_HALFFLOAT_H

#include <cstdint>

namespace lrc {

/// Rounds to the nearest value of the 16-bit format, ties to even. Overflow
/// gives an infinity; a NaN stays a (quiet) NaN of the same sign.
uint16_t doubleToF16(double value);
uint16_t doubleToBF16(double value);

/// Exact: every 16-bit value is a double.
double f16ToDouble(uint16_t bits);
double bf16ToDouble(uint16_t bits);

} // namespace lrc

#endif // LRC_LIB_TENSOR_HALFFLOAT_H
