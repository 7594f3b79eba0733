//===- Linearize.cpp - The normal form of a step --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Linearize.h"

#include "lib/Algebra/PseudoValues.h"
#include "lib/Analysis/Lanes.h"
#include "lib/Analysis/Pointwise.h"
#include "lib/Transforms/AffineStep.h"
#include "lib/Transforms/DenseStep.h"
#include "lib/Transforms/Passes.h"
#include "lib/Transforms/Tidy.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace lrc {
#define GEN_PASS_DEF_DSFLINEARIZE
#define GEN_PASS_DEF_DSFEXPANDFORM
#include "lib/Transforms/Passes.h.inc"
} // namespace lrc

using namespace lrc;
using namespace lrc::dsf;

namespace {
/// Turns the definitions of one group of states into dsf.evolve.
class GroupLinearizer {
public:
  GroupLinearizer(RecurrenceOp recurrence, Block &form,
                  const StateGroups::Group &group)
      : recurrence(recurrence), form(form), group(group),
        builder(recurrence.getContext()) {}

  bool run();
  std::string reason;

private:
  /// The parts of a dsf.evolve.
  struct Evolution {
    SetOp set;
    SmallVector<Attribute> keys;
    Value decay, valueDecay;
    SmallVector<Attribute> coupled;
    SmallVector<Value> couplings;
    SmallVector<Value> factors, writes;
  };

  bool refuse(const Twine &why) {
    reason = why.str();
    return false;
  }
  bool findEvolution(const AffineStep &step, const StateGroups &groups,
                     StateOp state, Evolution &evolution);
  bool addCoupling(const StateTerm &term, const StateGroups &groups,
                   StateOp state, Evolution &evolution);
  SmallVector<int64_t> findKeys(const AffineStep &step,
                                const StateGroups &groups, StateOp state) const;
  bool checkGroup(ArrayRef<Evolution> evolutions, const StateGroups &groups);
  bool findDecay(const AffineValue &value, const StateGroups &groups,
                 StateOp state, const Labels &keys, Evolution &evolution);
  bool findWrites(Value offset, const StateGroups &groups, StateOp state,
                  const Labels &keys, Evolution &evolution);
  void addWrite(Evolution &evolution, SmallVector<Value> keyFactors,
                Value write);

  RecurrenceOp recurrence;
  Block &form;
  const StateGroups::Group &group;
  OpBuilder builder;
  /// Of each write, the factors with keys, to find equal ones.
  SmallVector<SmallVector<Value>> factorLists;
};
} // namespace

//===----------------------------------------------------------------------===//
// One state
//===----------------------------------------------------------------------===//

/// Another state, times a number.
bool GroupLinearizer::addCoupling(const StateTerm &term,
                                  const StateGroups &groups, StateOp state,
                                  Evolution &evolution) {
  StateOp other = term.state;
  std::string pair = (state.getSymName() + " and " + other.getSymName()).str();
  if (FieldOp(other).getType() != FieldOp(state).getType())
    return refuse("states " + pair + " are coupled and differ in shape");
  Value coefficient = term.coefficient;
  if (!coefficient)
    coefficient = Arithmetic(builder, evolution.set.getLoc()).number(1);
  if (!cast<ValueType>(coefficient.getType()).getLabels().empty() ||
      groups.dependsOn(coefficient, group))
    return refuse("states " + pair + " are coupled by more than a number");
  evolution.coupled.push_back(FlatSymbolRefAttr::get(other.getSymNameAttr()));
  evolution.couplings.push_back(coefficient);
  return true;
}

