//===- Baseline.cpp - What lrc is compared with ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Baseline.h"

#include <algorithm>
#include <cmath>
#include <vector>

void lrc::bench::glaLoopNest(int64_t steps, int64_t heads, int64_t keys,
                             int64_t values, const float *q, const float *k,
                             const float *v, const float *g, float scale,
                             float *states, float *o) {
  std::fill(states, states + heads * keys * values, 0.0f);
  for (int64_t h = 0; h < heads; ++h) {
    float *state = states + h * keys * values;
    for (int64_t t = 0; t < steps; ++t) {
      const float *qt = q + (t * heads + h) * keys;
      const float *kt = k + (t * heads + h) * keys;
      const float *gt = g + (t * heads + h) * keys;
      const float *vt = v + (t * heads + h) * values;
      float *ot = o + (t * heads + h) * values;
      std::fill(ot, ot + values, 0.0f);
      for (int64_t i = 0; i < keys; ++i) {
        float decay = std::exp(gt[i]);
        float *row = state + i * values;
        for (int64_t j = 0; j < values; ++j) {
          row[j] = decay * row[j] + kt[i] * vt[j];
          ot[j] += scale * qt[i] * row[j];
        }
      }
    }
  }
}

void lrc::bench::gatedDeltaLoopNest(int64_t steps, int64_t heads, int64_t keys,
                                    int64_t values, const float *q,
                                    const float *k, const float *v,
                                    const float *beta, const float *g,
                                    float scale, float *states, float *o) {
  std::fill(states, states + heads * keys * values, 0.0f);
  std::vector<float> kept(values);
  float *r = kept.data();
  for (int64_t h = 0; h < heads; ++h) {
    float *state = states + h * keys * values;
    for (int64_t t = 0; t < steps; ++t) {
      const float *qt = q + (t * heads + h) * keys;
      const float *kt = k + (t * heads + h) * keys;
      const float *vt = v + (t * heads + h) * values;
      float *ot = o + (t * heads + h) * values;
      float decay = std::exp(g[t * heads + h]);
      std::fill(r, r + values, 0.0f);
      for (int64_t i = 0; i < keys; ++i) {
        float *row = state + i * values;
        for (int64_t j = 0; j < values; ++j) {
          row[j] *= decay;
          r[j] += kt[i] * row[j];
        }
      }
      for (int64_t j = 0; j < values; ++j)
        r[j] = beta[t * heads + h] * (vt[j] - r[j]);
      std::fill(ot, ot + values, 0.0f);
      for (int64_t i = 0; i < keys; ++i) {
        float *row = state + i * values;
        for (int64_t j = 0; j < values; ++j) {
          row[j] += kt[i] * r[j];
          ot[j] += scale * qt[i] * row[j];
        }
      }
    }
  }
}
