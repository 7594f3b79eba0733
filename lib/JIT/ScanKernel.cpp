//===- ScanKernel.cpp - Segments of time in parallel ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/ScanKernel.h"

#include "lib/Transforms/Carried.h"
#include "lib/Transforms/Linearize.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace lrc;

namespace {
enum class Role { Input, Param, Initial, Output, Final };

/// An argument of a kernel, in the order of include/lrc-c/kernel.h.
struct Slot {
  Role role;
  std::string name;
  int64_t elementBytes; // in memory
  int64_t elements;     // of one step or state
};

struct Part {
  std::unique_ptr<CpuKernel> kernel;
  std::vector<Slot> slots;
};

struct Stage {
  Part summary;
  Part combine;
};

/// Tensors that the kernels hand to each other, [segments, heads, ...].
struct Workspace {
  int64_t segments;
  int64_t heads;
  llvm::StringMap<std::unique_ptr<char[]>> buffers;

  /// The tensor of a name, made when it is first asked for; no data if there is
  /// not enough memory. One entry for each segment along batch or time.
  lrc_tensor at(const Slot &slot, llvm::StringRef name, bool alongTime);
};
} // namespace

lrc_tensor Workspace::at(const Slot &slot, llvm::StringRef name,
                         bool alongTime) {
  std::unique_ptr<char[]> &buffer = buffers[name];
  if (!buffer)
    buffer.reset(new (std::nothrow) char[segments * heads * slot.elements *
                                         slot.elementBytes]);
  int64_t stride = heads * slot.elements;
  return {buffer.get(), alongTime ? 0 : stride, alongTime ? stride : 0,
          slot.elements, heads};
}

struct ScanKernel::Impl {
  std::vector<Slot> slots;
  /// Where other states are carried than the caller's.
  std::optional<Part> start, end;
  std::vector<Stage> stages;
  Part finish;
  bool isReverse = false;
  int64_t minLength = 1;
  int64_t segments = 1;

  int32_t runSequence(const lrc_call &call, int64_t sequence) const;
};

