//===- Threads.cpp - How many threads OpenMP uses -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Threads.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <cstdlib>
#include <omp.h>

llvm::Error lrc::checkThreadsVariable() {
  const char *variable = std::getenv("OMP_NUM_THREADS");
  if (!variable || !*variable)
    return llvm::Error::success();
  // One number for each level of nesting.
  llvm::SmallVector<llvm::StringRef> levels;
  llvm::StringRef(variable).split(levels, ',');
  for (llvm::StringRef level : levels) {
    uint64_t threads;
    if (level.trim().getAsInteger(10, threads) || threads == 0)
      return llvm::createStringError(
          "OMP_NUM_THREADS: expected a number of at least 1, got '" +
          llvm::Twine(variable) + "'");
  }
  return llvm::Error::success();
}

int64_t lrc::defaultThreads() { return omp_get_max_threads(); }

lrc::ThreadLimit::ThreadLimit(int64_t threads) : before(omp_get_max_threads()) {
  omp_set_num_threads(static_cast<int>(std::max<int64_t>(threads, 1)));
}

lrc::ThreadLimit::~ThreadLimit() { omp_set_num_threads(before); }
