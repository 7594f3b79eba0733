//===- GpuSchedule.h - How a GPU kernel runs through time -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_GPUSCHEDULE_H
#define LRC_LIB_SCHEDULE_GPUSCHEDULE_H

#include "lib/Schedule/Schedule.h"

namespace lrc {

/// What the choice for a GPU depends on.
struct GpuScheduleRequest {
  /// Nothing leaves the choice open.
  std::optional<dsf::ScheduleKind> kind;
  /// Steps of a chunk; 0 for the usual ones.
  int64_t chunk = 0;
  /// Sequences times heads, as far as known.
  int64_t batchHeads = 1;
  /// Steps of a sequence, as far as known; 0 for many.
  int64_t steps = 0;
  int64_t multiprocessors = 132;
  /// Of the schedule scan; 0 for as many as keep the GPU busy.
  int64_t segments = 0;
  /// Lanes that a block has at most; 0 for as many as are useful.
  int64_t mostLanes = 0;
  /// How often the usual steps of a chunk are halved.
  int64_t halvings = 0;
  /// Whether some warps prepare chunks for others (lib/Conversion/TileToGpu).
  bool hasTeams = false;
  /// Whether there is no smaller request to try.
  bool isLast = true;
};

/// For blocks with teams: with all useful lanes, and with 64.
llvm::SmallVector<GpuScheduleRequest>
teamRequests(const GpuScheduleRequest &request);

/// The request, and those for less and less shared memory: fewer lanes, then
/// shorter chunks unless the caller fixes them.
llvm::SmallVector<GpuScheduleRequest>
fittingRequests(const GpuScheduleRequest &request);

/// Segments of time that run in parallel: several where blocks would leave
/// multiprocessors idle and sequences are long, or where the caller wants them.
/// The recurrence is specialised; it stays as it is.
int64_t chooseSegments(dsf::RecurrenceOp recurrence,
                       const GpuScheduleRequest &request);

/// Sets the `schedule` of a specialised recurrence, unless it has one, with the
/// lanes of a block of threads, and adds the `dsf.form` that it needs.
llvm::Error chooseGpuSchedule(dsf::RecurrenceOp recurrence,
                              const GpuScheduleRequest &request);

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_GPUSCHEDULE_H
