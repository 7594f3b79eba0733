//===- Classify.cpp - The class of a group of states ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/Classify.h"

#include "lib/Algebra/Monomials.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
/// Dependence on each state of the group; empty when there is none.
using Dependences = std::vector<StateDependence>;

class Classifier {
public:
  Classifier(RecurrenceOp recurrence, Block &phase, const StateGroups &groups,
             const StateGroups::Group &group, ArrayRef<int64_t> keys)
      : recurrence(recurrence), phase(phase), groups(groups), group(group),
        keys(keys), builder(recurrence.getContext()) {}

  GroupClass run();

private:
  Dependences visit(Operation *op);
  Dependences visitRead(ReadOp op);
  Dependences visitUnary(UnaryOp op);
  Dependences visitBinary(BinaryOp op);
  Dependences visitSelect(SelectOp op);
  Dependences visitReduce(ReduceOp op);

  Dependences add(Dependences a, const Dependences &b, Operation *op);
  Dependences scale(Dependences a, Value factor);
  Dependences takeExtreme(BinaryOp op, Ring ring);
  Dependences makeNonlinear(Dependences a, Operation *op,
                            const llvm::Twine &how, bool mixes = false);
  void makeDense(StateDependence &a, Operation *op, const llvm::Twine &how);
  void contract(StateDependence &a, StateOp state, ReduceOp op);

  Dependences get(Value value) const {
    auto it = values.find(value);
    return it == values.end() ? Dependences() : it->second;
  }
  Variation variationOf(Value value);
  Diagonal diagonalOf(Value factor, const StateDependence &a, bool &separates);
  bool isKey(const StateDependence &a, StringAttr label) const;
  void finish(SetOp set, StateOp state, Dependences &a);

  RecurrenceOp recurrence;
  Block &phase;
  const StateGroups &groups;
  const StateGroups::Group &group;
  ArrayRef<int64_t> keys;
  OpBuilder builder;
  GroupClass result;
  llvm::DenseMap<Value, Dependences> values;
  llvm::DenseMap<Value, Variation> variations;
};
} // namespace

static ArrayRef<StringAttr> labelsOf(Value value) {
  return cast<ValueType>(value.getType()).getLabels();
}

static void merge(ClassCauses &into, const ClassCauses &from) {
  into.decays.insert(from.decays.begin(), from.decays.end());
  into.contractions.insert(from.contractions.begin(), from.contractions.end());
  if (!into.dense)
    into.dense = from.dense;
  if (!into.nonlinear)
    into.nonlinear = from.nonlinear;
  if (into.how.empty())
    into.how = from.how;
}

/// `a` with the ring of a class that may have lost it to a rank.
static OperatorClass rebuild(const OperatorClass &a, Diagonal diagonal,
                             unsigned rank) {
  return OperatorClass(diagonal, rank, a.getVariation(), a.isComplex(),
                       a.getRing());
}

//===----------------------------------------------------------------------===//
// Facts about values that do not depend on the group
//===----------------------------------------------------------------------===//

Variation Classifier::variationOf(Value value) {
  auto [it, isNew] = variations.try_emplace(value, Variation::Constant);
  if (!isNew)
    return it->second;
  Variation variation = Variation::Constant;
  Operation *op = value.getDefiningOp();
  if (isa_and_present<TimeOp>(op))
    variation = Variation::Indexed;
  if (auto get = dyn_cast_or_null<GetOp>(op))
    if (!isa_and_present<ParamOp>(recurrence.lookupSymbol(get.getField())))
      variation = Variation::Input;
  if (op)
    for (Value operand : op->getOperands())
      variation = std::max(variation, variationOf(operand));
  return variations[value] = variation;
}

bool Classifier::isKey(const StateDependence &a, StringAttr label) const {
  return llvm::any_of(keys, [&](int64_t axis) {
    return axis < int64_t(a.labels.size()) && a.labels[axis] == label;
  });
}

