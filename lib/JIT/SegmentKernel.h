//===- SegmentKernel.h - Segments of time in parallel --------------*- C++
//-*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_SEGMENTKERNEL_H
#define LRC_LIB_JIT_SEGMENTKERNEL_H

#include "lib/JIT/CpuKernel.h"
#include "lib/Pipeline/SegmentPlan.h"

namespace lrc {

/// The parts of a SegmentPlan as kernels of the CPU.
class SegmentKernel {
public:
  /// For a schedule of several segments.
  static llvm::Expected<std::unique_ptr<SegmentKernel>>
  compile(dsf::RecurrenceOp recurrence, const CpuOptions &options,
          dsf::ScheduleAttr schedule);

  /// As CpuKernel::run, with the tensors of the recurrence.
  int32_t run(const lrc_call &call) const;

private:
  SegmentKernel() = default;

  SegmentPlan plan;
  std::vector<std::unique_ptr<CpuKernel>> parts;
};

} // namespace lrc

#endif // LRC_LIB_JIT_SEGMENTKERNEL_H
