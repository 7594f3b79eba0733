//===- SegmentPlan.cpp - Kernels that run segments of time
//-------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/SegmentPlan.h"

#include "lib/Transforms/Carried.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

SegmentPlan::Runner::~Runner() = default;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

static std::vector<SegmentPlan::Slot> findSlots(dsf::RecurrenceOp recurrence) {
  std::vector<SegmentPlan::Slot> slots;
  auto add = [&](auto op, SegmentPlan::Role role) {
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
  add(dsf::InOp(), SegmentPlan::Role::Input);
  add(dsf::ParamOp(), SegmentPlan::Role::Param);
  add(dsf::StateOp(), SegmentPlan::Role::Initial);
  add(dsf::OutOp(), SegmentPlan::Role::Output);
  add(dsf::StateOp(), SegmentPlan::Role::Final);
  return slots;
}

llvm::Expected<SegmentPlan::Part>
SegmentPlan::compilePart(dsf::RecurrenceOp recurrence, Task task, size_t &count,
                         Compile compile) {
  Part part{count++, findSlots(recurrence)};
  if (llvm::Error error = compile(recurrence, task))
    return std::move(error);
  return part;
}

llvm::Expected<SegmentPlan> SegmentPlan::create(dsf::RecurrenceOp recurrence,
                                                dsf::ScheduleKind kind,
                                                int64_t segments,
                                                Compile compile) {
  SegmentPlan plan;
  plan.slots = findSlots(recurrence);
  plan.segments = segments;
  size_t count = 0;
  auto add = [&](dsf::RecurrenceOp part, Task task) {
    return compilePart(part, task, count, compile);
  };
  if (hasOtherStates(recurrence)) {
    CarriedParts carried = splitCarried(recurrence);
    for (auto [part, target] : {std::pair(carried.start, &plan.start),
                                std::pair(carried.end, &plan.end)}) {
      llvm::Expected<Part> compiled = add(part, Task::Border);
      if (!compiled)
        return compiled.takeError();
      *target = std::move(*compiled);
    }
    recurrence = carried.carried;
  }
  llvm::Expected<Segments> parts = kind == dsf::ScheduleKind::Split
                                       ? cutForSplit(recurrence)
                                       : cutForScan(recurrence);
  if (!parts)
    return parts.takeError();
  plan.isReverse = recurrence.getReverse();
  plan.minLength = parts->minLength;
  for (SegmentStage &stage : parts->stages) {
    std::vector<Part> summaries;
    for (dsf::RecurrenceOp part : {stage.summary, stage.matrices}) {
      if (!part)
        continue;
      llvm::Expected<Part> summary = add(part, Task::Summary);
      if (!summary)
        return summary.takeError();
      summaries.push_back(std::move(*summary));
    }
    llvm::Expected<Part> combine = add(stage.combine, Task::Combine);
    if (!combine)
      return combine.takeError();
    plan.stages.push_back({std::move(summaries), std::move(*combine)});
  }
  if (parts->pass) {
    llvm::Expected<Part> pass = add(parts->pass, Task::Pass);
    if (!pass)
      return pass.takeError();
    plan.pass = std::move(*pass);
  }
  llvm::Expected<Part> finish = add(parts->finish, Task::Finish);
  if (!finish)
    return finish.takeError();
  plan.finish = std::move(*finish);
  return std::move(plan);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

static bool isInTime(const SegmentPlan::Slot &slot) {
  return slot.role == SegmentPlan::Role::Input ||
         slot.role == SegmentPlan::Role::Output;
}

/// The part of a tensor that begins with a sequence.
static lrc_tensor fromSequence(const lrc_call &call, const lrc_tensor &tensor,
                               const SegmentPlan::Slot &slot,
                               int64_t sequence) {
  lrc_tensor result = tensor;
  if (!tensor.data)
    return result;
  int64_t elements = sequence * tensor.stride_batch;
  if (isInTime(slot) && call.segments)
    elements = call.segments[sequence] * tensor.stride_time;
  result.data = static_cast<char *>(tensor.data) + elements * slot.elementBytes;
  // Steps are found by the bounds of segments, and all have the same
  // parameters.
  if (isInTime(slot) || slot.role == SegmentPlan::Role::Param)
    result.stride_batch = 0;
  return result;
}

/// Sequences that are run at once, their segments, and the tensors that parts
/// hand to each other.
class SegmentPlan::Turn {
public:
  /// So many sequences from one on; several lie behind each other.
  Turn(const SegmentPlan &plan, const lrc_call &call, int64_t sequence,
       int64_t sequences, Runner &runner);

  bool run();

private:
  using Find = llvm::function_ref<lrc_tensor(const Slot &)>;

  lrc_tensor given(Role role, const std::string &name) const;
  lrc_tensor shared(const Slot &slot, llvm::StringRef name, bool alongTime);
  lrc_tensor startOf(const Slot &slot);
  lrc_tensor initial(const Slot &slot);
  bool runPart(const Part &part, int64_t batch, int64_t steps, Find find);
  bool runSegments(const Part &part, Find find);
  bool runStage(const Stage &stage);
  lrc_tensor startOf(const Slot &slot, int64_t segment);
  bool runPassTo(int64_t segment);
  bool runPass();
  bool runFinish();
  bool runEnd();
  bool copyFinals();

  const SegmentPlan &plan;
  const lrc_call &call;
  int64_t sequence;
  int64_t sequences;
  Runner &runner;
  const lrc_tensor none{nullptr, 0, 0, 0, 1};
  /// Segments of a sequence, where all begin, and the steps before each in
  /// running order.
  int64_t count = 1;
  std::vector<int64_t> bounds, origins;
  /// [sequences * segments, heads, ...]
  llvm::StringMap<char *> buffers;
  llvm::StringMap<bool> started;
  bool outOfMemory = false;
};

SegmentPlan::Turn::Turn(const SegmentPlan &plan, const lrc_call &call,
                        int64_t sequence, int64_t sequences, Runner &runner)
    : plan(plan), call(call), sequence(sequence), sequences(sequences),
      runner(runner) {
  int64_t steps = call.segments
                      ? call.segments[sequence + 1] - call.segments[sequence]
                      : call.steps;
  int64_t length = std::max<int64_t>(
      llvm::divideCeil(std::max<int64_t>(steps, 1), plan.segments),
      plan.minLength);
  count = std::max<int64_t>(llvm::divideCeil(steps, length), 1);
  for (int64_t number = 0; number < sequences; ++number) {
    int64_t first = call.origins ? call.origins[sequence + number] : 0;
    for (int64_t segment = 0; segment < count; ++segment) {
      int64_t begin = std::min(segment * length, steps);
      int64_t end = std::min(begin + length, steps);
      bounds.push_back(number * steps + begin);
      origins.push_back(first + (plan.isReverse ? steps - end : begin));
    }
  }
  bounds.push_back(sequences * steps);
}

lrc_tensor SegmentPlan::Turn::given(Role role, const std::string &name) const {
  for (auto [index, slot] : llvm::enumerate(plan.slots))
    if (slot.role == role && slot.name == name)
      return fromSequence(call, call.tensors[index], slot, sequence);
  return none;
}

/// The tensor of a name, made when it is first asked for. One entry for each
/// segment, along batch or, of each sequence, along time.
lrc_tensor SegmentPlan::Turn::shared(const Slot &slot, llvm::StringRef name,
                                     bool alongTime) {
  char *&buffer = buffers[name];
  if (!buffer)
    buffer = runner.allocate(sequences * count * call.heads * slot.elements *
                             slot.elementBytes);
  outOfMemory |= !buffer;
  int64_t stride = call.heads * slot.elements;
  if (alongTime)
    return {buffer, count * stride, stride, slot.elements, call.heads};
  return {buffer, stride, 0, slot.elements, call.heads};
}

lrc_tensor SegmentPlan::Turn::startOf(const Slot &slot) {
  return started.count(slot.name) ? shared(slot, slot.name + ".start", false)
                                  : none;
}

/// What is carried where the sequence starts.
lrc_tensor SegmentPlan::Turn::initial(const Slot &slot) {
  return plan.start ? shared(slot, slot.name + ".begin", false)
                    : given(Role::Initial, slot.name);
}

bool SegmentPlan::Turn::runPart(const Part &part, int64_t batch, int64_t steps,
                                Find find) {
  std::vector<lrc_tensor> tensors;
  for (const Slot &slot : part.slots)
    tensors.push_back(find(slot));
  if (outOfMemory)
    return false;
  lrc_call own{batch, steps, call.heads, nullptr, tensors.data(), nullptr};
  return runner.run(part.number, own);
}

bool SegmentPlan::Turn::runSegments(const Part &part, Find find) {
  std::vector<lrc_tensor> tensors;
  for (const Slot &slot : part.slots)
    tensors.push_back(find(slot));
  lrc_call own{sequences * count, 0, call.heads, bounds.data(), tensors.data(),
               origins.data()};
  return !outOfMemory && runner.run(part.number, own);
}

bool SegmentPlan::Turn::runStage(const Stage &stage) {
  llvm::StringMap<std::string> finals;
  for (const Slot &slot : stage.combine.slots)
    if (slot.role == Role::Input) {
      llvm::StringRef name = slot.name;
      name.consume_back(".local");
      finals[name] = slot.name;
    }
  auto runSummary = [&](const Part &part) {
    return runSegments(part, [&](const Slot &slot) -> lrc_tensor {
      if (slot.role == Role::Initial)
        return startOf(slot);
      if (slot.role == Role::Final)
        return finals.count(slot.name) ? shared(slot, finals[slot.name], false)
                                       : none;
      return given(slot.role, slot.name);
    });
  };
  bool done =
      llvm::all_of(stage.summaries, runSummary) &&
      runPart(stage.combine, sequences, count,
              [&](const Slot &slot) -> lrc_tensor {
                if (slot.role == Role::Input || slot.role == Role::Output)
                  return shared(slot, slot.name, true);
                if (slot.role == Role::Final)
                  return none;
                if (slot.role == Role::Initial)
                  return initial(slot);
                return given(slot.role, slot.name);
              });
  for (const Slot &slot : stage.combine.slots)
    if (slot.role == Role::Initial)
      started[slot.name] = true;
  return done;
}

lrc_tensor SegmentPlan::Turn::startOf(const Slot &slot, int64_t segment) {
  lrc_tensor tensor = shared(slot, slot.name + ".start", false);
  if (tensor.data)
    tensor.data = static_cast<char *>(tensor.data) +
                  segment * tensor.stride_batch * slot.elementBytes;
  return tensor;
}

/// Finds the states that a segment starts from: those at the end of the one
/// before, or without steps those that the sequence starts from.
bool SegmentPlan::Turn::runPassTo(int64_t segment) {
  int64_t before = segment + (plan.isReverse ? 1 : -1);
  bool isFirst = before < 0 || before == count;
  std::vector<lrc_tensor> tensors;
  for (const Slot &slot : plan.pass->slots)
    tensors.push_back(slot.role == Role::Final     ? startOf(slot, segment)
                      : slot.role != Role::Initial ? given(slot.role, slot.name)
                      : isFirst                    ? initial(slot)
                                                   : startOf(slot, before));
  lrc_call own{1, 0, call.heads, nullptr, tensors.data(), nullptr};
  if (!isFirst) {
    own.segments = bounds.data() + before;
    own.origins = origins.data() + before;
  }
  return !outOfMemory && runner.run(plan.pass->number, own);
}

bool SegmentPlan::Turn::runPass() {
  for (int64_t number = 0; number < count; ++number)
    if (!runPassTo(plan.isReverse ? count - 1 - number : number))
      return false;
  for (const Slot &slot : plan.pass->slots)
    if (slot.role == Role::Initial)
      started[slot.name] = true;
  return true;
}

bool SegmentPlan::Turn::runFinish() {
  return runSegments(plan.finish, [&](const Slot &slot) -> lrc_tensor {
    if (slot.role == Role::Initial)
      return startOf(slot);
    if (slot.role == Role::Final)
      return plan.end || given(Role::Final, slot.name).data
                 ? shared(slot, slot.name + ".end", false)
                 : none;
    return given(slot.role, slot.name);
  });
}

/// Makes the caller's final states of those of the segments that run last.
bool SegmentPlan::Turn::runEnd() {
  int64_t last = plan.isReverse ? 0 : count - 1;
  return runPart(*plan.end, sequences, 0, [&](const Slot &slot) -> lrc_tensor {
    if (slot.role != Role::Initial)
      return given(slot.role, slot.name);
    lrc_tensor tensor = shared(slot, slot.name + ".end", false);
    tensor.data = static_cast<char *>(tensor.data) +
                  last * tensor.stride_batch * slot.elementBytes;
    tensor.stride_batch *= count;
    return tensor;
  });
}

bool SegmentPlan::Turn::copyFinals() {
  int64_t last = plan.isReverse ? 0 : count - 1;
  for (const Slot &slot : plan.slots) {
    lrc_tensor target = given(Role::Final, slot.name);
    if (slot.role != Role::Final || !target.data)
      continue;
    lrc_tensor ends = shared(slot, slot.name + ".end", false);
    int64_t bytes = slot.elements * slot.elementBytes;
    // All heads at once where they lie behind each other.
    bool isDense = target.stride_head == slot.elements;
    int64_t pieces = isDense ? 1 : call.heads;
    if (isDense)
      bytes *= call.heads;
    for (int64_t number = 0; number < sequences; ++number)
      for (int64_t piece = 0; piece < pieces; ++piece)
        if (!runner.copy(static_cast<char *>(target.data) +
                             (number * target.stride_batch +
                              piece * target.stride_head) *
                                 slot.elementBytes,
                         static_cast<char *>(ends.data) +
                             ((number * count + last) * pieces + piece) * bytes,
                         bytes))
          return false;
  }
  return true;
}

bool SegmentPlan::Turn::run() {
  bool began =
      !plan.start ||
      runPart(*plan.start, sequences, 0, [&](const Slot &slot) -> lrc_tensor {
        return slot.role == Role::Final ? initial(slot)
                                        : given(slot.role, slot.name);
      });
  if (!began)
    return false;
  for (const Stage &stage : plan.stages)
    if (!runStage(stage))
      return false;
  if (plan.pass && !runPass())
    return false;
  return runFinish() && (plan.end ? runEnd() : copyFinals());
}

int64_t SegmentPlan::countJoined(const lrc_call &call) const {
  // As many as keep a machine busy: what parts hand to each other is memory.
  constexpr int64_t enough = 512;
  // A split takes the segments of a sequence one by one.
  bool mayJoin = !call.segments && !pass;
  for (auto [slot, tensor] :
       llvm::zip(slots, llvm::ArrayRef(call.tensors, slots.size())))
    mayJoin &= !isInTime(slot) || !tensor.data ||
               tensor.stride_batch == call.steps * tensor.stride_time;
  if (!mayJoin)
    return 1;
  int64_t blocks =
      std::max<int64_t>(call.heads, 1) *
      std::min<int64_t>(segments, std::max<int64_t>(call.steps, 1));
  return std::clamp<int64_t>(enough / std::max<int64_t>(blocks, 1), 1,
                             std::max<int64_t>(call.batch, 1));
}

int64_t SegmentPlan::countTurns(const lrc_call &call) const {
  return llvm::divideCeil(call.batch, countJoined(call));
}

bool SegmentPlan::run(const lrc_call &call, int64_t turn,
                      Runner &runner) const {
  int64_t joined = countJoined(call), first = turn * joined;
  return Turn(*this, call, first, std::min(joined, call.batch - first), runner)
      .run();
}
