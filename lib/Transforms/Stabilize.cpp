//===- Stabilize.cpp - States that are fed by exponentials ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Finds the states whose sums of exponentials may overflow or vanish, groups
// those that can share a running maximum, and rewrites the step. It works on a
// copy, which is dropped when an output can not be had without overflow.
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Stabilize.h"

#include "lib/Algebra/SameValue.h"
#include "lib/Transforms/Passes.h"
#include "lib/Transforms/ScaledStep.h"
#include "lib/Transforms/Tidy.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace lrc {
#define GEN_PASS_DEF_DSFSTABILIZE
#include "lib/Transforms/Passes.h.inc"
} // namespace lrc

using namespace lrc;
using namespace lrc::dsf;

namespace {
class Stabilizer {
public:
  Stabilizer(RecurrenceOp recurrence, Block &step)
      : recurrence(recurrence), step(step) {}

  /// True when the step was rewritten.
  bool run();

  std::string reason;
  std::vector<ScaledGroup> groups;

private:
  struct Candidate {
    StateOp state;
    StateUpdate update;
  };

  bool refuse(const Twine &why) {
    reason = why.str();
    return false;
  }
  bool hasMaximum(StateOp state) const;
  bool isWild(ScaledStep &values, StateOp state, const StateUpdate &update);
  bool dependsOn(Value value, StateOp state);
  SmallVector<Candidate> findWild(ScaledStep &values);
  bool addGroups(ArrayRef<Candidate> candidates);
  std::optional<ScaledGroup::Member> joins(const ScaledGroup &group,
                                           const Candidate &leader,
                                           const Candidate &other);
  void declare(ScaledGroup &group);
  bool rewrite();

  RecurrenceOp recurrence;
  Block &step;
};
} // namespace

//===----------------------------------------------------------------------===//
// Which states
//===----------------------------------------------------------------------===//

bool Stabilizer::hasMaximum(StateOp state) const {
  return llvm::any_of(groups, [&](const ScaledGroup &group) {
    return llvm::any_of(group.members, [&](const ScaledGroup::Member &member) {
      return member.state == state;
    });
  });
}

/// Whether what is added to a state may be beyond all numbers, or vanish
/// against them together with all else.
bool Stabilizer::isWild(ScaledStep &values, StateOp state,
                        const StateUpdate &update) {
  ScaleMath &math = values.getMath();
  if (update.rest.empty() || math.areNormalised(update.scales()))
    return false;
  auto mayOverflow = [&](const Term &term) {
    return !math.isBounded(term.scale);
  };
  auto mayVanish = [&](const Term &term) {
    return math.rangeOf(term.scale).low < -ScaleMath::tame;
  };
  return llvm::any_of(update.rest, mayOverflow) ||
         llvm::all_of(update.rest, mayVanish);
}

SmallVector<Stabilizer::Candidate> Stabilizer::findWild(ScaledStep &values) {
  SmallVector<Candidate> list;
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    if (hasMaximum(state) || state.getLocal() ||
        FieldOp(state).getType().getKind() != Kind::Real)
      continue;
    FailureOr<StateUpdate> update = values.analyse(state);
    // What is wrong with it comes out when the step is rewritten.
    if (succeeded(update) && isWild(values, state, *update))
      list.push_back({state, *update});
  }
  return list;
}

