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

namespace {
/// A head at a step of the gated delta rule.
struct DeltaStep {
  int64_t keys, values;
  const float *q, *k, *v;
  float beta, decay, scale;
};
} // namespace

/// A sweep over the state for each statement.
static void plainStep(const DeltaStep &step, float *state, float *r, float *o) {
  int64_t keys = step.keys, values = step.values;
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j)
      state[i * values + j] *= step.decay;
  std::fill(r, r + values, 0.0f);
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j)
      r[j] += step.k[i] * state[i * values + j];
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j)
      state[i * values + j] += step.beta * step.k[i] * (step.v[j] - r[j]);
  std::fill(o, o + values, 0.0f);
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j)
      o[j] += step.scale * step.q[i] * state[i * values + j];
}

/// Two sweeps, the fewest that a step takes.
static void fusedStep(const DeltaStep &step, float *state, float *r, float *o) {
  int64_t keys = step.keys, values = step.values;
  std::fill(r, r + values, 0.0f);
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j) {
      state[i * values + j] *= step.decay;
      r[j] += step.k[i] * state[i * values + j];
    }
  for (int64_t j = 0; j < values; ++j)
    r[j] = step.beta * (step.v[j] - r[j]);
  std::fill(o, o + values, 0.0f);
  for (int64_t i = 0; i < keys; ++i)
    for (int64_t j = 0; j < values; ++j) {
      state[i * values + j] += step.k[i] * r[j];
      o[j] += step.scale * step.q[i] * state[i * values + j];
    }
}

void lrc::bench::gatedDeltaLoopNest(int64_t steps, int64_t heads, int64_t keys,
                                    int64_t values, const float *q,
                                    const float *k, const float *v,
                                    const float *beta, const float *g,
                                    float scale, bool isFused, float *states,
                                    float *o) {
  std::fill(states, states + heads * keys * values, 0.0f);
  std::vector<float> r(values);
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t t = 0; t < steps; ++t) {
      int64_t at = t * heads + h;
      DeltaStep step{keys,
                     values,
                     q + at * keys,
                     k + at * keys,
                     v + at * values,
                     beta[at],
                     std::exp(g[at]),
                     scale};
      (isFused ? fusedStep : plainStep)(step, states + h * keys * values,
                                        r.data(), o + at * values);
    }
}
