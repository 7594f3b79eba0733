/*===- aot.c - An ahead-of-time kernel without lrc ----------------*- C -*-===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Runs gla.o on two heads, with an initial state, against a plain loop.      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "gla.h"
/* A second header, and the same again, must do no harm. */
#include "gla.h"
#include "mamba2.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { T = 30, H = 2, K = gla_K, V = gla_V };

static float q[T][H][K], k[T][H][K], v[T][H][V], g[T][H][K], o[T][H][V];
static float start[H][K][V], last[H][K][V];

static float next(void) {
  static unsigned state = 7;
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / 8388608.0f - 1.0f;
}

static void fill(float *data, size_t count, float offset) {
  size_t i;
  for (i = 0; i < count; ++i)
    data[i] = next() + offset;
}

static double relative_error(void) {
  static double S[K][V];
  double difference = 0, size = 0;
  int t, h, i, j;
  for (h = 0; h < H; ++h) {
    for (i = 0; i < K; ++i)
      for (j = 0; j < V; ++j)
        S[i][j] = start[h][i][j];
    for (t = 0; t < T; ++t)
      for (j = 0; j < V; ++j) {
        double y = 0;
        for (i = 0; i < K; ++i) {
          S[i][j] = exp(g[t][h][i]) * S[i][j] + (double)k[t][h][i] * v[t][h][j];
          y += q[t][h][i] * S[i][j];
        }
        y /= sqrt((double)K);
        difference += (o[t][h][j] - y) * (o[t][h][j] - y);
        size += y * y;
      }
    for (i = 0; i < K; ++i)
      for (j = 0; j < V; ++j) {
        difference += (last[h][i][j] - S[i][j]) * (last[h][i][j] - S[i][j]);
        size += S[i][j] * S[i][j];
      }
  }
  return sqrt(difference / size);
}

int main(void) {
  gla_args args;
  double error;
  fill(&q[0][0][0], sizeof(q) / sizeof(float), 0);
  fill(&k[0][0][0], sizeof(k) / sizeof(float), 0);
  fill(&v[0][0][0], sizeof(v) / sizeof(float), 0);
  fill(&g[0][0][0], sizeof(g) / sizeof(float), -1);
  fill(&start[0][0][0], sizeof(start) / sizeof(float), 0);

  memset(&args, 0, sizeof(args));
  args.batch = 1;
  args.steps = T;
  args.heads = H;
  args.q = lrc_sequence(q, T, H, gla_COUNT_q);
  args.k = lrc_sequence(k, T, H, gla_COUNT_k);
  args.v = lrc_sequence(v, T, H, gla_COUNT_v);
  args.g = lrc_sequence(g, T, H, gla_COUNT_g);
  args.S_initial = lrc_state(start, H, gla_COUNT_S);
  args.o = lrc_sequence(o, T, H, gla_COUNT_o);
  args.S_final = lrc_state(last, H, gla_COUNT_S);
  if (gla_run(&args) != 0)
    return 1;
  error = relative_error();
  printf("relative error %.1e\n", error);
  return error < 1e-5 ? 0 : 1;
}
