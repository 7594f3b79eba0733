//===- BenchGpu.h - lrc bench for a GPU -------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_BENCHGPU_H
#define LRC_LIB_DRIVER_BENCHGPU_H

#include "lib/Driver/BenchReport.h"

namespace lrc::driver {

/// Times the kernel of the options on the GPU of this machine, beside the time
/// that a copy takes to move the tensors of a call; with `all`, other schedules
/// and chunks too.
Result<std::unique_ptr<BenchReport>>
benchmarkOnGpu(Program &program, const CompileOptions &options, bool all,
               int64_t rounds);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_BENCHGPU_H
