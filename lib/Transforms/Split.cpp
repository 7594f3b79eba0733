//===- Split.cpp - Split a step into its phases ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each phase is a copy of what its dsf.set ops need. Where a copy would leave
// the phase it stops at a signal, or at the new value of a state. What costs
// nothing or is the same for all steps is never a signal.
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Split.h"

#include "lib/Transforms/Dependence.h"
#include "lib/Transforms/Passes.h"
#include "lib/Transforms/Tidy.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace lrc {
#define GEN_PASS_DEF_DSFSPLIT
#include "lib/Transforms/Passes.h.inc"
} // namespace lrc

using namespace lrc;
using namespace lrc::dsf;

namespace {
/// How a phase comes by a value.
enum class Source { Copy, Signal, NextState };

/// The values of the step that a phase needs.
using Needs = llvm::DenseMap<Value, Source>;

class Splitter {
public:
  Splitter(RecurrenceOp recurrence, StepOp step, const SplitOptions &options)
      : recurrence(recurrence), step(step), body(step.getBody().front()),
        options(options), dependence(body), builder(step) {}
  unsigned run();

private:
  using Choice = llvm::function_ref<Source(Value)>;

  void findNewStates();
  bool isFree(Value value) const;
  Source chooseInTransition(Value value) const;
  Source chooseInReadout(Value value) const;
  Needs collect(ArrayRef<Value> roots, Choice choose) const;

  template <typename PhaseT>
  void fillPhase(const Needs &needs,
                 llvm::function_ref<void(IRMapping &)> defineAll);
  void emit(Operation *op, Source source, IRMapping &mapping);
  Value readSignal(Value value);
  Value readNextState(Value value);
  void declareSignal(Value value);
  void defineSignal(Value value, Value copy);

  template <typename FieldT> SmallVector<SetOp> setsOf();

  RecurrenceOp recurrence;
  StepOp step;
  Block &body;
  const SplitOptions &options;
  Dependence dependence;
  OpBuilder builder;
  /// Values and arrays that are the new value of a state.
  llvm::DenseMap<Value, SetOp> newStates;
  llvm::MapVector<Value, SignalOp> signals;
};
} // namespace

template <typename FieldT> SmallVector<SetOp> Splitter::setsOf() {
  return llvm::filter_to_vector(body.getOps<SetOp>(), [&](SetOp set) {
    return isa<FieldT>(recurrence.lookupSymbol(set.getField()));
  });
}

/// The labels under which `set` stores the value, as subscripts in terms of
/// the labels of `type`; one that the value lacks is read at 0.
static AffineMap makeSubscripts(ArrayAttr labels, ValueType type) {
  Builder builder(type.getContext());
  SmallVector<AffineExpr> subscripts;
  for (auto label : labels.getAsRange<StringAttr>()) {
    int64_t position = type.getPosition(label);
    subscripts.push_back(position < 0 ? builder.getAffineConstantExpr(0)
                                      : builder.getAffineDimExpr(position));
  }
  return AffineMap::get(type.getLabels().size(), 0, subscripts,
                        type.getContext());
}

//===----------------------------------------------------------------------===//
// What each phase needs
//===----------------------------------------------------------------------===//

void Splitter::findNewStates() {
  for (SetOp set : setsOf<StateOp>()) {
    auto state = FieldOp(recurrence.lookupSymbol(set.getField()));
    Value value = set.getValue();
    if (set.getValue().getType().getKind() != state.getType().getKind())
      continue;
    newStates.try_emplace(value, set);
    for (Operation *user : value.getUsers())
      if (auto pack = dyn_cast<PackOp>(user))
        if (pack.getLabels() == set.getLabels())
          newStates.try_emplace(pack, set);
    auto read = value.getDefiningOp<ReadOp>();
    if (!read ||
        read.getMap() != makeSubscripts(set.getLabels(), read.getType()))
      continue;
    auto source = dyn_cast<ArrayType>(read.getSource().getType());
    if (source && source.getExtents() == state.getType().getExtents())
      newStates.try_emplace(read.getSource(), set);
  }
}

