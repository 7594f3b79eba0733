//===- GpuSegments.h - Segments of time in parallel on a GPU --------*- C++
//-*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_GPUSEGMENTS_H
#define LRC_LIB_GPU_GPUSEGMENTS_H

#include "lib/Gpu/GpuKernel.h"
#include "lib/Pipeline/SegmentPlan.h"

namespace lrc {

/// The parts of a SegmentPlan as kernels of the GPU, launched one after the
/// other.
class GpuSegments {
public:
  /// Of a stabilised recurrence, for a schedule of several segments.
  static llvm::Expected<std::unique_ptr<GpuSegments>>
  compile(dsf::RecurrenceOp recurrence, const GpuOptions &options,
          dsf::ScheduleAttr schedule);

  /// As GpuKernel::launch.
  llvm::Error launch(const lrc_call &call, CudaStream stream) const;

  const SegmentPlan &getPlan() const { return plan; }

private:
  GpuSegments() = default;

  SegmentPlan plan;
  std::vector<std::unique_ptr<GpuKernel>> parts;
};

} // namespace lrc

#endif // LRC_LIB_GPU_GPUSEGMENTS_H
