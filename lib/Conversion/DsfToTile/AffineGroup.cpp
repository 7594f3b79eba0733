//===- AffineGroup.cpp - Chunks of diagonal plus low rank -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/AffineGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

AffineMap lrc::mapTo(MLIRContext *context, unsigned dims,
                     ArrayRef<unsigned> results) {
  SmallVector<AffineExpr> exprs;
  for (unsigned dim : results)
    exprs.push_back(getAffineDimExpr(dim, context));
  return AffineMap::get(dims, 0, exprs, context);
}

//===----------------------------------------------------------------------===//
// Arithmetic on tiles; a null tile is 1 in products and 0 in sums
//===----------------------------------------------------------------------===//

Value AffineGroup::multiply(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::MulFOp::create(step.tiles.at({a, b}), step.tiles.getLocation(),
                               a, b, arith::FastMathFlags::contract);
}

Value AffineGroup::add(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::AddFOp::create(step.tiles.at({a, b}), step.tiles.getLocation(),
                               a, b, arith::FastMathFlags::contract);
}

AffineMap lrc::leadingAxes(Value tile, unsigned rank) {
  unsigned count = sizesOf(tile).size();
  return AffineMap::getMultiDimIdentityMap(rank, tile.getContext())
      .getMajorSubMap(count);
}

Value AffineGroup::scaleRows(Value tile, Value scale) {
  if (!scale)
    return tile;
  ArrayRef<int64_t> shape = sizesOf(tile);
  return multiply(
      tile, step.tiles.access(scale, leadingAxes(scale, shape.size()), shape));
}

SmallVector<int64_t> AffineGroup::shapeOf(const State &state,
                                          bool ofKeys) const {
  SmallVector<int64_t> shape;
  for (auto [axis, size] : llvm::enumerate(sizesOf(state.start)))
    if (state.isKey[axis] == ofKeys)
      shape.push_back(size);
  return shape;
}

/// `tile` of the state's shape, times `scale`, which has its keys, its other
/// axes, or none.
Value AffineGroup::scaleState(const State &state, Value scale, bool ofKeys,
                              Value tile) {
  if (!scale)
    return tile;
  SmallVector<AffineExpr> exprs;
  if (!sizesOf(scale).empty())
    for (auto [axis, isKey] : llvm::enumerate(state.isKey))
      if (isKey == ofKeys)
        exprs.push_back(builder.getAffineDimExpr(axis));
  auto map = AffineMap::get(state.isKey.size(), 0, exprs, tile.getContext());
  return multiply(step.tiles.access(scale, map, sizesOf(tile)), tile);
}

//===----------------------------------------------------------------------===//
// Decays
//===----------------------------------------------------------------------===//

/// Products of the rows before each row (with `backwards`: after each row);
/// `whole` is the product of all.
Value AffineGroup::runProduct(Value rows, bool backwards, Value *whole) {
  SmallVector<int64_t> shape(sizesOf(rows).drop_front());
  Location loc = step.tiles.getLocation();
  Type element = cast<RankedTensorType>(rows.getType()).getElementType();
  auto rowType = RankedTensorType::get(shape, element);
  Value one = arith::ConstantOp::create(
      step.before, loc,
      DenseElementsAttr::get(rowType, builder.getFloatAttr(element, 1)));
  SmallVector<Type> types(2, rows.getType());
  auto scan = tile::ScanOp::create(
      step.inside, loc, types, ValueRange{one, one}, rows, backwards,
      [](OpBuilder &inner, Location loc, ValueRange arguments) {
        Value product =
            arith::MulFOp::create(inner, loc, arguments[0], arguments[2]);
        tile::YieldOp::create(inner, loc, ValueRange{product, arguments[0]});
      });
  if (whole) {
    SmallVector<AffineExpr> exprs{
        builder.getAffineConstantExpr(backwards ? 0 : step.rows - 1)};
    for (size_t axis = 0; axis < shape.size(); ++axis)
      exprs.push_back(builder.getAffineDimExpr(axis));
    *whole = step.tiles.access(
        scan.getResult(0),
        AffineMap::get(shape.size(), 0, exprs, rows.getContext()), shape);
  }
  return scan.getResult(1);
}

AffineGroup::Decay AffineGroup::makeDecay(Value rows) {
  Decay decay;
  decay.rows = rows;
  if (!rows)
    return decay;
  decay.before = runProduct(rows, /*backwards=*/false, &decay.whole);
  decay.after = runProduct(rows, /*backwards=*/true, nullptr);
  return decay;
}

//===----------------------------------------------------------------------===//
// States
//===----------------------------------------------------------------------===//

/// A factor or write of the state with rows and all keys, or all other axes.
Value AffineGroup::placeParts(Value value, const State &state, bool ofKeys) {
  SmallVector<StringAttr> labels;
  for (auto [axis, label] : llvm::enumerate(state.labels))
    if (state.isKey[axis] == ofKeys)
      labels.push_back(label);
  return step
      .place(value, false, labels, shapeOf(state, ofKeys), /*withRows=*/true)
      .re;
}

