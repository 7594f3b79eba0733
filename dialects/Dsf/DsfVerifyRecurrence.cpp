//===- DsfVerifyRecurrence.cpp - Constraints of recurrences ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What declarations and phases owe each other; DsfVerify.cpp has the ops.
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/DsfVerify.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc::dsf;

bool RecurrenceOp::isFinal(StringRef state) {
  auto op = dyn_cast_or_null<StateOp>(lookupSymbol(state));
  if (op && op.getLocal())
    return false;
  if (!getFinals())
    return true;
  return llvm::any_of(getFinals()->getAsRange<FlatSymbolRefAttr>(),
                      [&](auto name) { return name.getValue() == state; });
}

bool RecurrenceOp::isSpecialized() { return getBody().getOps<DimOp>().empty(); }

bool lrc::dsf::isPhase(Operation *op) {
  return isa_and_present<StepOp, InputOp, TransitionOp, ReadoutOp, FormOp>(op);
}

/// The body of a recurrence has declarations and phases; they have ops of this
/// dialect, and integer constants, which take part in subscripts.
static LogicalResult verifyContents(RecurrenceOp recurrence) {
  for (Operation &op : recurrence.getBody().getOps()) {
    // recurrence_c5
    if (!isPhase(&op) && !FieldOp::classof(&op) && !isa<DimOp>(op))
      return op.emitOpError("expected a declaration or a phase in "
                            "dsf.recurrence");
  }
  WalkResult walk = recurrence.getBody().walk([&](Operation *op) {
    bool isIndex = op->hasTrait<OpTrait::ConstantLike>() &&
                   op->getResult(0).getType().isIndex();
    // recurrence_c6
    if (op->getDialect() != recurrence->getDialect() && !isIndex) {
      op->emitOpError("expected ops of the dsf dialect in dsf.recurrence");
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// Which declarations a phase may read and which it must define.
struct PhaseRules {
  bool readsStates, readsNext, readsSignals, setsStates, setsOutputs,
      setsSignals;
};

static PhaseRules getRules(Operation *phase) {
  return llvm::TypeSwitch<Operation *, PhaseRules>(phase)
      .Case<StepOp, FormOp>([](auto) {
        return PhaseRules{true, false, false, true, true, false};
      })
      .Case([](InputOp) {
        return PhaseRules{false, false, false, false, false, true};
      })
      .Case([](TransitionOp) {
        return PhaseRules{true, false, true, true, false, false};
      })
      .Default([](Operation *) {
        return PhaseRules{true, true, true, false, true, false};
      });
}

static LogicalResult verifyGet(GetOp get, Operation *field,
                               const PhaseRules &rules) {
  // get_c1
  if (!isa_and_present<InOp, ParamOp, StateOp, SignalOp>(field))
    return get.emitOpError(
               "expected an input, parameter, state or signal, got ")
           << get.getFieldAttr();
  // get_c2
  if ((isa<StateOp>(field) && !rules.readsStates) ||
      (isa<SignalOp>(field) && !rules.readsSignals))
    return get.emitOpError("this phase does not read ") << get.getFieldAttr();
  // get_c3
  if (get.getNext() && (!rules.readsNext || !isa<StateOp>(field)))
    return get.emitOpError("next reads a state, in dsf.readout only");
  // get_c4
  if (get.getType() != FieldOp(field).getType())
    return get.emitOpError("expected the declared type ")
           << FieldOp(field).getType() << ", got " << get.getType();
  return success();
}

static LogicalResult verifySet(SetOp set, Operation *field,
                               const PhaseRules &rules) {
  // set_c1
  if (!(isa_and_present<StateOp>(field) && rules.setsStates) &&
      !(isa_and_present<OutOp>(field) && rules.setsOutputs) &&
      !(isa_and_present<SignalOp>(field) && rules.setsSignals))
    return set.emitOpError("this phase does not define ") << set.getFieldAttr();
  // set_c2
  return verifyLabels(set, set.getValue().getType(), set.getLabels(),
                      FieldOp(field).getType());
}

/// A part of dsf.evolve is real and has the extents of the state's axes.
static LogicalResult verifyPartExtents(EvolveOp evolve, Value part,
                                       PositionalType state) {
  auto type = cast<ValueType>(part.getType());
  if (type.getKind() != Kind::Real || state.getKind() != Kind::Real)
    return evolve.emitOpError("expected real numbers only");
  for (auto [label, extent] :
       llvm::zip_equal(type.getLabels(), type.getExtents())) {
    auto axis = llvm::find(evolve.getLabels(), Attribute(label)) -
                evolve.getLabels().begin();
    Attribute size = state.getExtents()[axis];
    if (size != extent)
      return evolve.emitOpError("label ")
             << label << " has extent " << formatExtent(extent)
             << ", but the axis has extent " << formatExtent(size);
  }
  return success();
}

static LogicalResult verifyEvolve(EvolveOp evolve, Operation *field) {
  // evolve_c1
  if (!isa<FormOp>(evolve->getParentOp()) || !isa_and_present<StateOp>(field))
    return evolve.emitOpError("defines a state, in dsf.form only");
  // evolve_c2
  PositionalType type = FieldOp(field).getType();
  if (evolve.getLabels().size() != type.getExtents().size())
    return evolve.emitOpError("expected ")
           << type.getExtents().size() << " labels for " << type;
  // evolve_c8
  for (Value part : evolve->getOperands())
    if (failed(verifyPartExtents(evolve, part, type)))
      return failure();
  if (!evolve.getCoupled())
    return success();
  for (auto name : evolve.getCoupled()->getAsRange<FlatSymbolRefAttr>()) {
    Operation *other =
        field->getParentOfType<RecurrenceOp>().lookupSymbol(name.getValue());
    // evolve_c7
    if (!isa_and_present<StateOp>(other) || FieldOp(other).getType() != type)
      return evolve.emitOpError("expected coupled states of type ")
             << type << ", got " << name;
  }
  return success();
}

/// What makes a matrix vary in time: a field other than a parameter, the time
/// or what a micro-loop carries; null when nothing does.
static Operation *findVarying(RecurrenceOp recurrence, Value matrix) {
  llvm::SmallDenseSet<Value> visited;
  SmallVector<Value> worklist{matrix};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!visited.insert(value).second)
      continue;
    Operation *op = value.getDefiningOp();
    if (!op) {
      // The index of a micro-loop is known once it is unrolled.
      if (value.getType().isIndex())
        continue;
      return value.getParentBlock()->getParentOp();
    }
    if (isa<TimeOp, ForOp>(op))
      return op;
    if (auto get = dyn_cast<GetOp>(op))
      if (!isa_and_present<ParamOp>(recurrence.lookupSymbol(get.getField())))
        return op;
    llvm::append_range(worklist, op->getOperands());
  }
  return nullptr;
}

static LogicalResult verifyInverse(RecurrenceOp recurrence, InverseOp inverse) {
  // inverse_c4
  Operation *cause = findVarying(recurrence, inverse.getMatrix());
  if (!cause)
    return success();
  InFlightDiagnostic error =
      inverse.emitOpError("expected a matrix that is the same for all steps");
  error.attachNote(cause->getLoc()) << "this is not";
  return error;
}

/// Checks the gets and sets of a phase, and that all it owes is set once.
static LogicalResult verifyPhase(RecurrenceOp recurrence, Operation *phase) {
  PhaseRules rules = getRules(phase);
  llvm::SmallDenseMap<Operation *, unsigned> sets;
  WalkResult walk = phase->walk([&](Operation *op) {
    if (auto get = dyn_cast<GetOp>(op)) {
      Operation *field = recurrence.lookupSymbol(get.getField());
      if (failed(verifyGet(get, field, rules)))
        return WalkResult::interrupt();
    }
    auto inverse = dyn_cast<InverseOp>(op);
    if (inverse && failed(verifyInverse(recurrence, inverse)))
      return WalkResult::interrupt();
    if (auto set = dyn_cast<SetOp>(op)) {
      Operation *field = recurrence.lookupSymbol(set.getField());
      if (failed(verifySet(set, field, rules)))
        return WalkResult::interrupt();
      ++sets[field];
    }
    if (auto evolve = dyn_cast<EvolveOp>(op)) {
      Operation *field = recurrence.lookupSymbol(evolve.getField());
      if (failed(verifyEvolve(evolve, field)))
        return WalkResult::interrupt();
      ++sets[field];
    }
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  for (Operation &op : recurrence.getBody().getOps()) {
    bool owed = (isa<StateOp>(op) && rules.setsStates) ||
                (isa<OutOp>(op) && rules.setsOutputs) ||
                (isa<SignalOp>(op) && rules.setsSignals);
    // recurrence_c3
    if (owed && sets.lookup(&op) != 1)
      return phase->emitOpError("expected one dsf.set of @")
             << SymbolTable::getSymbolName(&op).getValue() << ", got "
             << sets.lookup(&op);
  }
  return success();
}

static LogicalResult verifyPhaseList(RecurrenceOp op) {
  auto count = [&](auto tag) {
    return llvm::range_size(op.getBody().getOps<decltype(tag)>());
  };
  auto steps = count(StepOp());
  auto inputs = count(InputOp());
  auto transitions = count(TransitionOp());
  auto readouts = count(ReadoutOp());
  // recurrence_c7
  if (count(FormOp()) > 1)
    return op.emitOpError("expected one dsf.form at most");
  bool whole = steps == 1 && inputs + transitions + readouts == 0;
  bool split = steps == 0 && inputs == 1 && transitions == 1 && readouts == 1;
  // recurrence_c1
  if (!whole && !split)
    return op.emitOpError("expected one dsf.step, or one each of dsf.input, "
                          "dsf.transition and dsf.readout");
  return success();
}

/// Every symbol that occurs as an extent below `op` is a declared dim.
static LogicalResult verifyExtentSymbols(RecurrenceOp recurrence) {
  SymbolTable table(recurrence);
  auto isDim = [&](Attribute extent) {
    auto symbol = dyn_cast<FlatSymbolRefAttr>(extent);
    return !symbol || table.lookup<DimOp>(symbol.getValue());
  };
  auto checkType = [&](Operation *op, Type type) -> LogicalResult {
    ArrayRef<Attribute> extents;
    if (auto value = dyn_cast<ValueType>(type))
      extents = value.getExtents();
    else if (auto positional = dyn_cast<PositionalType>(type))
      extents = positional.getExtents();
    for (Attribute extent : extents)
      // recurrence_c4
      if (!isDim(extent))
        return op->emitOpError("extent ") << extent << " is not a dsf.dim";
    return success();
  };
  WalkResult walk = recurrence.getBody().walk([&](Operation *op) {
    if (FieldOp::classof(op) && failed(checkType(op, FieldOp(op).getType())))
      return WalkResult::interrupt();
    for (Type type : op->getResultTypes())
      if (failed(checkType(op, type)))
        return WalkResult::interrupt();
    FlatSymbolRefAttr dim;
    if (auto extent = dyn_cast<ExtentOp>(op))
      dim = extent.getDimAttr();
    if (auto loop = dyn_cast<ForOp>(op))
      dim = dyn_cast<FlatSymbolRefAttr>(loop.getCount());
    if (dim && !isDim(dim)) {
      op->emitOpError("extent ") << dim << " is not a dsf.dim";
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

static LogicalResult verifyDimOrder(RecurrenceOp recurrence) {
  llvm::SmallDenseSet<StringAttr> seen;
  for (DimOp dim : recurrence.getBody().getOps<DimOp>()) {
    if (dim.getOf())
      for (auto base : dim.getOf()->getAsRange<FlatSymbolRefAttr>())
        // dim_c4
        if (!seen.contains(base.getAttr()))
          return dim.emitOpError(
                     "expected dims that are declared earlier, got ")
                 << base;
    seen.insert(dim.getSymNameAttr());
  }
  return success();
}

LogicalResult RecurrenceOp::verifyRegions() {
  if (failed(verifyContents(*this)) || failed(verifyPhaseList(*this)) ||
      failed(verifyDimOrder(*this)) || failed(verifyExtentSymbols(*this)))
    return failure();
  // recurrence_c2
  if (getFinals())
    for (auto name : getFinals()->getAsRange<FlatSymbolRefAttr>()) {
      auto state = dyn_cast_or_null<StateOp>(lookupSymbol(name.getValue()));
      if (!state || state.getLocal())
        return emitOpError("expected a state among the finals, got ") << name;
    }
  for (Operation &op : getBody().getOps())
    if (isPhase(&op) && failed(verifyPhase(*this, &op)))
      return failure();
  return success();
}