bool GroupLinearizer::findDecay(const AffineValue &value,
                                const StateGroups &groups, StateOp state,
                                const Labels &keys, Evolution &evolution) {
  SmallVector<StringAttr> labels(
      evolution.set.getLabels().getAsRange<StringAttr>());
  Arithmetic arithmetic(builder, evolution.set.getLoc());
  StateTerm own;
  for (const StateTerm &term : value.terms) {
    if (term.labels != labels)
      return refuse("state " + state.getSymName() + " is permuted");
    if (term.state == state)
      own = term;
    else if (!addCoupling(term, groups, state, evolution))
      return false;
  }
  if (!own.state)
    own.coefficient = arithmetic.number(0);
  if (!own.coefficient)
    return true;
  if (groups.dependsOn(own.coefficient, group))
    return refuse("the decay of state " + state.getSymName() +
                  " depends on a state");
  auto monomials = separate(builder, own.coefficient, keys);
  if (!monomials || monomials->size() != 1)
    return refuse("the decay of state " + state.getSymName() +
                  " is no product of a decay of the contracted axes and one "
                  "of the others");
  for (Value factor : monomials->front()) {
    bool ofValues =
        llvm::any_of(cast<ValueType>(factor.getType()).getLabels(),
                     [&](StringAttr label) { return !keys.contains(label); });
    Value &side = ofValues ? evolution.valueDecay : evolution.decay;
    side = arithmetic.multiply(side, factor);
  }
  return true;
}

/// Writes with the same factor are added up: one outer product does for both.
void GroupLinearizer::addWrite(Evolution &evolution,
                               SmallVector<Value> keyFactors, Value write) {
  Arithmetic arithmetic(builder, evolution.set.getLoc());
  llvm::sort(keyFactors, [](Value a, Value b) {
    return a.getAsOpaquePointer() < b.getAsOpaquePointer();
  });
  if (!write)
    write = arithmetic.number(1);
  for (auto [index, known] : llvm::enumerate(factorLists))
    if (known == keyFactors) {
      Value &sum = evolution.writes[index];
      sum = arithmetic.add(sum, write);
      return;
    }
  Value factor;
  for (Value part : keyFactors)
    factor = arithmetic.multiply(factor, part);
  factorLists.push_back(keyFactors);
  evolution.factors.push_back(factor ? factor : arithmetic.number(1));
  evolution.writes.push_back(write);
}

bool GroupLinearizer::findWrites(Value offset, const StateGroups &groups,
                                 StateOp state, const Labels &keys,
                                 Evolution &evolution) {
  factorLists.clear();
  if (!offset)
    return true;
  auto monomials = separate(builder, offset, keys);
  if (!monomials)
    return refuse("what is added to state " + state.getSymName() +
                  " is no sum of outer products");
  Arithmetic arithmetic(builder, evolution.set.getLoc());
  for (const Monomial &monomial : *monomials) {
    SmallVector<Value> keyFactors;
    Value write;
    for (Value factor : monomial) {
      bool hasKey =
          llvm::any_of(cast<ValueType>(factor.getType()).getLabels(),
                       [&](StringAttr label) { return keys.contains(label); });
      if (!hasKey) {
        write = arithmetic.multiply(write, factor);
        continue;
      }
      if (groups.dependsOn(factor, group))
        return refuse("the step mixes the contracted axes of state " +
                      state.getSymName() + " densely");
      keyFactors.push_back(factor);
    }
    addWrite(evolution, std::move(keyFactors), write);
  }
  // A write may be a pseudo-value: affine in contractions of the old states.
  for (Value write : evolution.writes) {
    if (!expandPseudoValue(builder, write, groups, group))
      return refuse("what is added to state " + state.getSymName() +
                    " is not affine in what is read from the states");
    if (evolution.valueDecay && groups.dependsOn(write, group))
      return refuse("state " + state.getSymName() +
                    " decays along its values and reads itself");
  }
  return true;
}

/// Whether anything but the states of the group is made of them.
static bool isRead(RecurrenceOp recurrence, Block &form,
                   const StateGroups &groups, const StateGroups::Group &group) {
  return llvm::any_of(form.getOps<SetOp>(), [&](SetOp set) {
    Operation *field = recurrence.lookupSymbol(set.getField());
    return !llvm::is_contained(group, field) &&
           groups.dependsOn(set.getValue(), group);
  });
}

