//===- Schedule.h - How a kernel runs through time --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_SCHEDULE_H
#define LRC_LIB_SCHEDULE_SCHEDULE_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Transforms/Segments.h"

#include "llvm/Support/Error.h"

namespace lrc {

/// What a schedule is chosen for.
struct ScheduleRequest {
  /// Nothing leaves the choice to the cost model.
  std::optional<dsf::ScheduleKind> kind;
  /// Steps of a chunk, lanes of a work item, segments of a scan; 0 leaves them
  /// to the cost model.
  int64_t chunk = 0;
  int64_t lanes = 0;
  int64_t segments = 0;
  /// Threads that will run the kernel; sequences times heads, as far as known.
  int64_t threads = 1;
  int64_t batchHeads = 1;
  /// Steps of a sequence, as far as known; 0 for many.
  int64_t steps = 0;
  /// Whether segments of time may be chosen where none is asked for.
  bool maySegment = false;
};

/// Whether steps are known to be so few that chunks are not worth their code.
bool isFew(int64_t steps);

/// Schedules among which to choose, or that are asked for.
struct Kinds {
  bool sequential = false;
  bool chunked = false;
  bool scan = false;
  bool split = false;
  /// Whether a split may run its segments in chunks.
  bool splitInChunks = false;
};

/// The schedules that may be chosen where nothing is asked for. Adds the
/// `dsf.form` if chunks are among them.
Kinds findChoices(dsf::RecurrenceOp recurrence, const ScheduleRequest &request);

/// Cuts a copy of a recurrence into segments for scan or split and shows them,
/// or says why it can't be cut.
llvm::Error inspectSegments(dsf::RecurrenceOp recurrence,
                            dsf::ScheduleKind kind,
                            llvm::function_ref<void(const Segments &)> inspect);

/// Sets the `schedule` of a specialised recurrence, unless it has one, and adds
/// the `dsf.form` that it needs. Fails where what is asked for does not apply.
llvm::Error chooseSchedule(dsf::RecurrenceOp recurrence,
                           const ScheduleRequest &request);

/// Why a schedule does not apply to a specialised recurrence; empty when it
/// does. Adds the `dsf.form` if it is the one of chunks.
std::string whyNot(dsf::ScheduleKind kind, dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_SCHEDULE_H
