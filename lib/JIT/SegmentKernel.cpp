//===- SegmentKernel.cpp - Segments of time in parallel
//----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/SegmentKernel.h"

#include "lib/Schedule/Schedule.h"

#include "mlir/IR/OwningOpRef.h"

#include <cstring>

using namespace mlir;
using namespace lrc;

static bool canChunk(dsf::RecurrenceOp recurrence) {
  mlir::OwningOpRef<dsf::RecurrenceOp> copy = recurrence.clone();
  return whyNot(dsf::ScheduleKind::Chunked, *copy).empty();
}

llvm::Expected<std::unique_ptr<SegmentKernel>>
SegmentKernel::compile(dsf::RecurrenceOp recurrence, const CpuOptions &options,
                       dsf::ScheduleAttr schedule) {
  using Task = SegmentPlan::Task;
  std::unique_ptr<SegmentKernel> kernel(new SegmentKernel);
  CpuOptions partOptions = options;
  partOptions.isStabilized = true;
  partOptions.lanes = 0;
  partOptions.segments = 0;
  // Segments may be run in chunks themselves.
  partOptions.chunk = std::max(options.chunk, schedule.getChunk());
  auto compilePart = [&](dsf::RecurrenceOp part, Task task) -> llvm::Error {
    bool inChunks = (task == Task::Finish || task == Task::Pass) &&
                    partOptions.chunk > 1 && canChunk(part);
    partOptions.schedule = inChunks ? Schedule::Chunked : Schedule::Sequential;
    // Segments are to a part what sequences are, if it runs all at once.
    partOptions.batchHeads =
        task == Task::Pass
            ? options.batchHeads
            : std::max(options.batchHeads, schedule.getSegments());
    llvm::Expected<std::unique_ptr<CpuKernel>> compiled =
        CpuKernel::compile(part, partOptions);
    if (!compiled)
      return compiled.takeError();
    kernel->parts.push_back(std::move(*compiled));
    return llvm::Error::success();
  };
  llvm::Expected<SegmentPlan> plan = SegmentPlan::create(
      recurrence, schedule.getKind(), schedule.getSegments(), compilePart);
  if (!plan)
    return plan.takeError();
  kernel->plan = std::move(*plan);
  return std::move(kernel);
}

namespace {
class CpuRunner : public SegmentPlan::Runner {
public:
  explicit CpuRunner(llvm::ArrayRef<std::unique_ptr<CpuKernel>> parts)
      : parts(parts) {}

  char *allocate(int64_t bytes) override {
    buffers.emplace_back(new (std::nothrow) char[bytes]);
    return buffers.back().get();
  }
  bool run(size_t part, const lrc_call &call) override {
    return parts[part]->run(call) == 0;
  }
  bool copy(char *to, const char *from, int64_t bytes) override {
    std::memcpy(to, from, bytes);
    return true;
  }

private:
  llvm::ArrayRef<std::unique_ptr<CpuKernel>> parts;
  std::vector<std::unique_ptr<char[]>> buffers;
};
} // namespace

int32_t SegmentKernel::run(const lrc_call &call) const {
  for (int64_t turn = 0; turn < plan.countTurns(call); ++turn) {
    CpuRunner runner(parts);
    if (!plan.run(call, turn, runner))
      return 1;
  }
  return 0;
}
