//===- GpuSegments.cpp - Segments of time in parallel on a GPU
//----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/GpuSegments.h"

#include "lib/Gpu/StreamMemory.h"

using namespace mlir;
using namespace lrc;

llvm::Expected<std::unique_ptr<GpuSegments>>
GpuSegments::compile(dsf::RecurrenceOp recurrence, const GpuOptions &options,
                     dsf::ScheduleAttr schedule) {
  using Task = SegmentPlan::Task;
  // More make no difference.
  constexpr int64_t mostBlocks = 1 << 16;
  std::unique_ptr<GpuSegments> result(new GpuSegments);
  auto compilePart = [&](dsf::RecurrenceOp part, Task task) -> llvm::Error {
    GpuOptions own = options;
    own.isStabilized = true;
    own.schedule = std::nullopt;
    own.steps = 0;
    own.lanes = own.segments = 0;
    if (schedule.getChunk() > 1)
      own.chunk = schedule.getChunk();
    own.block.clear();
    if (task == Task::Combine || task == Task::Border) {
      own.schedule = dsf::ScheduleKind::Sequential;
      own.steps = 1; // a few
      own.chunk = 0;
    } else if (task != Task::Pass) {
      // Segments are to a part what sequences are.
      own.batchHeads *= std::min(schedule.getSegments(), mostBlocks);
    }
    own.maySegment = false;
    llvm::Expected<std::unique_ptr<GpuKernel>> kernel =
        GpuKernel::compile(part, own);
    if (!kernel)
      return kernel.takeError();
    result->parts.push_back(std::move(*kernel));
    return llvm::Error::success();
  };
  llvm::Expected<SegmentPlan> plan = SegmentPlan::create(
      recurrence, schedule.getKind(), schedule.getSegments(), compilePart);
  if (!plan)
    return plan.takeError();
  result->plan = std::move(*plan);
  return std::move(result);
}

namespace {
class GpuRunner : public SegmentPlan::Runner {
public:
  GpuRunner(CudaDevice &device, CudaStream stream,
            llvm::ArrayRef<std::unique_ptr<GpuKernel>> parts)
      : device(device), stream(stream), parts(parts), memory(device, stream) {}
  ~GpuRunner() override { llvm::consumeError(std::move(error)); }

  char *allocate(int64_t bytes) override {
    llvm::Expected<DevicePointer> pointer = memory.allocate(bytes);
    if (pointer)
      return reinterpret_cast<char *>(*pointer);
    succeeds(pointer.takeError());
    return nullptr;
  }
  bool run(size_t part, const lrc_call &call) override {
    return succeeds(parts[part]->launch(call, stream, memory));
  }
  bool copy(char *to, const char *from, int64_t bytes) override {
    return succeeds(device.copyOnDevice(reinterpret_cast<DevicePointer>(to),
                                        reinterpret_cast<DevicePointer>(from),
                                        bytes, stream));
  }
  llvm::Error takeError() { return std::move(error); }

private:
  bool succeeds(llvm::Error result) {
    bool failed = bool(result);
    if (failed) {
      llvm::consumeError(std::move(error));
      error = std::move(result);
    }
    return !failed;
  }

  CudaDevice &device;
  CudaStream stream;
  llvm::ArrayRef<std::unique_ptr<GpuKernel>> parts;
  StreamMemory memory;
  llvm::Error error = llvm::Error::success();
};
} // namespace

llvm::Error GpuSegments::launch(const lrc_call &call, CudaStream stream) const {
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (!device)
    return device.takeError();
  for (int64_t turn = 0; turn < plan.countTurns(call); ++turn) {
    GpuRunner runner(**device, stream, parts);
    if (!plan.run(call, turn, runner))
      return runner.takeError();
  }
  return llvm::Error::success();
}
