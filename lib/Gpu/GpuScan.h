//===- GpuScan.h - Segments of time in parallel on a GPU --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_GPUSCAN_H
#define LRC_LIB_GPU_GPUSCAN_H

#include "lib/Gpu/GpuKernel.h"
#include "lib/Pipeline/ScanPlan.h"

namespace lrc {

/// The parts of a ScanPlan as kernels of the GPU, launched one after the other.
class GpuScan {
public:
  /// Of a stabilised recurrence.
  static llvm::Expected<std::unique_ptr<GpuScan>>
  compile(dsf::RecurrenceOp recurrence, const GpuOptions &options,
          int64_t segments);

  /// As GpuKernel::launch.
  llvm::Error launch(const lrc_call &call, CudaStream stream) const;

  const ScanPlan &getPlan() const { return plan; }

private:
  GpuScan() = default;

  ScanPlan plan;
  std::vector<std::unique_ptr<GpuKernel>> parts;
};

} // namespace lrc

#endif // LRC_LIB_GPU_GPUSCAN_H
