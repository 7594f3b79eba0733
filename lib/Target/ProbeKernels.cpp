//===- ProbeKernels.cpp - Inner loops of the measurements -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One source, compiled for each width of vectors. The loops are templates that
// are inlined into functions with the instruction set of their width.
//
//===----------------------------------------------------------------------===//

#include "lib/Target/ProbeKernels.h"

#include <initializer_list>

using namespace lrc::probes;

#define LRC_INLINE inline __attribute__((always_inline))

namespace {
template <int Bytes> struct Vector {
  using Float = float __attribute__((vector_size(Bytes)));
  using Int = int32_t __attribute__((vector_size(Bytes)));
  static constexpr int lanes = Bytes / 4;
};
} // namespace

/// Enough chains to cover the latency of two units.
template <int Bytes, int Chains>
static LRC_INLINE float multiplyAdd(int64_t iterations) {
  using Float = typename Vector<Bytes>::Float;
  Float sums[Chains];
  for (int i = 0; i < Chains; ++i)
    sums[i] = Float{} + float(i);
  Float scale = Float{} + 0.999f;
  Float shift = Float{} + 0.001f;
  for (int64_t n = 0; n < iterations; ++n)
#pragma clang loop unroll(full)
    for (int i = 0; i < Chains; ++i)
      sums[i] = __builtin_elementwise_fma(sums[i], scale, shift);
  float total = 0;
  for (Float &sum : sums)
    for (int lane = 0; lane < Vector<Bytes>::lanes; ++lane)
      total += sum[lane];
  return total;
}

template <int Bytes>
static LRC_INLINE float sumAll(const float *data, size_t count) {
  using Float = typename Vector<Bytes>::Float;
  constexpr int chains = 8;
  auto *vectors = reinterpret_cast<const Float *>(data);
  Float sums[chains] = {};
  for (size_t i = 0; i < count / Vector<Bytes>::lanes; i += chains)
#pragma clang loop unroll(full)
    for (int k = 0; k < chains; ++k)
      sums[k] += vectors[i + k];
  float total = 0;
  for (Float &sum : sums)
    for (int lane = 0; lane < Vector<Bytes>::lanes; ++lane)
      total += sum[lane];
  return total;
}

/// exp(x) = 2^n exp(r) with n the nearest integer to x / log(2).
template <int Bytes>
static LRC_INLINE void expAll(const float *data, float *result, size_t count) {
  using Float = typename Vector<Bytes>::Float;
  using Int = typename Vector<Bytes>::Int;
  auto *from = reinterpret_cast<const Float *>(data);
  auto *to = reinterpret_cast<Float *>(result);
  for (size_t i = 0; i < count / Vector<Bytes>::lanes; ++i) {
    Float x = from[i];
    // Adding 1.5 * 2^23 rounds; the integer is then in the low bits.
    Float magic = Float{} + 12582912.0f;
    Float shifted = __builtin_elementwise_fma(x, Float{} + 1.44269504f, magic);
    Float n = shifted - magic;
    Float r = __builtin_elementwise_fma(n, Float{} - 0.693145752f, x);
    r = __builtin_elementwise_fma(n, Float{} - 1.42860677e-6f, r);
    Float p = Float{} + 1.0f / 720;
    for (float factor : {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
      p = __builtin_elementwise_fma(p, r, Float{} + factor);
    Int bits = reinterpret_cast<Int &>(p);
    bits += reinterpret_cast<Int &>(shifted) << 23;
    to[i] = reinterpret_cast<Float &>(bits);
  }
}

#define LRC_KERNELS(NAME, BYTES, CHAINS, ...)                                  \
  __VA_ARGS__ static float multiplyAdd##NAME(int64_t iterations) {             \
    return multiplyAdd<BYTES, CHAINS>(iterations);                             \
  }                                                                            \
  __VA_ARGS__ static float sum##NAME(const float *data, size_t count) {        \
    return sumAll<BYTES>(data, count);                                         \
  }                                                                            \
  __VA_ARGS__ static void exp##NAME(const float *data, float *result,          \
                                    size_t count) {                            \
    expAll<BYTES>(data, result, count);                                        \
  }                                                                            \
  static const Kernels kernels##NAME = {                                       \
      2 * CHAINS * BYTES / 4, multiplyAdd##NAME, sum##NAME, exp##NAME};

LRC_KERNELS(Narrow, 16, 12)
#ifdef __x86_64__
// Of 16 registers the chains leave some to the constants.
LRC_KERNELS(Avx2, 32, 12, __attribute__((target("avx2,fma"))))
LRC_KERNELS(Avx512, 64, 16, __attribute__((target("avx512f"))))
#endif

const Kernels &lrc::probes::getKernels(int64_t vectorBits) {
#ifdef __x86_64__
  if (vectorBits >= 512)
    return kernelsAvx512;
  if (vectorBits >= 256)
    return kernelsAvx2;
#endif
  return kernelsNarrow;
}
