//===- Carried.h - States as they are carried -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_CARRIED_H
#define LRC_LIB_TRANSFORMS_CARRIED_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

/// A recurrence that carries other states than the caller gives and gets, in
/// three: `carried` hands on what is carried as it is, so that it may be run
/// piece by piece. The others are for no steps at all: `start` makes what is
/// carried of the caller's initial states, `end` what the caller gets of what
/// is carried.
struct CarriedParts {
  dsf::RecurrenceOp start;
  dsf::RecurrenceOp carried;
  dsf::RecurrenceOp end;
};

/// Whether a recurrence has local states or states with a final region.
bool hasOtherStates(dsf::RecurrenceOp recurrence);

/// Gives states that the compiler made, which have no type in memory, that of
/// arithmetic: all parts of a recurrence must hand them on alike.
void storeAsComputed(dsf::RecurrenceOp recurrence);

/// Makes the parts of a specialised recurrence with a `dsf.step`, beside it.
CarriedParts splitCarried(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_CARRIED_H
