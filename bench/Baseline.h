//===- Baseline.h - What lrc is compared with -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_BENCH_BASELINE_H
#define LRC_BENCH_BASELINE_H

#include <cstdint>

namespace lrc::bench {

/// Gated linear attention as one would write it: a loop nest over heads, steps,
/// keys and values, on tensors [T, H, K] and [T, H, V] in f32; the states
/// [H, K, V] start at 0. One thread; compiled with -O3 -march=native.
void glaLoopNest(int64_t steps, int64_t heads, int64_t keys, int64_t values,
                 const float *q, const float *k, const float *v, const float *g,
                 float scale, float *states, float *o);

/// The gated delta rule, in the same way; g and beta are [T, H]. A sweep over
/// the state for each statement of the step, or two where statements are fused.
void gatedDeltaLoopNest(int64_t steps, int64_t heads, int64_t keys,
                        int64_t values, const float *q, const float *k,
                        const float *v, const float *beta, const float *g,
                        float scale, bool isFused, float *states, float *o);

} // namespace lrc::bench

#endif // LRC_BENCH_BASELINE_H
