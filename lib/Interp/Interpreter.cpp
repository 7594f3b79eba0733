//===- Interpreter.cpp - The oracle ---------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Interp/Interpreter.h"

#include "lib/Interp/Compiler.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

using Complex = std::complex<double>;

/// Elements of an array that belong to one step.
static void load(Cell &cell, const Complex *from) {
  if (cell.isComplex())
    std::copy_n(from, cell.size(), cell.complexes.data());
  else
    for (int64_t i = 0, e = cell.size(); i < e; ++i)
      cell.reals[i] = from[i].real();
}

static void store(const Cell &cell, Complex *to) {
  if (cell.isComplex())
    std::copy_n(cell.complexes.data(), cell.size(), to);
  else
    std::copy_n(cell.reals.data(), cell.size(), to);
}

namespace {
/// A cell, and the array of all steps that it is loaded from.
struct Input {
  Cell *cell;
  const Complex *data;
};

/// A cell, and the array of all steps that it is stored to.
struct Output {
  const Cell *cell;
  Complex *data;
};

class Machine {
public:
  Machine(RecurrenceOp recurrence, const Sequence &sequence)
      : recurrence(recurrence), sequence(sequence),
        compiler(recurrence, sequence.head, sequence.heads) {}
  Results run();

private:
  void bind(FieldOp field);
  void compile();
  void runSteps();
  void storeStates();
  const Array *find(FieldOp field, bool hasTime);

  RecurrenceOp recurrence;
  const Sequence &sequence;
  Compiler compiler;
  SmallVector<Input> inputs;
  SmallVector<Output> outputs;
  SmallVector<Field *> states;
  Results results;
};
} // namespace

/// The caller's tensor for `field`, or null.
const Array *Machine::find(FieldOp field, bool hasTime) {
  auto it = sequence.tensors.find(field.getName());
  if (it == sequence.tensors.end())
    return nullptr;
  SmallVector<int64_t> shape = field.getType().getShape();
  if (hasTime)
    shape.insert(shape.begin(), sequence.steps);
  assert(ArrayRef<int64_t>(it->second.shape) == ArrayRef<int64_t>(shape) &&
         int64_t(it->second.data.size()) == countElements(shape) &&
         "tensor has the wrong shape");
  return &it->second;
}

/// Connects a declaration with the caller's tensor or with a result.
void Machine::bind(FieldOp field) {
  Operation *op = field;
  Field &cells = compiler.getField(field.getName());
  const Array *tensor = find(field, isa<InOp>(op));
  assert((tensor || !isa<InOp, ParamOp>(op)) && "tensor is missing");
  if (isa<InOp>(op)) {
    inputs.push_back({&cells.current, tensor->data.data()});
  } else if (isa<OutOp>(op)) {
    Array &result = results[field.getName()];
    result.shape = field.getType().getShape();
    result.shape.insert(result.shape.begin(), sequence.steps);
    result.data.resize(countElements(result.shape));
    outputs.push_back({&cells.current, result.data.data()});
  } else if (isa<ParamOp>(op)) {
    load(cells.current, tensor->data.data());
  } else if (auto state = dyn_cast<StateOp>(op)) {
    states.push_back(&cells);
    if (tensor)
      load(cells.current, tensor->data.data());
    else
      compiler.compileInit(state);
  }
}

void Machine::compile() {
  for (Operation &op : recurrence.getBody().getOps())
    if (FieldOp::classof(&op))
      bind(FieldOp(&op));
  if (auto step = recurrence.getPhase<StepOp>())
    return compiler.compilePhase(step.getBody().front());
  compiler.compilePhase(recurrence.getPhase<InputOp>().getBody().front());
  compiler.compilePhase(recurrence.getPhase<TransitionOp>().getBody().front());
  compiler.compilePhase(recurrence.getPhase<ReadoutOp>().getBody().front());
}

/// What is returned for each state.
void Machine::storeStates() {
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    const Cell &cell = state.getFinal().empty()
                           ? compiler.getField(state.getSymName()).current
                           : compiler.compileFinal(state);
    Array &result = results[state.getSymName()];
    result.shape = FieldOp(state).getType().getShape();
    result.data.resize(cell.size());
    outputs.push_back({&cell, result.data.data()});
  }
  for (Action &action : compiler.last)
    action();
  for (auto [cell, data] : outputs)
    store(*cell, data);
}

void Machine::runSteps() {
  for (int64_t step = 0; step < sequence.steps; ++step) {
    int64_t position =
        recurrence.getReverse() ? sequence.steps - 1 - step : step;
    compiler.setTime(step);
    for (auto [cell, data] : inputs)
      load(*cell, data + position * cell->size());
    for (Action &action : compiler.everyStep)
      action();
    for (auto [cell, data] : outputs)
      store(*cell, data + position * cell->size());
    for (Field *state : states) {
      std::swap(state->current.reals, state->next.reals);
      std::swap(state->current.complexes, state->next.complexes);
    }
  }
}

Results Machine::run() {
  assert(recurrence.isSpecialized() && "the recurrence is not specialised");
  compile();
  for (Action &action : compiler.once)
    action();
  runSteps();
  outputs.clear();
  storeStates();
  return std::move(results);
}

Results interp::run(RecurrenceOp recurrence, const Sequence &sequence) {
  return Machine(recurrence, sequence).run();
}
