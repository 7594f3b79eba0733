//===- ScaledStep.cpp - A step on scaled states ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/ScaledStep.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Beyond this, expressions are not followed.
static constexpr unsigned maxDepth = 400;

static OpBuilder atSets(Block &block) {
  auto sets = block.getOps<SetOp>();
  return sets.empty() ? OpBuilder::atBlockEnd(&block)
                      : OpBuilder(*sets.begin());
}

ScaledStep::ScaledStep(RecurrenceOp recurrence, Block &step,
                       ArrayRef<ScaledGroup> groups)
    : recurrence(recurrence), block(step), groups(groups),
      ops(atSets(step), recurrence.getLoc()), math(ops, ranges) {
  for (SetOp set : block.getOps<SetOp>())
    if (isa<StateOp>(recurrence.lookupSymbol(set.getField())))
      sets[recurrence.lookupSymbol(set.getField())] = set;
  for (auto [index, group] : llvm::enumerate(groups))
    for (auto [place, member] : llvm::enumerate(group.members)) {
      places[member.state] = {index, place};
      updates.try_emplace(sets.lookup(member.state).getValue(), member.state);
    }
  classify();
}

LogicalResult ScaledStep::refuse(const Twine &why) {
  if (reason.empty())
    reason = why.str();
  return failure();
}

//===----------------------------------------------------------------------===//
// What is of interest
//===----------------------------------------------------------------------===//

/// Whether an exp of something unbounded is a factor or a term of the result.
bool ScaledStep::isWild(Operation *op) {
  if (auto unary = dyn_cast<UnaryOp>(op))
    if (unary.getFn() == UnaryKind::Exp)
      return unary.getType().getKind() == Kind::Real &&
             !ranges.of(unary.getOperand()).isWithin(ScaleMath::tame);
  bool isLinear = isa<SelectOp, ReduceOp, ReadOp, PackOp>(op);
  if (auto unary = dyn_cast<UnaryOp>(op))
    isLinear = unary.getFn() == UnaryKind::Neg;
  if (auto binary = dyn_cast<BinaryOp>(op))
    isLinear = llvm::is_contained(
        {BinaryKind::Add, BinaryKind::Sub, BinaryKind::Mul, BinaryKind::Div},
        binary.getFn());
  return isLinear && llvm::any_of(op->getOperands(), [&](Value operand) {
           return wild.contains(operand);
         });
}