/// All that does not wait for contractions.
LogicalResult AffineGroup::lowerOperands(EvolveOp evolve) {
  for (Value operand : evolve->getOperands())
    if (!groups.dependsOn(operand, group) && failed(step.lowerValue(operand)))
      return failure();
  return success();
}

LogicalResult AffineGroup::addState(StateOp op) {
  auto evolve = cast<EvolveOp>(groups.getDefinition(op));
  if (failed(lowerOperands(evolve)))
    return failure();
  step.tiles.setLocation(evolve.getLoc());
  State &state = states.emplace_back();
  state.op = op;
  state.start = step.old[op].re;
  // What the state is before each row is never there.
  step.old.erase(op);
  state.labels = labelsOf(evolve.getLabels());
  for (StringAttr label : state.labels)
    state.isKey.push_back(
        llvm::is_contained(evolve.getKeys(), Attribute(label)));
  auto decayOf = [&](Value value, bool ofKeys) -> Value {
    if (!value)
      return {};
    if (cast<ValueType>(value.getType()).getLabels().empty())
      return step.place(value, false, {}, {}, /*withRows=*/true).re;
    return placeParts(value, state, ofKeys);
  };
  bool isCoupled = llvm::any_of(group, [&](StateOp other) {
    return cast<EvolveOp>(groups.getDefinition(other)).getCoupled();
  });
  state.decay.rows = decayOf(evolve.getDecay(), true);
  if (!isCoupled)
    state.decay = makeDecay(state.decay.rows);
  state.valueDecay = makeDecay(decayOf(evolve.getValueDecay(), false));
  for (auto [factor, write] :
       llvm::zip_equal(evolve.getFactors(), evolve.getWrites())) {
    Write &entry = state.writes.emplace_back();
    entry.factor = placeParts(factor, state, true);
    entry.source = write;
    if (!groups.dependsOn(write, group)) {
      entry.write = placeParts(write, state, false);
      continue;
    }
    builder.setInsertionPoint(evolve);
    entry.pseudo = expandPseudoValue(builder, write, groups, group);
    assert(entry.pseudo && "dsf-linearize checks that writes are affine");
    SmallVector<Value> coefficients{entry.pseudo->offset};
    for (auto [contraction, coefficient] : entry.pseudo->terms)
      coefficients.push_back(coefficient);
    for (Value value : coefficients)
      if (value && failed(step.lowerValue(value)))
        return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The group
//===----------------------------------------------------------------------===//

LogicalResult AffineGroup::run() {
  states.reserve(group.size());
  for (StateOp op : group)
    if (failed(addState(op)))
      return failure();
  bool coupled = llvm::any_of(group, [&](StateOp op) {
    return cast<EvolveOp>(groups.getDefinition(op)).getCoupled();
  });
  if (coupled && failed(couple()))
    return failure();
  return solve();
}

/// next + sum_p (factor_p * effect at the end)^T X_p
Value AffineGroup::addWrites(const State &state, const Coupling *coupling,
                             Value next) {
  // d0 = s, then the axes of the state.
  unsigned rank = state.isKey.size() + 1;
  SmallVector<unsigned> lhs{0}, rhs{0}, out;
  for (unsigned axis = 1; axis < rank; ++axis) {
    out.push_back(axis);
    (state.isKey[axis - 1] ? lhs : rhs).push_back(axis);
  }
  MLIRContext *context = state.start.getContext();
  ArrayAttr maps = builder.getAffineMapArrayAttr({mapTo(context, rank, lhs),
                                                  mapTo(context, rank, rhs),
                                                  mapTo(context, rank, out)});
  Value effect = state.decay.after;
  if (coupling)
    effect = step.tiles.access(
        coupling->end, AffineMap::get(1, 0, builder.getAffineDimExpr(0) + 1),
        {step.rows});
  for (const Write &write : state.writes)
    next = tile::ProductOp::create(
        step.inside, step.tiles.getLocation(), state.start.getType(),
        scaleRows(write.factor, effect),
        scaleRows(write.write, state.valueDecay.after), next, maps,
        /*strictly_lower=*/false);
  return next;
}

/// S_C = decay of the chunk * S_0 + sum_p (factor_p * decay to the end)^T X_p,
/// or the same over all states that are coupled with this one.
Value AffineGroup::nextOf(const State &state) {
  if (!isCoupled()) {
    Value next = scaleState(state, state.decay.whole, true, state.start);
    next = scaleState(state, state.valueDecay.whole, false, next);
    return addWrites(state, nullptr, next);
  }
  Value next;
  for (const State &other : states) {
    auto first = AffineMap::get(0, 0, builder.getAffineConstantExpr(0));
    Value effect = step.tiles.access(couplingOf(state, other).end, first, {});
    next = add(next, scaleState(other, effect, true, other.start));
  }
  for (const State &other : states)
    next = addWrites(other, &couplingOf(state, other), next);
  return next;
}

void AffineGroup::defineNext() {
  for (State &state : states) {
    step.tiles.setLocation(state.op.getLoc());
    step.next[state.op] = {nextOf(state), nullptr, false};
  }
}
