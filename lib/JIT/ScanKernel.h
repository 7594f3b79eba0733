//===- ScanKernel.h - Segments of time in parallel --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_SCANKERNEL_H
#define LRC_LIB_JIT_SCANKERNEL_H

#include "lib/JIT/CpuKernel.h"
#include "lib/Transforms/Segments.h"

namespace lrc {

/// The kernels of lib/Transforms/Segments.h, and how they are run one after the
/// other. A segment is to a kernel what a packed sequence is.
class ScanKernel {
public:
  /// `segments` is how many to cut a sequence into where it is long enough.
  static llvm::Expected<std::unique_ptr<ScanKernel>>
  compile(dsf::RecurrenceOp recurrence, const CpuOptions &options,
          int64_t segments);
  ~ScanKernel();

  /// As CpuKernel::run, with the tensors of the recurrence.
  int32_t run(const lrc_call &call) const;

private:
  struct Impl;
  explicit ScanKernel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace lrc

#endif // LRC_LIB_JIT_SCANKERNEL_H
