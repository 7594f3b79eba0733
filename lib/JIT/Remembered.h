//===- Remembered.h - Schedules that were measured --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `lrc tune` finds is kept in the cache (lib/Cache), under the text of the
// specialised recurrence and all else that the speed of its kernel depends on:
// threads, the classes of shapes that kernels are compiled for, the machine,
// the version of lrc. Kernels in this process use it; what is written to a
// file, such as ahead-of-time objects and their headers, is the same with and
// without.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_REMEMBERED_H
#define LRC_LIB_JIT_REMEMBERED_H

#include "dialects/Dsf/Dsf.h"
#include "lib/JIT/Choose.h"

namespace lrc {

/// The schedule that was the fastest; null where nothing was measured, and
/// where the request or the recurrence itself fixes one.
dsf::ScheduleAttr recallSchedule(dsf::RecurrenceOp recurrence,
                                 const KernelRequest &request);

/// Keeps a schedule for `recallSchedule`. Both take the recurrence as
/// specialisation makes it.
void rememberSchedule(dsf::RecurrenceOp recurrence,
                      const KernelRequest &request, dsf::ScheduleAttr schedule);

} // namespace lrc

#endif // LRC_LIB_JIT_REMEMBERED_H
