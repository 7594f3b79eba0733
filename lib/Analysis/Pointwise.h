//===- Pointwise.h - Groups of states without mixing ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_POINTWISE_H
#define LRC_LIB_ANALYSIS_POINTWISE_H

#include "lib/Analysis/StateGroups.h"

namespace lrc {

/// Whether the next value of each state of the group at a position depends on
/// the group's old values at that position alone: h'[d] = f(h[d], x[d]). Such
/// states are batches of independent scalars, whatever f is. All states of the
/// group have one shape.
bool isPointwise(const StateGroups &groups, const StateGroups::Group &group);

/// Whether the group is the register behind `delay`: its next value is its old
/// one, shifted by a row.
bool isShift(const StateGroups &groups, const StateGroups::Group &group);

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_POINTWISE_H