/// What a factor varies along. Labels that are no axes of the state count as
/// values: once the keys are contracted, they are what remains.
Diagonal Classifier::diagonalOf(Value factor, const StateDependence &a,
                                bool &separates) {
  separates = true;
  Labels keyLabels;
  bool hasOthers = false;
  for (StringAttr label : labelsOf(factor))
    if (isKey(a, label))
      keyLabels.insert(label);
    else
      hasOthers = true;
  if (keyLabels.empty())
    return hasOthers ? Diagonal::Values : Diagonal::Scalar;
  if (!hasOthers)
    return Diagonal::Keys;
  builder.setInsertionPointAfterValue(factor);
  auto monomials = separate(builder, factor, keyLabels);
  separates = bool(monomials);
  return monomials && monomials->size() == 1 ? Diagonal::Product
                                             : Diagonal::Elementwise;
}

//===----------------------------------------------------------------------===//
// Arithmetic on dependences
//===----------------------------------------------------------------------===//

void Classifier::makeDense(StateDependence &a, Operation *op,
                           const llvm::Twine &how) {
  if (a.cls.isZero())
    return;
  if (!a.causes.dense) {
    a.causes.dense = op;
    if (!a.causes.nonlinear)
      a.causes.how = how.str();
  }
  a.cls = rebuild(a.cls, Diagonal::Elementwise, OperatorClass::dense);
}

Dependences Classifier::makeNonlinear(Dependences a, Operation *op,
                                      const llvm::Twine &how, bool mixes) {
  for (StateDependence &one : a) {
    if (one.cls.isZero())
      continue;
    if (!one.causes.nonlinear) {
      one.causes.nonlinear = op;
      one.causes.how = how.str();
    }
    // The Jacobian has a factor that differs from element to element.
    Diagonal diagonal =
        multiplyDiagonals(one.cls.getDiagonal(), Diagonal::Elementwise);
    unsigned rank = mixes ? OperatorClass::dense : one.cls.getRank();
    one.cls = OperatorClass(diagonal, rank, Variation::Input,
                            one.cls.isComplex(), Ring::Nonlinear);
    one.exponential = false;
  }
  return a;
}

/// Where both have the label of an axis, it must be the same.
static bool alignLabels(StateDependence &a, const StateDependence &b) {
  if (a.labels.size() != b.labels.size())
    return a.labels.empty() || b.labels.empty();
  for (auto [mine, other] : llvm::zip_equal(a.labels, b.labels)) {
    if (mine && other && mine != other)
      return false;
    if (!mine)
      mine = other;
  }
  return true;
}

Dependences Classifier::add(Dependences a, const Dependences &b,
                            Operation *op) {
  if (a.empty() || b.empty())
    return a.empty() ? b : a;
  for (auto [one, other] : llvm::zip_equal(a, b)) {
    if (other.cls.isZero())
      continue;
    if (one.cls.isZero()) {
      one = other;
      continue;
    }
    bool aligned = alignLabels(one, other);
    bool exponential = one.exponential && other.exponential;
    bool mixed = one.exponential != other.exponential ||
                 !(one.cls.isLinear() && other.cls.isLinear());
    // Contractions that both have are of one rank each.
    unsigned shared = 0;
    for (Operation *contraction : other.causes.contractions)
      shared += one.causes.contractions.contains(contraction);
    OperatorClass sum = one.cls + other.cls;
    if (!sum.isDense())
      sum = rebuild(sum, sum.getDiagonal(), sum.getRank() - shared);
    one.cls = sum;
    merge(one.causes, other.causes);
    one.exponential = exponential;
    if (!aligned)
      makeDense(one, op, "permutes");
    if (mixed && !exponential) {
      Dependences single =
          makeNonlinear({one}, op, "adds nonlinear functions of");
      one = single.front();
    }
  }
  return a;
}