/// The contracted axes of a state; one that is only coupled to others has
/// theirs. Where nothing is read there are none: all but the lanes then are, so
/// that what steps add is summed up as a product.
SmallVector<int64_t> GroupLinearizer::findKeys(const AffineStep &step,
                                               const StateGroups &groups,
                                               StateOp state) const {
  ArrayRef<int64_t> axes = step.getContractedAxes(state);
  for (StateOp other : group)
    if (axes.empty() && FieldOp(other).getType() == FieldOp(state).getType())
      axes = step.getContractedAxes(other);
  SmallVector<int64_t> keys(axes);
  if (!keys.empty() || isRead(recurrence, form, groups, group))
    return keys;
  int64_t rank = FieldOp(state).getType().getExtents().size();
  int64_t lanes = Lanes(recurrence).getAxis(state.getOperation());
  for (int64_t axis = 0; rank > 1 && axis < rank; ++axis)
    if (axis != (lanes < 0 ? rank - 1 : lanes))
      keys.push_back(axis);
  return keys;
}

/// What the states of a group must have in common.
bool GroupLinearizer::checkGroup(ArrayRef<Evolution> evolutions,
                                 const StateGroups &groups) {
  auto hasLabels = [](Value value) {
    return value && !cast<ValueType>(value.getType()).getLabels().empty();
  };
  bool coupled = llvm::any_of(evolutions, [](const Evolution &evolution) {
    return !evolution.couplings.empty();
  });
  for (const Evolution &evolution : evolutions)
    if (coupled && (hasLabels(evolution.decay) || evolution.valueDecay))
      return refuse("states are coupled and decay by more than a number");
  // One system of equations holds all pseudo-values.
  unsigned unknowns = 0;
  bool scaled = false;
  Type common;
  for (const Evolution &evolution : evolutions)
    for (Value write : evolution.writes) {
      if (!groups.dependsOn(write, group))
        continue;
      auto pseudo = expandPseudoValue(builder, write, groups, group);
      unknowns += pseudo->terms.size();
      for (auto [contraction, coefficient] : pseudo->terms)
        scaled |= hasLabels(coefficient);
      SetOp set = evolution.set;
      Type state = FieldOp(recurrence.lookupSymbol(set.getField())).getType();
      if (common && common != state)
        return refuse("states of different shapes read each other");
      common = state;
    }
  if (scaled && unknowns > 1)
    return refuse("several values that are read back are scaled along the "
                  "axes that are not contracted");
  return true;
}

bool GroupLinearizer::findEvolution(const AffineStep &step,
                                    const StateGroups &groups, StateOp state,
                                    Evolution &evolution) {
  evolution.set = cast<SetOp>(groups.getDefinition(state));
  builder.setInsertionPoint(evolution.set);
  SmallVector<StringAttr> labels(
      evolution.set.getLabels().getAsRange<StringAttr>());
  Labels keys;
  for (int64_t axis : findKeys(step, groups, state)) {
    keys.insert(labels[axis]);
    evolution.keys.push_back(labels[axis]);
  }
  AffineValue value = step.getValue(evolution.set.getValue());
  return findDecay(value, groups, state, keys, evolution) &&
         findWrites(value.offset, groups, state, keys, evolution);
}

//===----------------------------------------------------------------------===//
// The group
//===----------------------------------------------------------------------===//

bool GroupLinearizer::run() {
  AffineStep step(recurrence, form, group);
  if (!step.run()) {
    reason = step.getReason().str();
    return false;
  }
  StateGroups groups(recurrence, form);
  std::vector<Evolution> evolutions;
  for (StateOp state : group)
    if (!findEvolution(step, groups, state, evolutions.emplace_back()))
      return false;
  if (!checkGroup(evolutions, groups))
    return false;
  for (Evolution &evolution : evolutions) {
    builder.setInsertionPoint(evolution.set);
    ArrayAttr coupled;
    if (!evolution.coupled.empty())
      coupled = builder.getArrayAttr(evolution.coupled);
    EvolveOp::create(builder, evolution.set.getLoc(),
                     evolution.set.getFieldAttr(), evolution.set.getLabels(),
                     builder.getArrayAttr(evolution.keys), evolution.decay,
                     evolution.valueDecay, coupled, evolution.couplings,
                     evolution.factors, evolution.writes);
    evolution.set.erase();
  }
  return true;
}

