//===- Element.h - Host types of tensor elements ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How each DType lies in memory, and the conversions between element types.
// Internal to the library.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_ELEMENT_H
#define LRC_LIB_TENSOR_ELEMENT_H

#include "lib/Tensor/DType.h"
#include "lib/Tensor/HalfFloat.h"
#include "llvm/Support/ErrorHandling.h"
#include <complex>
#include <limits>
#include <type_traits>

namespace lrc {

struct F16Bits {
  uint16_t bits;
};
struct BF16Bits {
  uint16_t bits;
};
struct BoolByte {
  uint8_t byte;
};

template <typename T> struct ElementTag {
  using type = T;
};

/// Calls `fn` with the ElementTag of the host type of `dtype`.
template <typename Fn> decltype(auto) visitElement(DType dtype, Fn &&fn) {
  switch (dtype) {
  case DType::F16:
    return fn(ElementTag<F16Bits>());
  case DType::BF16:
    return fn(ElementTag<BF16Bits>());
  case DType::F32:
    return fn(ElementTag<float>());
  case DType::F64:
    return fn(ElementTag<double>());
  case DType::C64:
    return fn(ElementTag<std::complex<float>>());
  case DType::C128:
    return fn(ElementTag<std::complex<double>>());
  case DType::I8:
    return fn(ElementTag<int8_t>());
  case DType::I16:
    return fn(ElementTag<int16_t>());
  case DType::I32:
    return fn(ElementTag<int32_t>());
  case DType::I64:
    return fn(ElementTag<int64_t>());
  case DType::U8:
    return fn(ElementTag<uint8_t>());
  case DType::U16:
    return fn(ElementTag<uint16_t>());
  case DType::U32:
    return fn(ElementTag<uint32_t>());
  case DType::U64:
    return fn(ElementTag<uint64_t>());
  case DType::Bool:
    return fn(ElementTag<BoolByte>());
  }
  llvm_unreachable("unknown dtype");
}

/// Loads an element into the widest type of its kind (double, complex of
/// double, int64_t or uint64_t), which is always exact.
inline double widen(F16Bits value) { return f16ToDouble(value.bits); }
inline double widen(BF16Bits value) { return bf16ToDouble(value.bits); }
inline uint64_t widen(BoolByte value) { return value.byte != 0; }
inline std::complex<double> widen(std::complex<float> value) {
  return {value.real(), value.imag()};
}
inline std::complex<double> widen(std::complex<double> value) { return value; }
template <typename T> auto widen(T value) {
  static_assert(std::is_arithmetic_v<T>);
  if constexpr (std::is_floating_point_v<T>)
    return double(value);
  else if constexpr (std::is_signed_v<T>)
    return int64_t(value);
  else
    return uint64_t(value);
}

/// A double that rounds to f16 and bf16 as the integer itself would. A plain
/// conversion rounds integers above 2^53 a first time, and could make a tie of
/// what is none; keeping a lost bit as the last bit ("round to odd") prevents
/// it.
template <typename Int> double toDoubleForRounding(Int value) {
  using Unsigned = std::make_unsigned_t<Int>;
  bool negative = value < 0;
  Unsigned magnitude = negative ? Unsigned(0) - Unsigned(value) : value;
  constexpr Unsigned lowBits = (Unsigned(1) << 11) - 1;
  if (magnitude >> 53 && (magnitude & lowBits))
    magnitude = (magnitude & ~lowBits) | (lowBits + 1);
  double result = double(magnitude);
  return negative ? -result : result;
}

/// Converts a double to an integer as Tensor::cast documents it.
template <typename Int> Int saturate(double value) {
  // Both bounds are exact in double; the upper one is the first too large.
  constexpr double low = double(std::numeric_limits<Int>::min());
  constexpr Int halfRange = std::numeric_limits<Int>::max() / 2 + 1;
  constexpr double high = 2.0 * double(halfRange);
  if (value != value)
    return 0;
  if (value <= low)
    return std::numeric_limits<Int>::min();
  if (value >= high)
    return std::numeric_limits<Int>::max();
  return Int(value);
}

/// Converts a value from `widen` to an element, as Tensor::cast documents it.
template <typename To, typename From> To narrow(From value) {
  constexpr bool fromComplex = std::is_same_v<From, std::complex<double>>;
  constexpr bool fromInteger = std::is_integral_v<From>;
  if constexpr (std::is_same_v<To, BoolByte>) {
    return {uint8_t(value != From(0))};
  } else if constexpr (std::is_same_v<To, std::complex<float>> ||
                       std::is_same_v<To, std::complex<double>>) {
    using Part = typename To::value_type;
    if constexpr (fromComplex)
      return {Part(value.real()), Part(value.imag())};
    else
      return {Part(value), Part(0)};
  } else if constexpr (fromComplex) {
    return narrow<To>(value.real());
  } else if constexpr (std::is_same_v<To, F16Bits>) {
    if constexpr (fromInteger)
      return {doubleToF16(toDoubleForRounding(value))};
    else
      return {doubleToF16(value)};
  } else if constexpr (std::is_same_v<To, BF16Bits>) {
    if constexpr (fromInteger)
      return {doubleToBF16(toDoubleForRounding(value))};
    else
      return {doubleToBF16(value)};
  } else if constexpr (std::is_integral_v<To> && !fromInteger) {
    return saturate<To>(value);
  } else {
    return To(value);
  }
}

} // namespace lrc

#endif // LRC_LIB_TENSOR_ELEMENT_H
