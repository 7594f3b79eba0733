//===- SegmentPlan.h - Kernels that run segments of time -----------*- C++
//-*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the parts of lib/Transforms/Segments.h are run one after the other, and
// what they hand to each other, whatever they are compiled for. A segment is to
// a part what a packed sequence is to a kernel.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_SEGMENTPLAN_H
#define LRC_LIB_PIPELINE_SEGMENTPLAN_H

#include "lib/Transforms/Segments.h"
#include "lrc-c/kernel.h"

#include <optional>
#include <string>
#include <vector>

namespace lrc {

class SegmentPlan {
public:
  enum class Role { Input, Param, Initial, Output, Final };

  /// An argument of a kernel, in the order of include/lrc-c/kernel.h.
  struct Slot {
    Role role;
    std::string name;
    int64_t elementBytes; // in memory
    int64_t elements;     // of one step or state
  };

  /// What a part does: sums up or finishes segments, combines the sums, takes
  /// states from one segment to the next, or turns what the caller gives and
  /// gets into what is carried and back.
  enum class Task { Summary, Combine, Pass, Finish, Border };

  /// Compiles parts, which then have numbers in the order in which they came.
  using Compile =
      llvm::function_ref<llvm::Error(dsf::RecurrenceOp part, Task task)>;

  /// Of a stabilised recurrence and a schedule of several segments;
  /// `segments` is how many to cut a sequence into where it is long enough.
  static llvm::Expected<SegmentPlan> create(dsf::RecurrenceOp recurrence,
                                            dsf::ScheduleKind kind,
                                            int64_t segments, Compile compile);

  /// Where the parts of one turn run.
  class Runner {
  public:
    virtual ~Runner();
    /// Memory for what parts hand to each other, as long as the runner lives;
    /// null if there is none.
    virtual char *allocate(int64_t bytes) = 0;
    /// Whether that could be done.
    virtual bool run(size_t part, const lrc_call &call) = 0;
    virtual bool copy(char *to, const char *from, int64_t bytes) = 0;
  };

  /// Turns in which the sequences of a call are run: several at once where they
  /// follow each other in memory, since their segments are then those of one.
  int64_t countTurns(const lrc_call &call) const;
  /// Runs one turn; `segments` and `origins` of the call are in the host's
  /// memory. False if the runner could not.
  bool run(const lrc_call &call, int64_t turn, Runner &runner) const;

  /// The tensors of a call.
  const std::vector<Slot> &getSlots() const { return slots; }

private:
  struct Part {
    size_t number = 0;
    std::vector<Slot> slots;
  };
  struct Stage {
    /// One, or two, see SegmentStage::matrices.
    std::vector<Part> summaries;
    Part combine;
  };
  class Turn;

  /// Sequences of a turn.
  int64_t countJoined(const lrc_call &call) const;

  static llvm::Expected<Part> compilePart(dsf::RecurrenceOp recurrence,
                                          Task task, size_t &count,
                                          Compile compile);

  std::vector<Slot> slots;
  /// Where other states are carried than the caller's.
  std::optional<Part> start, end;
  std::vector<Stage> stages;
  std::optional<Part> pass;
  Part finish;
  bool isReverse = false;
  int64_t minLength = 1;
  int64_t segments = 1;
};

} // namespace lrc

#endif // LRC_LIB_PIPELINE_SEGMENTPLAN_H