void ScaledStep::classify() {
  for (Operation &op : block) {
    if (op.getNumResults() != 1)
      continue;
    Value result = op.getResult(0);
    if (isWild(&op))
      wild.insert(result);
    // A state may be set to what does not read it.
    bool isState = updates.contains(result);
    if (auto get = dyn_cast<GetOp>(op))
      isState = places.contains(recurrence.lookupSymbol(get.getField()));
    if (isState || llvm::any_of(op.getOperands(), [&](Value operand) {
          return scaled.contains(operand);
        }))
      scaled.insert(result);
  }
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// The old value of a state: S~ exp(m), read at the same subscripts.
ScaledStep::Result ScaledStep::evalState(ReadOp op, StateOp state) {
  auto [index, place] = places.lookup(state);
  const ScaledGroup &group = groups[index];
  SmallVector<AffineExpr> exprs;
  for (int64_t axis : group.members[place].axes)
    exprs.push_back(op.getMap().getResult(axis));
  Value maximum =
      ops.read(ops.get(FieldOp(StateOp(group.maximum))), exprs, op.getType());
  math.setFloored(maximum);
  return Terms{{op.getResult(), Scale(maximum)}};
}

/// A group's maximum after the step, under the labels of a member's dsf.set.
Value ScaledStep::maximumFor(const ScaledGroup &group,
                             const ScaledGroup::Member &member) {
  const ScaledGroup::Member &leader = group.members.front();
  Value maximum = maxima.at(places.lookup(member.state).first);
  SetOp set = sets.lookup(member.state);
  SetOp leaderSet = sets.lookup(leader.state);
  // Axes of the packed maximum are its labels, in order.
  SmallVector<AffineExpr> exprs;
  SmallVector<StringAttr> labels;
  SmallVector<Attribute> extents;
  auto type = cast<ValueType>(maximum.getType());
  for (auto [label, extent] :
       llvm::zip_equal(type.getLabels(), type.getExtents()))
    for (auto [from, to] : llvm::zip_equal(leader.axes, member.axes))
      if (leaderSet.getLabels()[from] == label) {
        exprs.push_back(
            getAffineDimExpr(exprs.size(), recurrence.getContext()));
        labels.push_back(cast<StringAttr>(set.getLabels()[to]));
        extents.push_back(extent);
      }
  return ops.read(
      ops.pack(maximum), exprs,
      ValueType::get(recurrence.getContext(), labels, extents, Kind::Real));
}

ScaledStep::Result ScaledStep::evalUpdate(StateOp state) {
  auto [index, place] = places.lookup(state);
  if (failed(run(index)))
    return failure();
  Value maximum = maximumFor(groups[index], groups[index].members[place]);
  math.setFloored(maximum);
  return Terms{{mantissas.at(state), Scale(maximum)}};
}

LogicalResult ScaledStep::run(unsigned index) {
  if (maxima.contains(index))
    return success();
  const ScaledGroup &group = groups[index];
  if (!running.insert(index).second)
    return refuse("states that share a maximum depend on each other's next "
                  "values");
  for (const ScaledGroup::Member &member : group.members) {
    FailureOr<StateUpdate> update = analyse(member.state);
    if (failed(update))
      return failure();
    ops.setLocation(update->set.getLoc());
    Terms terms;
    if (update->hasOwn) {
      PositionalType type = FieldOp(StateOp(member.state)).getType();
      SmallVector<StringAttr> labels(
          update->set.getLabels().getAsRange<StringAttr>());
      auto whole = ValueType::get(recurrence.getContext(), labels,
                                  type.getExtents(), type.getKind());
      SmallVector<AffineExpr> exprs;
      for (unsigned axis = 0; axis < labels.size(); ++axis)
        exprs.push_back(getAffineDimExpr(axis, recurrence.getContext()));
      Value old =
          ops.read(ops.get(FieldOp(StateOp(member.state))), exprs, whole);
      terms = *evalState(old.getDefiningOp<ReadOp>(), member.state);
      Term &term = terms.front();
      term.mantissa = ops.multiply(update->sign, term.mantissa);
      term.scale.add(update->logDecay);
    }
    math.add(terms, update->rest);
    if (!maxima.contains(index)) {
      SmallVector<Scale> scales;
      for (const Term &term : terms)
        scales.push_back(term.scale);
      maxima[index] = math.maxOf(scales);
    }
    Value maximum = maximumFor(group, member);
    Value mantissa;
    for (const Term &term : terms)
      mantissa = ops.add(
          mantissa, ops.orOne(math.weigh(term.mantissa, term.scale, maximum)));
    mantissas[member.state] = mantissa;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

static bool isBool(Value value) {
  auto type = dyn_cast<ValueType>(value.getType());
  return type && type.getKind() == Kind::Bool;
}

Value ScaledStep::plain(Value value) {
  if (!isScaled(value))
    return value;
  if (isBool(value))
    return condition(value);
  if (Value result = plains.lookup(value))
    return result;
  Result terms = eval(value);
  if (failed(terms))
    return {};
  bool bounded = llvm::all_of(
      *terms, [&](const Term &term) { return math.isBounded(term.scale); });
  if (!bounded) {
    terms = Terms{math.collapse(*terms)};
    bounded = math.isBounded(terms->front().scale);
  }
  if (!bounded) {
    (void)refuse("its value has the scale of a state");
    return {};
  }
  Value sum;
  for (const Term &term : *terms)
    sum = ops.add(sum, math.realise(term));
  return plains[value] = sum ? sum : ops.number(0);
}

ScaledStep::Result ScaledStep::eval(Value value) {
  auto it = known.find(value);
  if (it != known.end())
    return it->second;
  if (!isScaled(value) && !wild.contains(value)) {
    auto constant = value.getDefiningOp<ConstantOp>();
    if (constant && constant.getValue().isZero())
      return Terms();
    return Terms{{value, {}}};
  }
  if (depth == maxDepth)
    return refuse("the step is too deep an expression");
  ++depth;
  ops.setLocation(value.getLoc());
  auto update = updates.find(value);
  Result result =
      update != updates.end() ? evalUpdate(update->second) : evalOp(value);
  --depth;
  if (succeeded(result))
    known[value] = *result;
  return result;
}

ScaledStep::Result ScaledStep::evalOp(Value value) {
  return llvm::TypeSwitch<Operation *, Result>(value.getDefiningOp())
      .Case([&](ReadOp read) { return evalRead(read); })
      .Case([&](UnaryOp unary) { return evalUnary(unary); })
      .Case([&](BinaryOp binary) { return evalBinary(binary); })
      .Case([&](SelectOp select) -> Result {
        Value chosen = condition(select.getCondition());
        Result a = eval(select.getOnTrue());
        Result b = eval(select.getOnFalse());
        if (!chosen || failed(a) || failed(b))
          return failure();
        return math.select(chosen, *a, *b);
      })
      .Case([&](ReduceOp reduce) -> Result {
        Result terms = eval(reduce.getOperand());
        if (failed(terms))
          return failure();
        bool isScaledBy = llvm::any_of(
            *terms, [](const Term &term) { return !term.scale.isZero(); });
        if (reduce.getFn() == ReduceKind::Prod && isScaledBy)
          return refuse("the step takes a product over scaled numbers");
        if (reduce.getFn() == ReduceKind::Prod)
          return Terms{
              {ops.reduce(ReduceKind::Prod, math.realise(math.collapse(*terms)),
                          reduce.getLabels().getValue()),
               {}}};
        return math.reduce(*terms, reduce);
      })
      .Default([&](Operation *op) -> Result {
        return refuse("the step passes a scaled state to " +
                      op->getName().getStringRef());
      });
}

/// An atom under the labels of a read.
Value ScaledStep::relabel(Value atom, const Relabelling &relabelling) {
  Value array;
  SmallVector<AffineExpr> exprs;
  MLIRContext *context = recurrence.getContext();
  auto type = cast<ValueType>(atom.getType());
  if (auto read = atom.getDefiningOp<ReadOp>()) {
    array = read.getSource();
    llvm::append_range(exprs, read.getMap().getResults());
  } else {
    array = ops.pack(atom);
    for (unsigned axis = 0; axis < type.getLabels().size(); ++axis)
      exprs.push_back(getAffineDimExpr(axis, context));
  }
  PackOp pack = relabelling.pack;
  ReadOp read = relabelling.read;
  SmallVector<AffineExpr> dims;
  for (StringAttr label : type.getLabels())
    for (auto [axis, packed] :
         llvm::enumerate(pack.getLabels().getAsRange<StringAttr>()))
      if (packed == label)
        dims.push_back(read.getMap().getResult(axis));
  for (AffineExpr &expr : exprs)
    expr = expr.replaceDims(dims);
  return ops.read(array, exprs, read.getType());
}

ScaledStep::Result ScaledStep::evalRead(ReadOp op) {
  if (auto get = op.getSource().getDefiningOp<GetOp>())
    return evalState(op,
                     cast<StateOp>(recurrence.lookupSymbol(get.getField())));
  std::optional<Relabelling> relabelling = Relabelling::match(op.getResult());
  if (!relabelling)
    return refuse("the step passes a scaled state to " +
                  op.getSource().getDefiningOp()->getName().getStringRef());
  Result terms = eval(PackOp(relabelling->pack).getValue());
  if (failed(terms))
    return failure();
  for (Term &term : *terms) {
    term.mantissa = relabelling->apply(ops.getBuilder(), term.mantissa);
    Scale scale;
    for (const Scale::Atom &atom : term.scale.getAtoms()) {
      Value renamed = relabel(atom.value, *relabelling);
      math.setFlooredLike(renamed, atom.value);
      scale.add(renamed, atom.coefficient);
    }
    term.scale = scale;
  }
  return terms;
}

/// The op on ordinary numbers.
ScaledStep::Result ScaledStep::rebuild(Operation *op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(plain(operand));
    if (!operands.back())
      return failure();
  }
  if (auto unary = dyn_cast<UnaryOp>(op))
    return Terms{{ops.unary(unary.getFn(), operands[0]), {}}};
  return Terms{
      {ops.binary(cast<BinaryOp>(op).getFn(), operands[0], operands[1]), {}}};
}

ScaledStep::Result ScaledStep::evalExp(UnaryOp op) {
  bool isReal = op.getType().getKind() == Kind::Real;
  if (!isReal || ranges.of(op.getOperand()).isWithin(ScaleMath::tame))
    return rebuild(op);
  Value exponent = plain(op.getOperand());
  if (!exponent)
    return failure();
  return Terms{{Value(), flatten(exponent)}};
}

ScaledStep::Result ScaledStep::evalUnary(UnaryOp op) {
  if (op.getFn() == UnaryKind::Exp)
    return evalExp(op);
  auto isLinear = [&] {
    return llvm::is_contained(
        {UnaryKind::Neg, UnaryKind::Re, UnaryKind::Im, UnaryKind::Conj},
        op.getFn());
  };
  auto isPower = [&] {
    return llvm::is_contained({UnaryKind::Abs, UnaryKind::Relu, UnaryKind::Sign,
                               UnaryKind::Sqrt, UnaryKind::Rsqrt,
                               UnaryKind::Log},
                              op.getFn());
  };
  if (!isLinear() && !isPower())
    return rebuild(op);
  Result terms = eval(op.getOperand());
  if (failed(terms))
    return failure();
  if (isLinear()) {
    for (Term &term : *terms)
      term.mantissa = ops.unary(op.getFn(), ops.orOne(term.mantissa));
    return terms;
  }
  Term term = math.collapse(*terms);
  term.mantissa = ops.unary(op.getFn(), ops.orOne(term.mantissa));
  Scale scale;
  switch (op.getFn()) {
  case UnaryKind::Log:
    // log(x exp(m)) = m + log(x): an ordinary number.
    term.mantissa = term.scale.isZero()
                        ? term.mantissa
                        : ops.add(math.sumOf(term.scale), term.mantissa);
    break;
  case UnaryKind::Sign:
    break;
  case UnaryKind::Sqrt:
    scale.add(term.scale, 0.5);
    break;
  case UnaryKind::Rsqrt:
    scale.add(term.scale, -0.5);
    break;
  default:
    scale = term.scale;
  }
  return Terms{{term.mantissa, scale}};
}

ScaledStep::Result ScaledStep::evalBinary(BinaryOp op) {
  switch (op.getFn()) {
  case BinaryKind::Add:
  case BinaryKind::Sub:
  case BinaryKind::Mul:
  case BinaryKind::Div:
  case BinaryKind::Max:
  case BinaryKind::Min:
    break;
  default:
    return rebuild(op);
  }
  Result a = eval(op.getLhs());
  Result b = eval(op.getRhs());
  if (failed(a) || failed(b))
    return failure();
  switch (op.getFn()) {
  case BinaryKind::Mul:
    return math.multiply(*a, *b);
  case BinaryKind::Div:
    return math.divide(*a, *b);
  case BinaryKind::Max:
  case BinaryKind::Min: {
    ScaleMath::Pair pair = math.align(*a, *b);
    return Terms{{ops.binary(op.getFn(), pair.a, pair.b), pair.scale}};
  }
  case BinaryKind::Sub:
    for (Term &term : *b)
      term.mantissa = ops.unary(UnaryKind::Neg, ops.orOne(term.mantissa));
    [[fallthrough]];
  default:
    math.add(*a, *b);
    return a;
  }
}

/// A bool: comparisons hold at any scale.
Value ScaledStep::condition(Value value) {
  if (!isScaled(value))
    return value;
  if (auto unary = value.getDefiningOp<UnaryOp>()) {
    Value x = condition(unary.getOperand());
    return x ? ops.unary(unary.getFn(), x) : Value();
  }
  auto binary = value.getDefiningOp<BinaryOp>();
  if (!binary) {
    (void)refuse("a condition on a scaled state is stored");
    return {};
  }
  if (isBool(binary.getLhs())) {
    Value x = condition(binary.getLhs());
    Value y = condition(binary.getRhs());
    return x && y ? ops.binary(binary.getFn(), x, y) : Value();
  }
  Result a = eval(binary.getLhs());
  Result b = eval(binary.getRhs());
  if (failed(a) || failed(b))
    return {};
  ScaleMath::Pair pair = math.align(*a, *b);
  return ops.binary(binary.getFn(), pair.a, pair.b);
}