Dependences Classifier::scale(Dependences a, Value factor) {
  bool complex = cast<ValueType>(factor.getType()).getKind() == Kind::Complex;
  for (StateDependence &one : a) {
    if (one.cls.isZero())
      continue;
    bool separates = true;
    Diagonal diagonal = diagonalOf(factor, one, separates);
    OperatorClass by(diagonal, 0, variationOf(factor), complex, Ring::Linear);
    // What a factor does along the keys to what was contracted is another u.
    if (one.cls.getDiagonal() == Diagonal::Zero)
      by = OperatorClass(Diagonal::Scalar, 0, variationOf(factor), complex);
    one.cls = by * one.cls;
    if (!factor.getDefiningOp<ConstantOp>() &&
        one.cls.getDiagonal() != Diagonal::Zero)
      one.causes.decays.insert(factor);
  }
  return a;
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

Dependences Classifier::visitRead(ReadOp op) {
  if (auto pack = op.getSource().getDefiningOp<PackOp>()) {
    Dependences a = get(pack.getValue());
    Relabelling relabelling{pack, op};
    for (StateDependence &one : a)
      for (StringAttr &label : one.labels) {
        if (!label || one.cls.isZero())
          continue;
        label = relabelling.rename(label);
        if (!label)
          makeDense(one, op, "takes other than plain elements of");
      }
    return a;
  }
  auto get = op.getSource().getDefiningOp<GetOp>();
  auto state =
      get ? dyn_cast_or_null<StateOp>(recurrence.lookupSymbol(get.getField()))
          : StateOp();
  if (!state || !llvm::is_contained(group, state)) {
    // A register that is shifted, say.
    if (!groups.dependsOn(op.getSource(), group))
      return {};
    Dependences a(group.size());
    for (StateDependence &one : a) {
      one.cls = OperatorClass::identity();
      makeDense(one, op, "shifts");
    }
    return a;
  }
  Dependences a(group.size());
  StateDependence &one = a[llvm::find(group, state) - group.begin()];
  PositionalType type = FieldOp(state).getType();
  one.cls = OperatorClass::identity();
  bool plain = true;
  for (auto [axis, expr] : llvm::enumerate(op.getMap().getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    StringAttr label =
        dim ? op.getType().getLabels()[dim.getPosition()] : StringAttr();
    plain &=
        label && !llvm::is_contained(one.labels, label) &&
        op.getType().getExtents()[dim.getPosition()] == type.getExtents()[axis];
    one.labels.push_back(label);
  }
  if (!plain)
    makeDense(one, op, "takes other than plain elements of");
  return a;
}

Dependences Classifier::visitUnary(UnaryOp op) {
  Dependences a = get(op.getOperand());
  if (a.empty() || op.getFn() == UnaryKind::Neg) {
    for (StateDependence &one : a)
      if (!one.cls.isLinear())
        one.cls = one.cls.withRing(joinRings(one.cls.getRing(), Ring::Clamped));
    return a;
  }
  if (op.getFn() == UnaryKind::Exp || op.getFn() == UnaryKind::Log) {
    bool isExp = op.getFn() == UnaryKind::Exp;
    bool fits = llvm::all_of(a, [&](const StateDependence &one) {
      if (one.cls.isZero())
        return true;
      if (!isExp)
        return one.exponential;
      Ring ring = one.cls.getRing();
      return ring == Ring::LogPlus ||
             (ring == Ring::Linear && one.cls.getRank() == 0 &&
              isBelow(one.cls.getDiagonal(), Diagonal::Identity));
    });
    if (fits) {
      for (StateDependence &one : a) {
        one.exponential = isExp && !one.cls.isZero();
        if (one.cls.isZero())
          continue;
        // Scales of an exponential are shifts of its logarithm.
        Diagonal diagonal =
            one.cls.isDense() ? Diagonal::Elementwise : Diagonal::Identity;
        one.cls =
            OperatorClass(diagonal, one.cls.getRank(), one.cls.getVariation(),
                          false, isExp ? one.cls.getRing() : Ring::LogPlus);
      }
      return a;
    }
  }
  if (op.getFn() == UnaryKind::Relu) {
    for (StateDependence &one : a)
      if (one.cls.getRank() == 0 && !one.cls.isZero())
        one.cls = one.cls.withRing(joinRings(one.cls.getRing(), Ring::Clamped))
                      .withVariation(Variation::Input);
    bool closed = llvm::all_of(a, [](const StateDependence &one) {
      return one.cls.isZero() ||
             (one.cls.getRing() == Ring::Clamped && !one.exponential);
    });
    if (closed)
      return a;
  }
  return makeNonlinear(a, op,
                       "takes " + stringifyUnaryKind(op.getFn()) + " of");
}

/// max, min or logaddexp of something affine over that arithmetic.
Dependences Classifier::takeExtreme(BinaryOp op, Ring ring) {
  Dependences a = get(op.getLhs()), b = get(op.getRhs());
  if (a.empty() && b.empty())
    return {};
  Dependences result = a.empty() ? b : a;
  Variation offset =
      std::max(variationOf(op.getLhs()), variationOf(op.getRhs()));
  bool closed = true;
  for (auto [index, one] : llvm::enumerate(result)) {
    StateDependence other =
        a.empty() || b.empty() ? StateDependence() : b[index];
    for (const StateDependence *side : {&one, &other}) {
      closed &= !side->exponential;
      closed &= side->cls.isZero() || side->cls.getRing() == ring ||
                (side->cls.isLinear() && side->cls.getRank() == 0) ||
                (ring != Ring::LogPlus &&
                 joinRings(side->cls.getRing(), ring) == Ring::Clamped);
    }
    bool both = !one.cls.isZero() && !other.cls.isZero();
    OperatorClass x = one.cls.isZero() ? one.cls : one.cls.withRing(ring),
                  y = other.cls.isZero() ? other.cls : other.cls.withRing(ring);
    closed &= !(both && (x.getRing() != ring || y.getRing() != ring));
    if (both && !alignLabels(one, other))
      makeDense(one, op, "permutes");
    if (both)
      merge(one.causes, other.causes);
    else if (one.cls.isZero())
      one = other;
    OperatorClass joined = OperatorClass::join(x, y);
    if (!joined.isZero())
      one.cls = joined.withVariation(offset);
    closed &= one.cls.getRing() != Ring::Nonlinear;
  }
  std::string how = ("takes " + stringifyBinaryKind(op.getFn()) + " of").str();
  if (!closed)
    return makeNonlinear(add(a, b, op), op, how);
  for (StateDependence &one : result)
    if (!one.cls.isZero() && !one.causes.nonlinear) {
      one.causes.nonlinear = op;
      one.causes.how = how;
    }
  return result;
}

Dependences Classifier::visitBinary(BinaryOp op) {
  Dependences a = get(op.getLhs()), b = get(op.getRhs());
  if (a.empty() && b.empty())
    return {};
  Operation *plain = op;
  auto negated = [](Dependences x) {
    for (StateDependence &one : x)
      if (!one.cls.isLinear())
        one.cls = one.cls.withRing(joinRings(one.cls.getRing(), Ring::Clamped));
    return x;
  };
  switch (op.getFn()) {
  case BinaryKind::Add:
  case BinaryKind::Sub: {
    // An offset shifts what is affine over any arithmetic, not an exponential.
    bool minus = op.getFn() == BinaryKind::Sub;
    Dependences sum = add(a, minus ? negated(b) : b, op);
    if (a.empty() || b.empty())
      for (StateDependence &one : sum)
        if (one.cls.getRing() == Ring::MaxPlus ||
            one.cls.getRing() == Ring::MinPlus ||
            one.cls.getRing() == Ring::LogPlus)
          one.cls = one.cls.withVariation(
              variationOf(a.empty() ? op.getLhs() : op.getRhs()));
    return sum;
  }
  case BinaryKind::Mul:
    if (!a.empty() && !b.empty())
      return makeNonlinear(add(a, b, op), plain, "multiplies functions of");
    return a.empty() ? scale(b, op.getLhs()) : scale(a, op.getRhs());
  case BinaryKind::Div:
    if (!b.empty())
      return makeNonlinear(add(a, b, op), plain, "divides by a function of");
    return scale(a, op.getRhs());
  case BinaryKind::Max:
    return takeExtreme(op, Ring::MaxPlus);
  case BinaryKind::Min:
    return takeExtreme(op, Ring::MinPlus);
  case BinaryKind::LogAddExp:
    return takeExtreme(op, Ring::LogPlus);
  case BinaryKind::Complex:
    for (Dependences *side : {&a, &b})
      for (StateDependence &one : *side)
        if (!one.cls.isZero())
          one.cls = one.cls * OperatorClass(Diagonal::Scalar, 0,
                                            Variation::Constant, true);
    return add(a, b, op);
  default:
    return makeNonlinear(add(a, b, op), plain,
                         "takes " + stringifyBinaryKind(op.getFn()) + " of");
  }
}

Dependences Classifier::visitSelect(SelectOp op) {
  Dependences condition = get(op.getCondition());
  Dependences a = get(op.getOnTrue()), b = get(op.getOnFalse());
  if (!condition.empty())
    return makeNonlinear(add(add(condition, a, op), b, op), op,
                         "has a condition on");
  if (a.empty() && b.empty())
    return {};
  // c f + (1 - c) g, where c is 0 or 1.
  Dependences x = scale(a, op.getCondition()), y = scale(b, op.getCondition());
  bool sameRing = true;
  for (size_t i = 0; i < group.size(); ++i) {
    Ring f = i < x.size() ? x[i].cls.getRing() : Ring::Linear;
    Ring g = i < y.size() ? y[i].cls.getRing() : Ring::Linear;
    sameRing &= f == Ring::Linear && g == Ring::Linear;
  }
  if (sameRing)
    return add(x, y, op);
  // Which of two maps of one arithmetic is taken does not depend on the state.
  Dependences result = a.empty() ? b : a;
  for (auto [index, one] : llvm::enumerate(result)) {
    if (a.empty() || b.empty()) {
      one.cls = one.cls.withVariation(variationOf(op.getCondition()));
      continue;
    }
    alignLabels(one, b[index]);
    one.cls = OperatorClass::join(a[index].cls, b[index].cls)
                  .withVariation(variationOf(op.getCondition()));
    merge(one.causes, b[index].causes);
  }
  return result;
}

/// Sums over axes of one state.
void Classifier::contract(StateDependence &a, StateOp state, ReduceOp op) {
  SmallVector<int64_t> axes;
  bool allKeys = true, gone = true;
  for (auto [axis, label] : llvm::enumerate(a.labels)) {
    bool summed = label && llvm::is_contained(op.getLabels(), Attribute(label));
    if (summed)
      axes.push_back(axis);
    allKeys &= !summed || llvm::is_contained(keys, int64_t(axis));
    gone &= summed || !llvm::is_contained(keys, int64_t(axis));
  }
  if (axes.empty())
    return;
  if (result.keys.empty())
    result.keys = axes;
  StringRef how = "mixes the axes of";
  bool pureDiagonal = a.cls.getDiagonal() != Diagonal::Zero;
  if (!a.cls.isLinear() || a.cls.isDense() || !allKeys || !pureDiagonal ||
      (pureDiagonal && !gone))
    return makeDense(a, op, how);
  if (a.cls.getDiagonal() == Diagonal::Elementwise) {
    // A few products still make a few vectors, anything else mixes.
    bool separates = true;
    for (Value factor : a.causes.decays) {
      bool one = true;
      diagonalOf(factor, a, one);
      separates &= one;
    }
    if (!separates)
      return makeDense(a, op, how);
  }
  // What was contracted before stays; this contraction is one more.
  a.causes.contractions.insert(op);
  a.causes.decays.clear();
  a.cls = rebuild(a.cls, Diagonal::Zero, a.causes.contractions.size());
  for (int64_t axis : axes)
    a.labels[axis] = {};
}

Dependences Classifier::visitReduce(ReduceOp op) {
  Dependences a = get(op.getOperand());
  if (a.empty())
    return a;
  bool extreme = op.getFn() == ReduceKind::Max || op.getFn() == ReduceKind::Min;
  Ring ring = op.getFn() == ReduceKind::Max ? Ring::MaxPlus : Ring::MinPlus;
  for (auto [one, state] : llvm::zip_equal(a, group)) {
    if (one.cls.isZero())
      continue;
    bool shifted = one.cls.isLinear() && one.cls.getRank() == 0 &&
                   isBelow(one.cls.getDiagonal(), Diagonal::Identity);
    if (op.getFn() == ReduceKind::Sum && one.exponential) {
      makeDense(one, op, "mixes the axes of");
    } else if (op.getFn() == ReduceKind::Sum) {
      contract(one, state, op);
    } else if (extreme && (shifted || one.cls.getRing() == ring)) {
      one.cls = OperatorClass(Diagonal::Elementwise, OperatorClass::dense,
                              variationOf(op.getOperand()), false, ring);
      if (!one.causes.nonlinear)
        one.causes.how =
            ("takes the " + stringifyReduceKind(op.getFn()) + " of").str();
      one.causes.nonlinear = one.causes.dense = op;
    } else {
      Dependences single = makeNonlinear(
          {one}, op, "takes the " + stringifyReduceKind(op.getFn()) + " of",
          /*mixes=*/true);
      one = single.front();
    }
  }
  return a;
}

Dependences Classifier::visit(Operation *op) {
  return llvm::TypeSwitch<Operation *, Dependences>(op)
      .Case([&](ReadOp read) { return visitRead(read); })
      .Case([&](UnaryOp unary) { return visitUnary(unary); })
      .Case([&](BinaryOp binary) { return visitBinary(binary); })
      .Case([&](SelectOp select) { return visitSelect(select); })
      .Case([&](ReduceOp reduce) { return visitReduce(reduce); })
      .Default([](Operation *) { return Dependences(); });
}

//===----------------------------------------------------------------------===//
// The group
//===----------------------------------------------------------------------===//

/// Where a state's next value stands: positions that moved make it dense.
void Classifier::finish(SetOp set, StateOp state, Dependences &a) {
  a.resize(group.size());
  SmallVector<StringAttr> labels(set.getLabels().getAsRange<StringAttr>());
  for (auto [one, from] : llvm::zip_equal(a, group)) {
    if (one.cls.isZero() || one.cls.isDense())
      continue;
    if (one.exponential) {
      one = makeNonlinear({one}, set, "takes exp of").front();
      continue;
    }
    bool sameShape = FieldOp(state).getType() == FieldOp(from).getType();
    bool moved = !sameShape && one.cls.getDiagonal() != Diagonal::Zero;
    for (auto [axis, label] : llvm::enumerate(one.labels)) {
      if (!label)
        continue;
      auto found = llvm::find(labels, label) - labels.begin();
      moved |= sameShape ? size_t(found) != axis
                         : llvm::is_contained(keys, int64_t(found));
    }
    // A contraction that is written to all positions of a key.
    if (moved)
      makeDense(one, set, "permutes");
  }
}

GroupClass Classifier::run() {
  SmallVector<Operation *> ops;
  for (Operation &op : phase)
    ops.push_back(&op);
  result.blocks = BlockClass(group.size());
  result.causes.resize(group.size() * group.size());
  for (Operation *op : ops) {
    // In order, so that the recursion stays shallow.
    for (Value value : op->getResults())
      variationOf(value);
    if (op->getNumResults() == 1 &&
        isa<ValueType>(op->getResult(0).getType())) {
      Dependences a = visit(op);
      if (llvm::any_of(
              a, [](const StateDependence &one) { return !one.cls.isZero(); }))
        values[op->getResult(0)] = std::move(a);
    }
    auto set = dyn_cast<SetOp>(op);
    if (!set)
      continue;
    Dependences a = get(set.getValue());
    auto state = dyn_cast<StateOp>(recurrence.lookupSymbol(set.getField()));
    auto place = state ? llvm::find(group, state) : group.end();
    if (place == group.end()) {
      for (const StateDependence &one : a)
        result.readElementwise |=
            one.cls.getDiagonal() != Diagonal::Zero || one.cls.isDense();
      continue;
    }
    unsigned to = place - group.begin();
    finish(set, state, a);
    for (unsigned from = 0; from < group.size(); ++from) {
      // Numbers that are complex make the map so, identity or not.
      OperatorClass cls = a[from].cls;
      if (FieldOp(state).getType().getKind() == Kind::Complex && !cls.isZero())
        cls = OperatorClass(cls.getDiagonal(), cls.getRank(),
                            cls.getVariation(), true, cls.getRing());
      result.blocks.at(to, from) = cls;
      result.causes[to * group.size() + from] = a[from].causes;
    }
  }
  return std::move(result);
}

GroupClass lrc::classify(RecurrenceOp recurrence, Block &phase,
                         const StateGroups &groups,
                         const StateGroups::Group &group) {
  // The first run finds the contracted axes, which the second one must know
  // from the start.
  GroupClass first = Classifier(recurrence, phase, groups, group, {}).run();
  SmallVector<int64_t> keys = first.keys;
  GroupClass second = Classifier(recurrence, phase, groups, group, keys).run();
  second.keys = keys;
  return second;
}
