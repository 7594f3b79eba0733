//===- Threads.h - How many threads OpenMP uses -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_THREADS_H
#define LRC_LIB_JIT_THREADS_H

#include "llvm/Support/Error.h"

#include <cstdint>

namespace lrc {

/// Fails when OMP_NUM_THREADS is not what OpenMP accepts. To be asked before
/// anything else of OpenMP is used.
llvm::Error checkThreadsVariable();

/// Threads that a kernel gets unless it is told otherwise.
int64_t defaultThreads();

/// While it lives, parallel regions that this thread starts have so many
/// threads. The setting belongs to the thread: others are not affected.
class ThreadLimit {
public:
  explicit ThreadLimit(int64_t threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit &) = delete;
  ThreadLimit &operator=(const ThreadLimit &) = delete;

private:
  int before;
};

} // namespace lrc

#endif // LRC_LIB_JIT_THREADS_H