/// Whether `value`, which depends on no state, is computed where it is used.
bool Splitter::isFree(Value value) const {
  Operation *op = value.getDefiningOp();
  bool computes = isa<UnaryOp, BinaryOp, SelectOp, ReduceOp, ShiftOp>(op);
  return !computes || !dependence.onTime(value) ||
         (dependence.isWide(value) && !options.hoistWide);
}

Source Splitter::chooseInTransition(Value value) const {
  if (dependence.onState(value) || isFree(value))
    return Source::Copy;
  return Source::Signal;
}

Source Splitter::chooseInReadout(Value value) const {
  bool costs = dependence.onState(value) || dependence.isWide(value);
  if (costs && newStates.contains(value))
    return Source::NextState;
  return chooseInTransition(value);
}

/// All that computing `roots` needs, back to where `choose` stops the copy.
Needs Splitter::collect(ArrayRef<Value> roots, Choice choose) const {
  Needs needs;
  SmallVector<Value> worklist(roots);
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    auto [it, isNew] = needs.try_emplace(value, Source::Copy);
    if (!isNew)
      continue;
    it->second = choose(value);
    if (it->second == Source::Copy)
      llvm::append_range(worklist, value.getDefiningOp()->getOperands());
  }
  return needs;
}

//===----------------------------------------------------------------------===//
// Signals
//===----------------------------------------------------------------------===//

void Splitter::declareSignal(Value value) {
  SmallVector<Attribute> extents;
  Kind kind;
  if (auto type = dyn_cast<ValueType>(value.getType())) {
    llvm::append_range(extents, type.getExtents());
    kind = type.getKind();
  } else {
    auto array = cast<PositionalType>(value.getType());
    llvm::append_range(extents, array.getExtents());
    kind = array.getKind();
  }
  std::string name;
  unsigned number = signals.size();
  do
    name = "u" + std::to_string(number++);
  while (recurrence.lookupSymbol(name));
  signals[value] =
      SignalOp::create(builder, value.getLoc(), name,
                       ArrayType::get(builder.getContext(), extents, kind),
                       TypeAttr(), Attribute());
}

Value Splitter::readSignal(Value value) {
  SignalOp signal = signals.lookup(value);
  Value array = GetOp::create(builder, value.getLoc(),
                              FieldOp(signal).getType(), signal.getSymName());
  auto type = dyn_cast<ValueType>(value.getType());
  if (!type)
    return array;
  auto map = builder.getMultiDimIdentityMap(type.getLabels().size());
  return ReadOp::create(builder, value.getLoc(), type, array, ValueRange(),
                        AffineMapAttr::get(map));
}

