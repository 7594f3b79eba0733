//===- Segments.h - Time in segments that run in parallel -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The schedules scan and split cut a sequence into segments. A scan does, for
// each group of states, in the order of their dependence,
//
//   summary   each segment by itself: what it adds to a state that starts at
//             the neutral element, and what it does to the state it starts
//             from;
//   combine   over the segments: the state that each starts from;
//
// and when all starts are known, `finish` runs every segment as the recurrence
// was written. A split finds the starts with `pass`, which runs the states
// alone from segment to segment. Each of these is a recurrence, and is compiled
// as one. lib/Transforms/README.md says for which states there is a summary.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SEGMENTS_H
#define LRC_LIB_TRANSFORMS_SEGMENTS_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/Support/Error.h"

namespace lrc {

struct SegmentStage {
  /// Returns the states of the group under their names, and products.
  dsf::RecurrenceOp summary;
  /// Returns the products, where they are matrices: the summary does not then.
  /// A matrix passes the segment as a state that nothing is written to, so that
  /// each of the two is of the recurrence's own class. Null elsewhere.
  dsf::RecurrenceOp matrices;
  /// Takes what the summary returns, a step for each segment. Its input
  /// `S.local` is the summary's state S, others have the summary's name. Output
  /// `S.start` is the state S at the start of the segment.
  dsf::RecurrenceOp combine;
  llvm::SmallVector<std::string> states;
  /// Whether what a segment does to the states is a matrix for their lanes, as
  /// large as they are, and not numbers for their elements.
  bool mixes = false;
};

struct Segments {
  /// Of a scan.
  llvm::SmallVector<SegmentStage> stages;
  /// Of a split: the recurrence without outputs, returns all states. Null where
  /// there are none.
  dsf::RecurrenceOp pass;
  /// The recurrence as it is; `t` is to count the steps before the segment.
  dsf::RecurrenceOp finish;
  /// Segments must have so many steps, but for the last.
  int64_t minLength = 1;
};

/// Whether a schedule cuts time into segments.
inline bool hasSegments(dsf::ScheduleKind kind) {
  return kind == dsf::ScheduleKind::Scan || kind == dsf::ScheduleKind::Split;
}

/// That a schedule of segments is more than one function.
llvm::Error refuseSegments(dsf::ScheduleKind kind);

/// Makes the parts of a scan of a specialised recurrence with a `dsf.step`,
/// beside it; its states are what is carried (lib/Transforms/Carried.h). Fails
/// where a state has no summary, and says why.
llvm::Expected<Segments> cutForScan(dsf::RecurrenceOp recurrence);

/// The same for a split, which there is for all states.
Segments cutForSplit(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SEGMENTS_H
