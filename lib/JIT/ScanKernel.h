//===- ScanKernel.h - Segments of time in parallel --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_SCANKERNEL_H
#define LRC_LIB_JIT_SCANKERNEL_H

#include "lib/JIT/CpuKernel.h"
#include "lib/Pipeline/ScanPlan.h"

namespace lrc {

/// The parts of a ScanPlan as kernels of the CPU.
class ScanKernel {
public:
  /// `segments` is how many to cut a sequence into where it is long enough.
  static llvm::Expected<std::unique_ptr<ScanKernel>>
  compile(dsf::RecurrenceOp recurrence, const CpuOptions &options,
          int64_t segments);

  /// As CpuKernel::run, with the tensors of the recurrence.
  int32_t run(const lrc_call &call) const;

private:
  ScanKernel() = default;

  ScanPlan plan;
  std::vector<std::unique_ptr<CpuKernel>> parts;
};

} // namespace lrc

#endif // LRC_LIB_JIT_SCANKERNEL_H
