//===- Stabilize.h - States that are fed by exponentials --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_STABILIZE_H
#define LRC_LIB_TRANSFORMS_STABILIZE_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

struct Stabilization {
  /// States that share a running maximum, by group; none when the recurrence is
  /// left as it is.
  std::vector<std::vector<std::string>> groups;
  /// Why it is left as it is though an exponential may overflow.
  std::string reason;
};

/// Keeps the states of a specialised dsf.step that are fed by exp(x), x
/// unbounded, as mantissa and running maximum. What the caller gives and gets
/// stays the same.
Stabilization stabilize(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_STABILIZE_H
