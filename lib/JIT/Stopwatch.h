//===- Stopwatch.h - How long something takes -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_STOPWATCH_H
#define LRC_LIB_JIT_STOPWATCH_H

#include <chrono>

namespace lrc {

/// Runs from its construction.
class Stopwatch {
public:
  double milliseconds() const {
    std::chrono::duration<double, std::milli> passed = Clock::now() - start;
    return passed.count();
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
};

} // namespace lrc

#endif // LRC_LIB_JIT_STOPWATCH_H
