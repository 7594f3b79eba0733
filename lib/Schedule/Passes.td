//===- Passes.td - The choice of a schedule ----------------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_PASSES
#define LRC_LIB_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def DsfSchedule : Pass<"dsf-schedule", "::lrc::dsf::RecurrenceOp"> {
  let summary = "choose how a kernel runs through time";
  let description = [{
    Gives a specialised recurrence its `schedule` attribute, unless it has one,
    and the `dsf.form` that the schedule needs. What is asked for and does not
    apply is an error that says why.

    ```mlir
    dsf.recurrence @gla { ... }
    // becomes
    dsf.recurrence @gla schedule #dsf.schedule<chunked, chunk = 32> { ... }
    ```
  }];
  let options = [
    Option<"schedule", "schedule", "std::string", "\"auto\"",
           "auto, sequential, chunked, scan or split">,
    Option<"chunk", "chunk", "int64_t", "0",
           "steps of a chunk; 0 leaves it to the cost model">,
    Option<"lanes", "lanes", "int64_t", "0",
           "lanes of a work item; 0 leaves it to the cost model">,
    Option<"segments", "segments", "int64_t", "0",
           "segments of a scan or split; 0 leaves it to the cost model">,
    Option<"threads", "threads", "int64_t", "1",
           "threads that will run the kernel">,
    Option<"batchHeads", "batch-heads", "int64_t", "1",
           "sequences times heads, as far as known">,
    Option<"steps", "steps", "int64_t", "0",
           "steps of a sequence; 0 for many">,
    Option<"maySegment", "may-segment", "bool", "false",
           "whether segments of time may be chosen where none is asked for">];
}

#endif // LRC_LIB_SCHEDULE_PASSES