/// Whether some sum runs over an axis of a state of the group, but not over all
/// axes: then there is a batch of vectors to be multiplied with. Or whether
/// nothing reads the states but themselves, so that only their last values are
/// wanted: what steps add is then summed up as a product.
static bool hasMatrixReads(RecurrenceOp recurrence, Block &form,
                           const StateGroups &groups,
                           const StateGroups::Group &group) {
  bool isMatrix = llvm::any_of(group, [](StateOp state) {
    return FieldOp(state).getType().getExtents().size() >= 2;
  });
  if (!isMatrix)
    return false;
  return !isRead(recurrence, form, groups, group) ||
         llvm::any_of(form.getOps<ReduceOp>(), [&](ReduceOp op) {
           return op.getFn() == ReduceKind::Sum &&
                  groups.dependsOn(op.getOperand(), group);
         });
}

/// Lets `attempt` rewrite the form. What it leaves behind when it fails is
/// right, but in the way, so that it works on a copy.
static bool tryOnCopy(FormOp &form, llvm::function_ref<bool(Block &)> attempt) {
  auto copy = cast<FormOp>(form->clone());
  OpBuilder(form).insert(copy);
  bool done = attempt(copy.getBody().front());
  (done ? form : copy).erase();
  if (done)
    form = copy;
  return done;
}

static GroupForm formGroup(RecurrenceOp recurrence, FormOp &form,
                           const StateGroups::Group &group) {
  GroupForm result;
  for (StateOp state : group)
    result.states.push_back(state.getSymName().str());
  Block &block = form.getBody().front();
  StateGroups groups(recurrence, block);
  if (isShift(groups, group)) {
    result.kind = GroupKind::Shift;
    return result;
  }
  bool pointwise = isPointwise(groups, group);
  auto makeAffine = [&](Block &copy) {
    GroupLinearizer linearizer(recurrence, copy, group);
    bool done = linearizer.run();
    result.reason = linearizer.reason;
    return done;
  };
  auto makeMatrix = [&](Block &copy) {
    return makeDense(recurrence, copy, group, result.reason);
  };
  if (pointwise && !hasMatrixReads(recurrence, block, groups, group)) {
    result.reason = "no contraction over a part of its axes";
  } else if (tryOnCopy(form, makeAffine)) {
    result.kind = GroupKind::Affine;
    return result;
  }
  result.kind = pointwise                     ? GroupKind::Pointwise
                : tryOnCopy(form, makeMatrix) ? GroupKind::Dense
                                              : GroupKind::Sequential;
  return result;
}

StringRef lrc::spell(GroupKind kind) {
  switch (kind) {
  case GroupKind::Affine:
    return "affine";
  case GroupKind::Dense:
    return "time-invariant";
  case GroupKind::Pointwise:
    return "pointwise";
  case GroupKind::Shift:
    return "shift register";
  case GroupKind::Sequential:
    return "sequential";
  }
  llvm_unreachable("unknown kind");
}

/// `set @S, %w[a, b]` of a value that was packed under other labels becomes a
/// set of that value.
static void setPackedDirectly(SetOp set) {
  auto relabelling = Relabelling::match(set.getValue());
  if (!relabelling)
    return;
  ArrayAttr packed = PackOp(relabelling->pack).getLabels();
  SmallVector<Attribute> labels(set.getLabels().size());
  for (auto label : packed.getAsRange<StringAttr>()) {
    StringAttr outer = relabelling->rename(label);
    auto found = llvm::find(set.getLabels(), Attribute(outer));
    if (!outer || found == set.getLabels().end())
      return;
    labels[found - set.getLabels().begin()] = label;
  }
  if (packed.size() != labels.size() || llvm::is_contained(labels, Attribute()))
    return;
  set.getValueMutable().assign(PackOp(relabelling->pack).getValue());
  set.setLabelsAttr(ArrayAttr::get(set.getContext(), labels));
}