/// Whether a value depends on the old value of a state.
bool Stabilizer::dependsOn(Value value, StateOp state) {
  SmallVector<Value> worklist{value};
  llvm::DenseSet<Value> visited;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (auto get = dyn_cast<GetOp>(op))
      if (get.getField() == state.getSymName())
        return true;
    for (Value operand : op->getOperands())
      if (visited.insert(operand).second)
        worklist.push_back(operand);
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

static bool isSameScale(SameValue &names, const Scale &a, const Scale &b) {
  if (a.getAtoms().size() != b.getAtoms().size())
    return false;
  return llvm::all_of(a.getAtoms(), [&](const Scale::Atom &atom) {
    return llvm::any_of(b.getAtoms(), [&](const Scale::Atom &other) {
      if (other.coefficient != atom.coefficient)
        return false;
      SameValue trial = names;
      if (!trial.isSame(atom.value, other.value))
        return false;
      names = trial;
      return true;
    });
  });
}

/// Whether two states are scaled by the same running maximum, up to names of
/// labels.
static bool areSameScales(SameValue &names, const StateUpdate &a,
                          const StateUpdate &b) {
  if (a.hasOwn != b.hasOwn || a.rest.size() != b.rest.size() ||
      !isSameScale(names, a.logDecay, b.logDecay))
    return false;
  return llvm::all_of(a.rest, [&](const Term &term) {
    return llvm::any_of(b.rest, [&](const Term &other) {
      SameValue trial = names;
      if (!isSameScale(trial, term.scale, other.scale))
        return false;
      names = trial;
      return true;
    });
  });
}

/// The member that `other` is in the group of `leader`, if it can be one.
std::optional<ScaledGroup::Member> Stabilizer::joins(const ScaledGroup &group,
                                                     const Candidate &leader,
                                                     const Candidate &other) {
  SameValue names;
  if (!areSameScales(names, leader.update, other.update))
    return std::nullopt;
  SetOp from = leader.update.set;
  SetOp to = other.update.set;
  ScaledGroup::Member member{other.state, {}};
  for (int64_t axis : group.members.front().axes) {
    StringAttr label = names.rename(cast<StringAttr>(from.getLabels()[axis]));
    auto found = llvm::find(to.getLabels(), Attribute(label));
    if (!label || found == to.getLabels().end())
      return std::nullopt;
    member.axes.push_back(found - to.getLabels().begin());
  }
  return member;
}

/// The axes of a state along which its scales vary.
static SmallVector<int64_t> findAxes(const StateUpdate &update) {
  SmallVector<int64_t> axes;
  SetOp set = update.set;
  for (int64_t axis = 0, e = set.getLabels().size(); axis < e; ++axis) {
    auto label = cast<StringAttr>(set.getLabels()[axis]);
    auto varies = [&](const Scale &scale) {
      return llvm::any_of(scale.getAtoms(), [&](const Scale::Atom &atom) {
        return cast<ValueType>(atom.value.getType()).getPosition(label) >= 0;
      });
    };
    if (llvm::any_of(update.scales(), varies))
      axes.push_back(axis);
  }
  return axes;
}

/// Makes groups of those candidates that wait for no other one.
bool Stabilizer::addGroups(ArrayRef<Candidate> candidates) {
  std::vector<std::pair<ScaledGroup, Candidate>> made;
  for (const Candidate &candidate : candidates) {
    SetOp set = candidate.update.set;
    bool waits = llvm::any_of(candidates, [&](const Candidate &other) {
      return other.state != candidate.state &&
             dependsOn(set.getValue(), other.state);
    });
    if (waits)
      continue;
    bool joined = false;
    for (auto &[group, leader] : made)
      if (auto member = joins(group, leader, candidate)) {
        group.members.push_back(*member);
        joined = true;
        break;
      }
    if (!joined)
      made.push_back(
          {{{{candidate.state, findAxes(candidate.update)}}, {}}, candidate});
  }
  if (made.empty())
    return refuse("states " + StateOp(candidates.front().state).getSymName() +
                  " and " + StateOp(candidates.back().state).getSymName() +
                  " depend on each other");
  for (auto &[group, leader] : made) {
    for (ScaledGroup::Member &member : group.members)
      if (!member.state.getFinal().empty())
        return refuse("state " + member.state.getSymName() +
                      " has a final region");
    declare(group);
    groups.push_back(group);
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// A state as it is read in a region of a declaration, under labels of which
/// those of the maximum are m0, m1, ..
static Value readState(UniqueOps &ops, const ScaledGroup::Member &member) {
  StateOp state = member.state;
  PositionalType type = FieldOp(state).getType();
  MLIRContext *context = state.getContext();
  SmallVector<StringAttr> labels;
  SmallVector<AffineExpr> exprs;
  for (unsigned axis = 0; axis < type.getExtents().size(); ++axis) {
    auto found = llvm::find(member.axes, int64_t(axis));
    labels.push_back(StringAttr::get(
        context, found == member.axes.end()
                     ? "i" + Twine(axis)
                     : "m" + Twine(found - member.axes.begin())));
    exprs.push_back(getAffineDimExpr(axis, context));
  }
  return ops.read(
      ops.get(FieldOp(state)), exprs,
      ValueType::get(context, labels, type.getExtents(), type.getKind()));
}

static ArrayAttr labelsOf(Value value) {
  auto labels = cast<ValueType>(value.getType()).getLabels();
  return ArrayAttr::get(value.getContext(),
                        SmallVector<Attribute>(labels.begin(), labels.end()));
}

static void yield(UniqueOps &ops, Value value, ArrayAttr labels) {
  YieldOp::create(ops.getBuilder(), ops.getLocation(), value, labels);
}

static UniqueOps fill(Region &region, Location loc) {
  return UniqueOps(OpBuilder::atBlockEnd(&region.emplaceBlock()), loc);
}

static ArrayAttr labelsOfMaximum(MLIRContext *context, size_t rank) {
  SmallVector<Attribute> labels;
  for (size_t axis = 0; axis < rank; ++axis)
    labels.push_back(StringAttr::get(context, "m" + Twine(axis)));
  return ArrayAttr::get(context, labels);
}

/// The maximum starts as low as it gets where all states are 0, else at 0: then
/// mantissas are what the caller gave.
static void fillInit(ScaledGroup &group) {
  UniqueOps ops = fill(group.maximum.getInit(), group.maximum.getLoc());
  Value start;
  for (const ScaledGroup::Member &member : group.members) {
    Value value = readState(ops, member);
    Value some = ops.binary(BinaryKind::Ne, value, ops.number(0));
    value = ops.select(some, ops.number(0), ops.number(ScaleMath::lowest));
    SmallVector<Attribute> others;
    for (Attribute label : labelsOf(value))
      if (cast<StringAttr>(label).getValue().starts_with("i"))
        others.push_back(label);
    if (!others.empty())
      value = ops.reduce(ReduceKind::Max, value, others);
    start = start ? ops.binary(BinaryKind::Max, start, value) : value;
  }
  yield(ops, start,
        labelsOfMaximum(start.getContext(), group.members.front().axes.size()));
}

/// The state is S~ exp(m), by halves, because exp(m) may overflow though the
/// product does not; 0 stays 0.
static void fillFinal(ScaledGroup &group, ScaledGroup::Member &member) {
  UniqueOps ops = fill(member.state.getFinal(), member.state.getLoc());
  Value mantissa = readState(ops, member);
  size_t rank = member.axes.size();
  PositionalType type = FieldOp(group.maximum).getType();
  SmallVector<StringAttr> labels;
  SmallVector<AffineExpr> exprs;
  for (Attribute label : labelsOfMaximum(type.getContext(), rank)) {
    labels.push_back(cast<StringAttr>(label));
    exprs.push_back(getAffineDimExpr(exprs.size(), type.getContext()));
  }
  Value maximum = ops.read(
      ops.get(FieldOp(group.maximum)), exprs,
      ValueType::get(type.getContext(), labels, type.getExtents(), Kind::Real));
  Value half = ops.unary(UnaryKind::Exp,
                         ops.binary(BinaryKind::Mul, ops.number(0.5), maximum));
  Value product = ops.multiply(ops.multiply(mantissa, half), half);
  Value zero = ops.number(0);
  Value some = ops.binary(BinaryKind::Ne, mantissa, zero);
  yield(ops, ops.select(some, product, zero), labelsOf(mantissa));
}

void Stabilizer::declare(ScaledGroup &group) {
  StateOp first = group.members.front().state;
  PositionalType type = FieldOp(first).getType();
  SmallVector<Attribute> extents;
  for (int64_t axis : group.members.front().axes)
    extents.push_back(type.getExtents()[axis]);
  std::string name = (first.getSymName() + "_max").str();
  for (unsigned number = 1; recurrence.lookupSymbol(name); ++number)
    name = (first.getSymName() + "_max" + Twine(number)).str();
  OpBuilder builder(step.getParentOp());
  group.maximum = StateOp::create(
      builder, first.getLoc(), name,
      StateType::get(builder.getContext(), extents, Kind::Real), TypeAttr(),
      Attribute(), /*hidden=*/false, /*local=*/true);
  fillInit(group);
  for (ScaledGroup::Member &member : group.members)
    fillFinal(group, member);
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

bool Stabilizer::rewrite() {
  ScaledStep values(recurrence, step, groups);
  SmallVector<SetOp> sets(step.getOps<SetOp>());
  OpBuilder atEnd = OpBuilder::atBlockEnd(&step);
  // What the sets become, while none of them has changed yet.
  SmallVector<Value> next;
  for (SetOp set : sets) {
    auto state = dyn_cast<StateOp>(recurrence.lookupSymbol(set.getField()));
    bool isMember = state && hasMaximum(state);
    if (isMember) {
      next.push_back({});
      continue;
    }
    next.push_back(values.plain(set.getValue()));
    if (!next.back())
      return refuse(set.getField() + ": " + values.getReason());
  }
  for (auto [index, group] : llvm::enumerate(groups)) {
    if (failed(values.run(index)))
      return refuse(group.members.front().state.getSymName() + ": " +
                    values.getReason());
    for (ScaledGroup::Member &member : group.members)
      for (auto [set, value] : llvm::zip_equal(sets, next))
        if (set.getField() == member.state.getSymName())
          value = values.getMantissa(member.state);
  }
  SmallVector<Value> maxima;
  for (auto [index, group] : llvm::enumerate(groups)) {
    SmallVector<Attribute> labels;
    for (SetOp set : sets)
      if (set.getField() == group.members.front().state.getSymName())
        for (int64_t axis : group.members.front().axes)
          labels.push_back(set.getLabels()[axis]);
    SetOp::create(atEnd, group.maximum.getLoc(), group.maximum.getSymName(),
                  values.getMaximum(index), atEnd.getArrayAttr(labels));
  }
  for (auto [set, value] : llvm::zip_equal(sets, next))
    set.getValueMutable().assign(value);
  return true;
}

bool Stabilizer::run() {
  for (SetOp set : SmallVector<SetOp>(step.getOps<SetOp>()))
    set->moveBefore(&step, step.end());
  for (;;) {
    ScaledStep values(recurrence, step, groups);
    SmallVector<Candidate> candidates = findWild(values);
    if (candidates.empty())
      break;
    if (!addGroups(candidates))
      return false;
  }
  return !groups.empty() && rewrite();
}

/// Whether the step has an exponential of real numbers at all.
static bool hasExp(StepOp step) {
  return llvm::any_of(step.getBody().getOps<UnaryOp>(), [](UnaryOp op) {
    return op.getFn() == UnaryKind::Exp && op.getType().getKind() == Kind::Real;
  });
}

Stabilization lrc::stabilize(RecurrenceOp recurrence) {
  Stabilization result;
  auto step = recurrence.getPhase<StepOp>();
  bool isStabilized = llvm::any_of(recurrence.getBody().getOps<StateOp>(),
                                   [](StateOp op) { return op.getLocal(); });
  if (!step || isStabilized || !recurrence.isSpecialized() || !hasExp(step) ||
      !step.getBody().getOps<ForOp>().empty())
    return result;
  OwningOpRef<RecurrenceOp> copy(recurrence.clone());
  tidy(*copy);
  Stabilizer stabilizer(*copy, copy->getPhase<StepOp>().getBody().front());
  if (!stabilizer.run()) {
    result.reason = stabilizer.reason;
    return result;
  }
  tidy(*copy);
  for (ScaledGroup &group : stabilizer.groups) {
    auto &names = result.groups.emplace_back();
    for (ScaledGroup::Member &member : group.members)
      names.push_back(member.state.getSymName().str());
  }
  recurrence.getBody().takeBody(copy->getBody());
  return result;
}

namespace {
struct DsfStabilizePass : public lrc::impl::DsfStabilizeBase<DsfStabilizePass> {
  using Base::Base;

  void runOnOperation() override {
    Stabilization result = stabilize(getOperation());
    numMaxima += result.groups.size();
    if (!explain)
      return;
    for (const std::vector<std::string> &group : result.groups)
      getOperation().emitRemark("one running maximum for ")
          << llvm::join(group, ", ");
    if (!result.reason.empty())
      getOperation().emitRemark("left as it is, ") << result.reason;
  }
};
} // namespace
