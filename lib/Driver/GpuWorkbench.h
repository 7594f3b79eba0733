//===- GpuWorkbench.h - Time kernels on a GPU -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_GPUWORKBENCH_H
#define LRC_LIB_DRIVER_GPUWORKBENCH_H

#include "lib/Driver/Measure.h"
#include "lib/Driver/Tensors.h"
#include "lib/Gpu/StreamClock.h"
#include "lib/Gpu/StreamMemory.h"

namespace lrc::driver {

/// The tensors of a workbench in memory of a GPU, several times: calls take
/// these sets in turn, and together they are larger than the second cache, so
/// that each call finds its own in memory.
class GpuWorkbench {
public:
  /// For all kernels of a workbench; `kernel` is one of them.
  static Result<std::unique_ptr<GpuWorkbench>>
  create(CudaDevice &device, Workbench &bench, const Kernel &kernel);

  /// Bytes of all tensors of a call.
  int64_t getCallBytes() const { return callBytes; }
  int64_t countSets() const { return sets.size(); }

  /// Times kernels in turns, by the clock of the GPU.
  Result<std::vector<Timing>> measure(llvm::ArrayRef<Kernel> kernels,
                                      int64_t rounds);

  /// Bytes read plus written in a second by copies in memory of the GPU: the
  /// median of one beside each timing of a kernel.
  double getCopyBandwidth() const;

private:
  /// Work goes to the default stream.
  static constexpr CudaStream stream = nullptr;

  /// What one call takes and gives.
  struct CallTensors {
    Described inputs;
    Described outputs;
  };

  explicit GpuWorkbench(CudaDevice &device)
      : device(device), memory(device, stream), clock(device, stream) {}
  Result<void> place(Described &described, const std::string &name, DType dtype,
                     llvm::MutableArrayRef<int64_t> shape, const Tensor *from);
  Result<void> addSet(Workbench &bench);
  Result<void> makeSets(Workbench &bench);
  Result<void> copy();
  Result<void> mark(size_t number);
  Result<void> queue(const Kernel &kernel, int64_t calls);
  Result<double> timeCalls(const Kernel &kernel, int64_t calls);

  CudaDevice &device;
  StreamMemory memory;
  StreamClock clock;
  ResultSpecs results;
  std::deque<CallTensors> sets;
  int64_t callBytes = 0;
  /// The set that the next call takes.
  size_t next = 0;
  DevicePointer copySource = 0, copyTarget = 0;
  std::vector<double> copySeconds;
};

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_GPUWORKBENCH_H