SmallVector<GroupForm> lrc::linearize(RecurrenceOp recurrence) {
  auto step = recurrence.getPhase<StepOp>();
  SmallVector<GroupForm> result;
  if (!step)
    return result;
  // The step is what counts; a form that is there is made again.
  if (auto known = recurrence.getPhase<FormOp>())
    known.erase();
  tidy(recurrence);
  OpBuilder builder(step);
  builder.setInsertionPointAfter(step);
  auto form = FormOp::create(builder, step.getLoc());
  Block *block = builder.createBlock(&form.getBody());
  IRMapping mapping;
  for (Operation &op : step.getBody().front())
    builder.clone(op, mapping);
  for (SetOp set : block->getOps<SetOp>())
    setPackedDirectly(set);
  StateGroups order(recurrence, *block);
  SmallVector<StateGroups::Group> list(order.getGroups());
  bool all = true;
  for (const StateGroups::Group &group : list) {
    result.push_back(formGroup(recurrence, form, group));
    all &= result.back().kind != GroupKind::Sequential;
  }
  if (!all)
    form.erase();
  tidy(recurrence);
  return result;
}

//===----------------------------------------------------------------------===//
// Back to plain operations
//===----------------------------------------------------------------------===//

static void expand(RecurrenceOp recurrence, EvolveOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  Arithmetic arithmetic(builder, loc);
  auto state = FieldOp(recurrence.lookupSymbol(op.getField()));
  SmallVector<StringAttr> labels(op.getLabels().getAsRange<StringAttr>());
  auto read = [&](StringRef name) -> Value {
    Value array = GetOp::create(builder, loc, state.getType(), name);
    return ReadOp::create(
        builder, loc,
        ValueType::get(builder.getContext(), labels,
                       state.getType().getExtents(), state.getType().getKind()),
        array, ValueRange(),
        AffineMapAttr::get(builder.getMultiDimIdentityMap(labels.size())));
  };
  Value next = arithmetic.multiply(op.getDecay(), read(op.getField()));
  next = arithmetic.multiply(op.getValueDecay(), next);
  if (op.getCoupled())
    for (auto [name, coupling] :
         llvm::zip_equal(op.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                         op.getCouplings()))
      next = arithmetic.add(
          next, arithmetic.multiply(coupling, read(name.getValue())));
  for (auto [factor, write] : llvm::zip_equal(op.getFactors(), op.getWrites()))
    next = arithmetic.add(next, arithmetic.multiply(factor, write));
  SetOp::create(builder, loc, op.getField(), next, op.getLabels());
  op.erase();
}

void lrc::expandForm(RecurrenceOp recurrence) {
  auto form = recurrence.getPhase<FormOp>();
  auto step = recurrence.getPhase<StepOp>();
  if (!form || !step)
    return;
  for (EvolveOp op :
       llvm::make_early_inc_range(form.getBody().getOps<EvolveOp>()))
    expand(recurrence, op);
  step.getBody().takeBody(form.getBody());
  form.erase();
}

//===----------------------------------------------------------------------===//
// Passes
//===----------------------------------------------------------------------===//

namespace {
struct DsfLinearizePass : public lrc::impl::DsfLinearizeBase<DsfLinearizePass> {
  using Base::Base;

  void runOnOperation() override {
    for (const GroupForm &group : linearize(getOperation())) {
      if (explain)
        getOperation().emitRemark("states ")
            << llvm::join(group.states, ", ") << ": " << spell(group.kind)
            << (group.reason.empty() ? "" : "; ") << group.reason;
      if (group.kind == GroupKind::Affine)
        ++numAffine;
      else if (group.kind == GroupKind::Sequential)
        ++numSequential;
    }
  }
};

struct DsfExpandFormPass
    : public lrc::impl::DsfExpandFormBase<DsfExpandFormPass> {
  using Base::Base;

  void runOnOperation() override { expandForm(getOperation()); }
};
} // namespace
