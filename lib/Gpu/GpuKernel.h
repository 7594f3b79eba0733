//===- GpuKernel.h - Compile and launch recurrences on a GPU ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_GPUKERNEL_H
#define LRC_LIB_GPU_GPUKERNEL_H

#include "dialects/Dsf/Dsf.h"
#include "dialects/Tile/Tile.h"
#include "lib/Gpu/CudaDriver.h"
#include "lib/Gpu/GpuBuild.h"
#include "lrc-c/kernel.h"

#include <memory>
#include <string>

namespace lrc {

class GpuSegments;
class StreamMemory;

class GpuKernel {
public:
  /// Compiles a specialised recurrence for the GPU of this machine.
  static llvm::Expected<std::unique_ptr<GpuKernel>>
  compile(dsf::RecurrenceOp recurrence, const GpuOptions &options);
  ~GpuKernel();

  /// Milliseconds before LLVM IR was there.
  double getLowerTime() const { return lowerTime; }

  /// What was chosen, with a block unless it is several kernels.
  dsf::ScheduleAttr getSchedule() const { return schedule; }

  /// Launches on a stream and returns. `tensors` of the call point to memory of
  /// the GPU, aligned to 16 bytes as far as rows are; `segments` and `origins`
  /// to the host's.
  llvm::Error launch(const lrc_call &call, CudaStream stream) const;
  /// The same as one of several that share memory of the stream.
  llvm::Error launch(const lrc_call &call, CudaStream stream,
                     StreamMemory &memory) const;

  /// The same for tensors of the host: copies them to the GPU, waits, and
  /// copies back what is written.
  llvm::Error runOnHost(const lrc_call &call) const;

private:
  GpuKernel();
  static llvm::Expected<std::unique_ptr<GpuKernel>>
  compileSegments(dsf::RecurrenceOp recurrence, const GpuOptions &options,
                  dsf::ScheduleAttr schedule);
  int64_t countBytes(const lrc_call &call, unsigned tensor) const;
  llvm::Error checkAlignment(const lrc_call &call) const;

  /// What is needed of a tensor's address and strides.
  struct TensorRow {
    std::string name;
    tile::Role role;
    int64_t elementBytes;
    /// Elements of one step.
    int64_t elements;
    int64_t alignment;
  };

  CudaDevice *device = nullptr;
  /// In place of a function.
  std::unique_ptr<GpuSegments> segments;
  CudaModule module = nullptr;
  CudaFunction function = nullptr;
  GpuLayout layout;
  int64_t blocks = 1;
  double lowerTime = 0;
  dsf::ScheduleAttr schedule;
  std::vector<TensorRow> rows;
};

} // namespace lrc

#endif // LRC_LIB_GPU_GPUKERNEL_H
