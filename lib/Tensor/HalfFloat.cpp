//===- HalfFloat.cpp - Conversions of f16 and bf16 ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/HalfFloat.h"
#include "llvm/ADT/bit.h"
#include <algorithm>

namespace lrc {

namespace {
/// A binary interchange format of 16 bits with `manBits` stored bits of
/// significand.
template <unsigned manBits> struct Format16 {
  static constexpr unsigned expBits = 15 - manBits;
  static constexpr int bias = (1 << (expBits - 1)) - 1;
  static constexpr uint64_t maxExp = (1u << expBits) - 1;
  static constexpr uint64_t infinity = maxExp << manBits;
  static constexpr uint64_t quietBit = 1u << (manBits - 1);
};
} // namespace

static constexpr int doubleManBits = 52;
static constexpr int doubleBias = 1023;
static constexpr uint64_t doubleMaxExp = 0x7ff;
static constexpr uint64_t doubleManMask = (uint64_t(1) << doubleManBits) - 1;

/// value >> shift, rounded to nearest, ties to even. 0 < shift < 64.
static uint64_t shiftRounding(uint64_t value, unsigned shift) {
  uint64_t kept = value >> shift;
  uint64_t rest = value & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  return kept + (rest > half || (rest == half && (kept & 1)));
}

template <unsigned manBits> static uint16_t encode(double value) {
  using Format = Format16<manBits>;
  uint64_t bits = llvm::bit_cast<uint64_t>(value);
  uint64_t sign = bits >> 63 << 15;
  uint64_t biasedExp = bits >> doubleManBits & doubleMaxExp;
  uint64_t man = bits & doubleManMask;
  if (biasedExp == doubleMaxExp) {
    uint64_t payload = man >> (doubleManBits - manBits);
    return sign | Format::infinity | (man ? Format::quietBit | payload : 0);
  }
  // Subnormal doubles are far below half of the smallest result: they give 0.
  if (biasedExp == 0)
    return sign;

  uint64_t significand = man | (uint64_t(1) << doubleManBits);
  int exp = int(biasedExp) - doubleBias + Format::bias;
  unsigned shift = doubleManBits - manBits;
  if (exp <= 0) // A subnormal result: its exponent is that of exp == 1.
    shift = std::min(63, int(shift) + 1 - exp);
  // The leading bit of a normal significand counts as one in the exponent, and
  // a carry out of the rounding goes there too.
  uint64_t base = exp > 0 ? uint64_t(exp - 1) << manBits : 0;
  uint64_t magnitude = base + shiftRounding(significand, shift);
  return sign | std::min(magnitude, Format::infinity);
}

template <unsigned manBits> static double decode(uint16_t half) {
  using Format = Format16<manBits>;
  uint64_t sign = uint64_t(half >> 15) << 63;
  uint64_t exp = half >> manBits & Format::maxExp;
  uint64_t man = half & ((1u << manBits) - 1);
  uint64_t wideMan = man << (doubleManBits - manBits);
  if (exp == Format::maxExp)
    return llvm::bit_cast<double>(sign | doubleMaxExp << doubleManBits |
                                  wideMan);
  if (exp == 0) {
    // man * 2^(1 - bias - manBits); the product is exact.
    uint64_t unitExp = doubleBias + 1 - Format::bias - manBits;
    double unit = llvm::bit_cast<double>(sign | unitExp << doubleManBits);
    return double(man) * unit;
  }
  uint64_t wideExp = exp + doubleBias - Format::bias;
  return llvm::bit_cast<double>(sign | wideExp << doubleManBits | wideMan);
}

uint16_t doubleToF16(double value) { return encode<10>(value); }

uint16_t doubleToBF16(double value) { return encode<7>(value); }

double f16ToDouble(uint16_t bits) { return decode<10>(bits); }

double bf16ToDouble(uint16_t bits) { return decode<7>(bits); }

} // namespace lrc