void Splitter::defineSignal(Value value, Value copy) {
  Location loc = value.getLoc();
  SmallVector<Attribute> labels;
  if (auto type = dyn_cast<ValueType>(copy.getType())) {
    llvm::append_range(labels, type.getLabels());
  } else {
    // An array has no labels: any will do.
    auto array = cast<PositionalType>(copy.getType());
    SmallVector<StringAttr> names;
    for (size_t axis = 0; axis < array.getExtents().size(); ++axis)
      names.push_back(builder.getStringAttr("a" + std::to_string(axis)));
    llvm::append_range(labels, names);
    auto labelled = ValueType::get(builder.getContext(), names,
                                   array.getExtents(), array.getKind());
    auto map = builder.getMultiDimIdentityMap(names.size());
    copy = ReadOp::create(builder, loc, labelled, copy, ValueRange(),
                          AffineMapAttr::get(map));
  }
  SetOp::create(builder, loc, signals.lookup(value).getSymName(), copy,
                builder.getArrayAttr(labels));
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

Value Splitter::readNextState(Value value) {
  SetOp set = newStates.lookup(value);
  auto state = FieldOp(recurrence.lookupSymbol(set.getField()));
  Value array = GetOp::create(builder, value.getLoc(), state.getType(),
                              set.getField(), /*next=*/true);
  auto type = dyn_cast<ValueType>(value.getType());
  if (!type)
    return array;
  return ReadOp::create(
      builder, value.getLoc(), type, array, ValueRange(),
      AffineMapAttr::get(makeSubscripts(set.getLabels(), type)));
}

void Splitter::emit(Operation *op, Source source, IRMapping &mapping) {
  if (source == Source::Copy) {
    builder.clone(*op, mapping);
    return;
  }
  Value value = op->getResult(0);
  mapping.map(value, source == Source::Signal ? readSignal(value)
                                              : readNextState(value));
}

template <typename PhaseT>
void Splitter::fillPhase(const Needs &needs,
                         llvm::function_ref<void(IRMapping &)> defineAll) {
  OpBuilder::InsertionGuard guard(builder);
  auto phase = PhaseT::create(builder, step.getLoc());
  builder.createBlock(&phase.getBody());
  IRMapping mapping;
  for (Operation &op : body) {
    if (op.getNumResults() != 1)
      continue;
    auto need = needs.find(op.getResult(0));
    if (need != needs.end())
      emit(&op, need->second, mapping);
  }
  defineAll(mapping);
}

unsigned Splitter::run() {
  findNewStates();
  auto getValue = [](SetOp set) -> Value { return set.getValue(); };
  SmallVector<SetOp> stateSets = setsOf<StateOp>();
  SmallVector<SetOp> outputSets = setsOf<OutOp>();
  Needs transition =
      collect(llvm::map_to_vector(stateSets, getValue),
              [&](Value value) { return chooseInTransition(value); });
  Needs readout = collect(llvm::map_to_vector(outputSets, getValue),
                          [&](Value value) { return chooseInReadout(value); });
  auto isSignal = [](const Needs &needs, Value value) {
    auto need = needs.find(value);
    return need != needs.end() && need->second == Source::Signal;
  };
  SmallVector<Value> roots;
  for (Operation &op : body)
    for (Value value : op.getResults())
      if (isSignal(transition, value) || isSignal(readout, value)) {
        declareSignal(value);
        roots.push_back(value);
      }
  Needs input = collect(roots, [](Value) { return Source::Copy; });

  auto copyAll = [&](ArrayRef<SetOp> sets) {
    return [this, sets](IRMapping &mapping) {
      for (SetOp set : sets)
        builder.clone(*set.getOperation(), mapping);
    };
  };
  fillPhase<InputOp>(input, [&](IRMapping &mapping) {
    for (Value value : roots)
      defineSignal(value, mapping.lookup(value));
  });
  fillPhase<TransitionOp>(transition, copyAll(stateSets));
  fillPhase<ReadoutOp>(readout, copyAll(outputSets));
  step.erase();
  return signals.size();
}

FailureOr<unsigned> lrc::split(RecurrenceOp recurrence,
                               const SplitOptions &options) {
  auto step = recurrence.getPhase<StepOp>();
  if (!step)
    return 0;
  for (ForOp loop : step.getBody().getOps<ForOp>())
    return loop.emitError("expected micro-loops to be unrolled by "
                          "dsf-specialize");
  // Folds what would otherwise become signals of the same content.
  tidy(recurrence);
  unsigned count = Splitter(recurrence, step, options).run();
  tidy(recurrence);
  return count;
}

namespace {
struct DsfSplitPass : public lrc::impl::DsfSplitBase<DsfSplitPass> {
  using Base::Base;

  void runOnOperation() override {
    SplitOptions options;
    options.hoistWide = hoistWide;
    FailureOr<unsigned> count = split(getOperation(), options);
    if (failed(count))
      return signalPassFailure();
    numSignals += *count;
  }
};
} // namespace
