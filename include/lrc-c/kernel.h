/*===- kernel.h - Binary interface of a compiled kernel -----------*- C -*-===*\
|*                                                                            *|
|* Part of lrc, under the Apache License v2.0 with LLVM Exceptions.           *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* What a kernel that lrc compiled is called with, whether it was made in     *|
|* process or ahead of time. A kernel needs nothing of lrc at run time.       *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef LRC_C_KERNEL_H
#define LRC_C_KERNEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One tensor in memory. Strides count elements; the axes of one step are
 * contiguous in C order. Axes that a tensor lacks have stride 0. */
typedef struct lrc_tensor {
  void *data;
  int64_t stride_batch;
  int64_t stride_time;
  int64_t stride_head;
  /* Number of slices along the head axis; divides `heads` of the call. Head h
   * uses slice h * slices / heads. 1 where the tensor has no head axis. */
  int64_t slices;
} lrc_tensor;

/* One call. `tensors` holds, each group in order of declaration: inputs,
 * parameters, initial states (data may be NULL: the declared start), outputs,
 * final states (data may be NULL: not wanted). */
typedef struct lrc_call {
  int64_t batch; /* number of sequences */
  int64_t steps; /* steps of each sequence; unused with `segments` */
  int64_t heads;
  /* Packed sequences of unequal length: sequence n has the steps
   * segments[n] .. segments[n + 1] - 1 of batch element 0. NULL without. */
  const int64_t *segments;
  const lrc_tensor *tensors;
  /* Index of the first step of each sequence, which `t` counts from. NULL: 0. */
  const int64_t *origins;
} lrc_call;

/* Runs the work items begin .. end - 1 of batch * heads * blocks, where blocks
 * is a constant of the kernel. Items are independent. Returns 0, or 1 when no
 * memory was to be had. */
typedef int32_t (*lrc_kernel)(const lrc_call *call, int64_t begin, int64_t end);

#ifdef __cplusplus
}
#endif

#endif /* LRC_C_KERNEL_H */
