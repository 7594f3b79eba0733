//===- Interval.h - Bounds of the values of a program -----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SOLVER_INTERVAL_H
#define LRC_LIB_SOLVER_INTERVAL_H

#include "lib/Solver/Program.h"

namespace lrc::solver {

/// All values from `low` to `high`.
struct Interval {
  int64_t low;
  int64_t high;
};

/// Bounds of each operation for any choice of the variables; nothing when a
/// value may overflow 64 bits or a divisor may be 0.
std::optional<std::vector<Interval>> boundValues(const Program &program,
                                                 const Problem &problem);

} // namespace lrc::solver

#endif // LRC_LIB_SOLVER_INTERVAL_H
