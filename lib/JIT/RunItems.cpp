//===- RunItems.cpp - Run a kernel over the threads -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/RunItems.h"

#include <algorithm>
#include <omp.h>

int32_t lrc::runItems(lrc_kernel kernel, const lrc_call &call, int64_t items) {
  if (items <= 0)
    return 0;
  int32_t failed = 0;
  // Packed sequences differ in length: they are handed out one by one. Else
  // each thread takes one range, so that buffers are made once a thread.
  int threads =
      static_cast<int>(std::min<int64_t>(omp_get_max_threads(), items));
  int64_t ranges = call.segments ? items : threads;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)             \
    reduction(| : failed)
  for (int64_t range = 0; range < ranges; ++range)
    failed |=
        kernel(&call, items * range / ranges, items * (range + 1) / ranges);
  return failed;
}
