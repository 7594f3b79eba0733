//===- Workers.h - Work in processes that may crash -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_WORKERS_H
#define LRC_TEST_RANDOM_WORKERS_H

#include <cstdint>
#include <functional>
#include <string>

namespace lrc::sampling {

/// How a piece of work ended.
struct Report {
  enum class Kind { Done, Crashed, TimedOut };
  Kind kind = Kind::Done;
  /// What the work returned, or the end of what it wrote to standard error.
  std::string text;
};

/// Calls `work` for 0 .. count - 1 in several processes, and `done` with what
/// became of each, in any order. A process whose work crashes, or takes longer
/// than `seconds`, is replaced. The caller must have no threads.
void runInProcesses(int64_t count, int processes, int seconds,
                    const std::function<std::string(int64_t)> &work,
                    const std::function<void(int64_t, Report)> &done);

/// One piece of work in a process of its own.
Report runInProcess(int seconds, const std::function<std::string()> &work);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_WORKERS_H
