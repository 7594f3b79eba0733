//===- Threads.cpp - How many threads OpenMP uses -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Threads.h"

#include <algorithm>
#include <omp.h>

int64_t lrc::defaultThreads() { return omp_get_max_threads(); }

lrc::ThreadLimit::ThreadLimit(int64_t threads) : before(omp_get_max_threads()) {
  omp_set_num_threads(static_cast<int>(std::max<int64_t>(threads, 1)));
}

lrc::ThreadLimit::~ThreadLimit() { omp_set_num_threads(before); }
