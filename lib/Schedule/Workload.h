//===- Workload.h - What the schedules of a recurrence cost -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of operations on elements, for one sequence, one head and one step. A
// pointwise operation counts 1, a division or root 4, functions such as exp as
// many as their polynomials take. What all work items repeat is counted in
// whole vectors. README.md says how the counts become a cost.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_WORKLOAD_H
#define LRC_LIB_SCHEDULE_WORKLOAD_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

struct Workload {
  /// Size of the axis that work items share; 1 if there is none.
  int64_t lanes = 1;
  /// Bytes of a number in arithmetic.
  int64_t elementBytes = 4;

  /// Bytes of inputs and outputs in memory, for each step.
  double tensorBytes = 0;
  /// Of these the ones of a lane.
  double tensorBytesPerLane = 0;

  /// The sequential step: plain operations for each lane, others, and those
  /// that every work item repeats.
  double stepPlainPerLane = 0;
  double stepPerLane = 0;
  double stepShared = 0;
  /// Numbers of states, for each lane.
  double carriedPerLane = 0;
  /// Those that a step reads and writes, for each lane: once more
  /// for each sum over a state that decides what is written.
  double touchedPerLane = 0;

  /// A row of a chunk: pointwise operations.
  double rowPerLane = 0;
  double rowShared = 0;
  /// Multiply-adds in products of tiles, for each lane and row, and for each
  /// lane, row and step of the chunk.
  double productPerLane = 0;
  double productPerLaneStep = 0;
  /// Multiply-adds of products with parameters, which items repeat.
  double productShared = 0;
  /// Multiply-adds for the scores of rows, for each row and step of the chunk.
  double scorePerStep = 0;
  /// Operations on each score, for each row and step of the chunk.
  double pairPerStep = 0;
  /// Of these multiply-adds and operations, those with a decay for each key,
  /// those with a decay for each row, and those of systems of pseudo-values.
  double keyedPerStep = 0;
  double decayedPerStep = 0;
  double solvedPerStep = 0;

  /// Numbers that a work item holds: in any case, for each lane, for each row
  /// and lane, for each row.
  double kept = 0;
  double statePerLane = 0;
  double keptPerRowLane = 0;
  double keptPerRow = 0;
};

/// Counts a specialised recurrence that has a `dsf.step`. Without a `dsf.form`
/// the counts of chunks are 0.
Workload measureWorkload(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_WORKLOAD_H
