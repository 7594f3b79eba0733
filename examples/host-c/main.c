/*===- main.c - Gated linear attention from C ---------------------*- C -*-===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Compiles examples/gla.dsf, runs it on arrays of this program and compares  *|
|* with a plain loop:  host-c ../gla.dsf                                      *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "lrc-c/lrc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { T = 40, K = 16, V = 24 };

static float q[T][K], k[T][K], v[T][V], g[T][K], o[T][V];

/* Numbers in (-1, 1). */
static float next(void) {
  static unsigned state = 1;
  state = state * 1664525u + 1013904223u;
  return (float)(state >> 8) / 8388608.0f - 1.0f;
}

/* One sequence without heads: [1, T, n]. */
static DLTensor describe(void *data, int64_t *shape) {
  DLTensor tensor;
  tensor.data = data;
  tensor.device.device_type = kDLCPU;
  tensor.device.device_id = 0;
  tensor.ndim = 3;
  tensor.dtype.code = kDLFloat;
  tensor.dtype.bits = 32;
  tensor.dtype.lanes = 1;
  tensor.shape = shape;
  tensor.strides = NULL;
  tensor.byte_offset = 0;
  return tensor;
}

static double relative_error(void) {
  static double S[K][V];
  double difference = 0, size = 0;
  for (int t = 0; t < T; ++t) {
    for (int i = 0; i < K; ++i)
      for (int j = 0; j < V; ++j)
        S[i][j] = exp(g[t][i]) * S[i][j] + (double)k[t][i] * v[t][j];
    for (int j = 0; j < V; ++j) {
      double y = 0;
      for (int i = 0; i < K; ++i)
        y += q[t][i] * S[i][j];
      y /= sqrt(K);
      difference += (o[t][j] - y) * (o[t][j] - y);
      size += y * y;
    }
  }
  return sqrt(difference / size);
}

/* Prints and destroys an error; says whether there was one. */
static int failed(lrc_error *error) {
  if (!error)
    return 0;
  fputs(lrc_error_text(error), stderr);
  lrc_error_destroy(error);
  return 1;
}

static void print_signature(const lrc_signature *signature) {
  for (size_t i = 0; i < lrc_signature_tensor_count(signature); ++i) {
    printf("%s[", lrc_signature_name(signature, i));
    for (size_t axis = 0; axis < lrc_signature_axis_count(signature, i); ++axis)
      printf(axis ? ", %s" : "%s", lrc_signature_axis(signature, i, axis));
    printf("] ");
  }
  printf("\n");
}

int main(int argc, char **argv) {
  lrc_program *program = NULL;
  lrc_signature *signature = NULL;
  lrc_options *options = lrc_options_create();
  lrc_compiled *kernel = NULL;
  int64_t keys[] = {1, T, K}, values[] = {1, T, V};
  if (argc != 2) {
    fputs("usage: host-c gla.dsf\n", stderr);
    return 2;
  }
  if (lrc_api_version() < LRC_C_API_VERSION) {
    fputs("the library is older than the header\n", stderr);
    return 1;
  }
  if (failed(lrc_program_from_file(argv[1], &program)) ||
      failed(lrc_program_signature(program, NULL, &signature)) ||
      failed(lrc_options_set(options, "shape", "K=16,V=24")) ||
      failed(lrc_compile(program, options, &kernel)))
    return 1;
  print_signature(signature);

  for (int t = 0; t < T; ++t) {
    for (int i = 0; i < K; ++i) {
      q[t][i] = next();
      k[t][i] = next();
      g[t][i] = next() - 1.0f;
    }
    for (int j = 0; j < V; ++j)
      v[t][j] = next();
  }
  DLTensor tq = describe(q, keys), tk = describe(k, keys);
  DLTensor tv = describe(v, values), tg = describe(g, keys);
  DLTensor to = describe(o, values);
  lrc_argument inputs[] = {{"q", &tq}, {"k", &tk}, {"v", &tv}, {"g", &tg}};
  lrc_argument outputs[] = {{"o", &to}};

  /* A mistake is an error object, here that of a missing tensor. */
  lrc_error *error = lrc_compiled_run(kernel, inputs, 3, outputs, 1);
  printf("an error: %s\n", lrc_error_message(error, 0));
  lrc_error_destroy(error);
  if (failed(lrc_compiled_run(kernel, inputs, 4, outputs, 1)))
    return 1;

  double off = relative_error();
  printf("relative error %.1e\n", off);
  lrc_compiled_destroy(kernel);
  lrc_options_destroy(options);
  lrc_signature_destroy(signature);
  lrc_program_destroy(program);
  return off < 1e-5 ? 0 : 1;
}