ScanKernel::ScanKernel(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
ScanKernel::~ScanKernel() = default;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

static std::vector<Slot> findSlots(dsf::RecurrenceOp recurrence) {
  std::vector<Slot> slots;
  auto add = [&](auto op, Role role) {
    for (auto field : recurrence.getBody().getOps<decltype(op)>()) {
      auto state = dyn_cast<dsf::StateOp>(field.getOperation());
      if (state && state.getLocal())
        continue;
      dsf::FieldOp typed(field.getOperation());
      Type storage = typed.getStorage();
      int64_t bytes = 1;
      if (auto complex = dyn_cast<ComplexType>(storage)) {
        bytes = 2;
        storage = complex.getElementType();
      }
      int64_t elements = 1;
      for (int64_t size : typed.getType().getShape())
        elements *= size;
      slots.push_back({role, typed.getName().str(),
                       bytes * storage.getIntOrFloatBitWidth() / 8, elements});
    }
  };
  add(dsf::InOp(), Role::Input);
  add(dsf::ParamOp(), Role::Param);
  add(dsf::StateOp(), Role::Initial);
  add(dsf::OutOp(), Role::Output);
  add(dsf::StateOp(), Role::Final);
  return slots;
}

static bool canChunk(dsf::RecurrenceOp recurrence) {
  mlir::OwningOpRef<dsf::RecurrenceOp> copy = recurrence.clone();
  return llvm::none_of(linearize(*copy), [](const GroupForm &group) {
    return group.kind == GroupKind::Sequential;
  });
}

static llvm::Expected<Part> compilePart(dsf::RecurrenceOp recurrence,
                                        const CpuOptions &options) {
  llvm::Expected<std::unique_ptr<CpuKernel>> kernel =
      CpuKernel::compile(recurrence, options);
  if (!kernel)
    return kernel.takeError();
  Part part;
  part.kernel = std::move(*kernel);
  part.slots = findSlots(recurrence);
  return part;
}

llvm::Expected<std::unique_ptr<ScanKernel>>
ScanKernel::compile(dsf::RecurrenceOp recurrence, const CpuOptions &options,
                    int64_t segments) {
  auto impl = std::make_unique<Impl>();
  impl->slots = findSlots(recurrence);
  impl->segments = segments;
  CpuOptions partOptions = options;
  partOptions.schedule = Schedule::Sequential;
  partOptions.isStabilized = true;
  partOptions.lanes = 0;
  // Segments are to a part what sequences are.
  partOptions.batchHeads = std::max(options.batchHeads, segments);
  if (hasOtherStates(recurrence)) {
    CarriedParts carried = splitCarried(recurrence);
    for (auto [part, target] : {std::pair(carried.start, &impl->start),
                                std::pair(carried.end, &impl->end)}) {
      llvm::Expected<Part> compiled = compilePart(part, partOptions);
      if (!compiled)
        return compiled.takeError();
      *target = std::move(*compiled);
    }
    recurrence = carried.carried;
  }
  llvm::Expected<Segments> parts = cutIntoSegments(recurrence);
  if (!parts)
    return parts.takeError();
  impl->isReverse = recurrence.getReverse();
  impl->minLength = parts->minLength;
  for (SegmentStage &stage : parts->stages) {
    llvm::Expected<Part> summary = compilePart(stage.summary, partOptions);
    if (!summary)
      return summary.takeError();
    llvm::Expected<Part> combine = compilePart(stage.combine, partOptions);
    if (!combine)
      return combine.takeError();
    impl->stages.push_back({std::move(*summary), std::move(*combine)});
  }
  // Segments may be run in chunks themselves.
  if (options.chunk > 1 && canChunk(parts->finish))
    partOptions.schedule = Schedule::Chunked;
  llvm::Expected<Part> finish = compilePart(parts->finish, partOptions);
  if (!finish)
    return finish.takeError();
  impl->finish = std::move(*finish);
  return std::unique_ptr<ScanKernel>(new ScanKernel(std::move(impl)));
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

/// The part of a tensor that belongs to one sequence.
static lrc_tensor ofSequence(const lrc_call &call, const lrc_tensor &tensor,
                             const Slot &slot, int64_t sequence) {
  lrc_tensor result = tensor;
  if (!tensor.data)
    return result;
  bool inTime = slot.role == Role::Input || slot.role == Role::Output;
  int64_t elements = sequence * tensor.stride_batch;
  if (inTime && call.segments)
    elements = call.segments[sequence] * tensor.stride_time;
  result.data = static_cast<char *>(tensor.data) + elements * slot.elementBytes;
  result.stride_batch = 0;
  return result;
}

static int32_t runPart(const Part &part, int64_t batch, int64_t steps,
                       int64_t heads, const int64_t *bounds,
                       const int64_t *origins,
                       llvm::function_ref<lrc_tensor(const Slot &)> find) {
  std::vector<lrc_tensor> tensors;
  for (const Slot &slot : part.slots)
    tensors.push_back(find(slot));
  lrc_call call{batch, steps, heads, bounds, tensors.data(), origins};
  return part.kernel->run(call);
}

int32_t ScanKernel::Impl::runSequence(const lrc_call &call,
                                      int64_t sequence) const {
  int64_t steps = call.segments
                      ? call.segments[sequence + 1] - call.segments[sequence]
                      : call.steps;
  int64_t length = std::max<int64_t>(
      llvm::divideCeil(std::max<int64_t>(steps, 1), segments), minLength);
  int64_t count = std::max<int64_t>(llvm::divideCeil(steps, length), 1);
  std::vector<int64_t> bounds;
  for (int64_t segment = 0; segment <= count; ++segment)
    bounds.push_back(std::min(segment * length, steps));

  Workspace workspace{count, call.heads, {}};
  auto given = [&](Role role, const std::string &name) -> lrc_tensor {
    for (auto [index, slot] : llvm::enumerate(slots))
      if (slot.role == role && slot.name == name)
        return ofSequence(call, call.tensors[index], slot, sequence);
    return {nullptr, 0, 0, 0, 1};
  };
  const lrc_tensor none{nullptr, 0, 0, 0, 1};
  bool outOfMemory = false;
  auto shared = [&](const Slot &slot, llvm::StringRef name, bool alongTime) {
    lrc_tensor tensor = workspace.at(slot, name, alongTime);
    outOfMemory |= !tensor.data;
    return tensor;
  };
  llvm::StringMap<bool> started;
  // The steps before each segment, in running order.
  std::vector<int64_t> origins;
  int64_t first = call.origins ? call.origins[sequence] : 0;
  for (int64_t segment = 0; segment < count; ++segment)
    origins.push_back(
        first + (isReverse ? steps - bounds[segment + 1] : bounds[segment]));
  auto startOf = [&](const Slot &slot) {
    return started.count(slot.name) ? shared(slot, slot.name + ".start", false)
                                    : none;
  };

  // What is carried where the sequence starts.
  auto initial = [&](const Slot &slot) {
    return start ? shared(slot, slot.name + ".begin", false)
                 : given(Role::Initial, slot.name);
  };
  if (start) {
    int32_t failed = runPart(*start, 1, 0, call.heads, nullptr, nullptr,
                             [&](const Slot &slot) -> lrc_tensor {
                               if (slot.role == Role::Final)
                                 return initial(slot);
                               return given(slot.role, slot.name);
                             });
    if (failed || outOfMemory)
      return 1;
  }

  for (const Stage &stage : stages) {
    llvm::StringMap<std::string> finals;
    for (const Slot &slot : stage.combine.slots)
      if (slot.role == Role::Input) {
        llvm::StringRef name = slot.name;
        name.consume_back(".local");
        finals[name] = slot.name;
      }
    int32_t failed =
        runPart(stage.summary, count, 0, call.heads, bounds.data(),
                origins.data(), [&](const Slot &slot) -> lrc_tensor {
                  if (slot.role == Role::Initial)
                    return startOf(slot);
                  if (slot.role == Role::Final)
                    return finals.count(slot.name)
                               ? shared(slot, finals[slot.name], false)
                               : none;
                  return given(slot.role, slot.name);
                });
    if (failed || outOfMemory)
      return 1;
    failed =
        runPart(stage.combine, 1, count, call.heads, nullptr, nullptr,
                [&](const Slot &slot) -> lrc_tensor {
                  if (slot.role == Role::Input || slot.role == Role::Output)
                    return shared(slot, slot.name, true);
                  if (slot.role == Role::Final)
                    return none;
                  if (slot.role == Role::Initial)
                    return initial(slot);
                  return given(slot.role, slot.name);
                });
    if (failed || outOfMemory)
      return 1;
    for (const Slot &slot : stage.combine.slots)
      if (slot.role == Role::Initial)
        started[slot.name] = true;
  }

  int32_t failed =
      runPart(finish, count, 0, call.heads, bounds.data(), origins.data(),
              [&](const Slot &slot) -> lrc_tensor {
                if (slot.role == Role::Initial)
                  return startOf(slot);
                if (slot.role == Role::Final)
                  return end || given(Role::Final, slot.name).data
                             ? shared(slot, slot.name + ".end", false)
                             : none;
                return given(slot.role, slot.name);
              });
  if (failed || outOfMemory)
    return 1;
  // Of the final states, those of the segment that runs last are asked for.
  int64_t last = isReverse ? 0 : count - 1;
  if (end)
    return runPart(*end, 1, 0, call.heads, nullptr, nullptr,
                   [&](const Slot &slot) -> lrc_tensor {
                     if (slot.role != Role::Initial)
                       return given(slot.role, slot.name);
                     lrc_tensor tensor =
                         shared(slot, slot.name + ".end", false);
                     tensor.data =
                         static_cast<char *>(tensor.data) +
                         last * tensor.stride_batch * slot.elementBytes;
                     return tensor;
                   });
  for (const Slot &slot : slots) {
    lrc_tensor target = given(Role::Final, slot.name);
    if (slot.role != Role::Final || !target.data)
      continue;
    lrc_tensor ends = shared(slot, slot.name + ".end", false);
    int64_t bytes = slot.elements * slot.elementBytes;
    for (int64_t head = 0; head < call.heads; ++head)
      std::memcpy(static_cast<char *>(target.data) +
                      head * target.stride_head * slot.elementBytes,
                  static_cast<char *>(ends.data) +
                      (last * call.heads + head) * bytes,
                  bytes);
  }
  return 0;
}

int32_t ScanKernel::run(const lrc_call &call) const {
  for (int64_t sequence = 0; sequence < call.batch; ++sequence)
    if (int32_t failed = impl->runSequence(call, sequence))
      return failed;
  return 0;
}
