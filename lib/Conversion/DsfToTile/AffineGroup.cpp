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

static ArrayRef<int64_t> shapeOf(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getShape();
}

static AffineMap mapTo(MLIRContext *context, unsigned dims,
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

/// The first axes of a tile of rank `rank`.
static AffineMap leadingAxes(Value tile, unsigned rank) {
  unsigned count = shapeOf(tile).size();
  return AffineMap::getMultiDimIdentityMap(rank, tile.getContext())
      .getMajorSubMap(count);
}

Value AffineGroup::scaleRows(Value tile, Value scale) {
  if (!scale)
    return tile;
  ArrayRef<int64_t> shape = ::shapeOf(tile);
  return multiply(
      tile, step.tiles.access(scale, leadingAxes(scale, shape.size()), shape));
}

SmallVector<int64_t> AffineGroup::shapeOf(const State &state,
                                          bool ofKeys) const {
  SmallVector<int64_t> shape;
  for (auto [axis, size] : llvm::enumerate(::shapeOf(state.start)))
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
  if (!::shapeOf(scale).empty())
    for (auto [axis, isKey] : llvm::enumerate(state.isKey))
      if (isKey == ofKeys)
        exprs.push_back(builder.getAffineDimExpr(axis));
  auto map = AffineMap::get(state.isKey.size(), 0, exprs, tile.getContext());
  return multiply(step.tiles.access(scale, map, ::shapeOf(tile)), tile);
}

//===----------------------------------------------------------------------===//
// Decays
//===----------------------------------------------------------------------===//

/// Products of the rows before each row (with `backwards`: after each row);
/// `whole` is the product of all.
Value AffineGroup::runProduct(Value rows, bool backwards, Value *whole) {
  SmallVector<int64_t> shape(::shapeOf(rows).drop_front());
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
// Coupled states
//===----------------------------------------------------------------------===//

/// [C, C + 1], 1 where the column is that of the row's own write.
Value AffineGroup::onePerRow() {
  Location loc = step.tiles.getLocation();
  OpBuilder &at = step.before;
  Type element = step.frame.compute;
  auto makeIota = [&](int64_t size) -> Value {
    return tile::IotaOp::create(at, loc, RankedTensorType::get(size, element),
                                /*lanes=*/false);
  };
  auto type = RankedTensorType::get({step.rows, step.rows + 1}, element);
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(
        at, loc, DenseElementsAttr::get(type, at.getFloatAttr(element, value)));
  };
  MLIRContext *context = at.getContext();
  Value row = step.tiles.access(makeIota(step.rows), mapTo(context, 2, {0}),
                                type.getShape());
  Value column = step.tiles.access(makeIota(step.rows + 1),
                                   mapTo(context, 2, {1}), type.getShape());
  Value next = arith::AddFOp::create(at, loc, row, constant(1));
  Value isOwn =
      arith::CmpFOp::create(at, loc, arith::CmpFPredicate::OEQ, next, column);
  return arith::SelectOp::create(at, loc, isOwn, constant(1), constant(0));
}

/// Runs the couplings over the rows: with the effects E_ab of unit writes,
/// E_ab' = sum_q w_aq E_qb + (a = b) * own write.
LogicalResult AffineGroup::couple() {
  size_t count = states.size();
  // w_aq of each row, for all columns; null is 0.
  std::vector<Value> weights(count * count);
  SmallVector<int64_t> shape{step.rows, step.rows + 1};
  Location loc = step.tiles.getLocation();
  for (auto [a, state] : llvm::enumerate(states)) {
    auto evolve = cast<EvolveOp>(groups.getDefinition(state.op));
    auto widen = [&](Value rows) {
      return step.tiles.access(rows, mapTo(rows.getContext(), 2, {0}), shape);
    };
    Value own = state.decay.rows;
    if (!own) {
      Value one = step.tiles.coerce(step.tiles.constant(1), false).re;
      weights[a * count + a] = step.tiles.access(
          one, AffineMap::get(2, 0, builder.getContext()), shape);
    } else {
      weights[a * count + a] = widen(own);
    }
    if (!evolve.getCoupled())
      continue;
    for (auto [name, value] :
         llvm::zip_equal(evolve.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                         evolve.getCouplings()))
      for (auto [q, other] : llvm::enumerate(states))
        if (other.op.getSymName() == name.getValue())
          weights[a * count + q] =
              widen(step.place(value, false, {}, {}, /*withRows=*/true).re);
  }
  auto rowType = RankedTensorType::get({step.rows + 1}, step.frame.compute);
  Value zeros = step.tiles.access(
      step.tiles.coerce(step.tiles.constant(0), false).re,
      AffineMap::get(1, 0, builder.getContext()), rowType.getShape());
  // Before the first row the start is worth 1 in its own state.
  Value iota = tile::IotaOp::create(step.before, loc, rowType, false);
  Value first = arith::CmpFOp::create(step.before, loc,
                                      arith::CmpFPredicate::OEQ, iota, zeros);
  Value ones = step.tiles.access(
      step.tiles.coerce(step.tiles.constant(1), false).re,
      AffineMap::get(1, 0, builder.getContext()), rowType.getShape());
  Value start = arith::SelectOp::create(step.before, loc, first, ones, zeros);
  SmallVector<Value> inits, rows{onePerRow()};
  for (size_t pair = 0; pair < count * count; ++pair)
    inits.push_back(pair / count == pair % count ? start : zeros);
  for (Value weight : weights)
    if (weight)
      rows.push_back(weight);
  SmallVector<Type> types(inits.size(),
                          RankedTensorType::get(shape, step.frame.compute));
  auto scan = tile::ScanOp::create(
      step.inside, loc, types, inits, rows, /*backwards=*/false,
      [&](OpBuilder &inner, Location loc, ValueRange arguments) {
        Value own = arguments[count * count];
        SmallVector<Value> rowWeights(count * count), next;
        unsigned used = count * count + 1;
        for (auto [index, weight] : llvm::enumerate(weights))
          if (weight)
            rowWeights[index] = arguments[used++];
        for (size_t a = 0; a < count; ++a)
          for (size_t b = 0; b < count; ++b) {
            Value sum = a == b ? own : Value();
            for (size_t q = 0; q < count; ++q) {
              if (!rowWeights[a * count + q])
                continue;
              Value part = arith::MulFOp::create(
                  inner, loc, rowWeights[a * count + q],
                  arguments[q * count + b], arith::FastMathFlags::contract);
              sum = sum ? arith::AddFOp::create(inner, loc, sum, part,
                                                arith::FastMathFlags::contract)
                              .getResult()
                        : part;
            }
            next.push_back(sum ? sum : arguments[a * count + b]);
          }
        tile::YieldOp::create(inner, loc, next);
      });
  for (auto [pair, result] : llvm::enumerate(scan.getResults())) {
    Value before = tile::PreviousOp::create(step.inside, loc, result.getType(),
                                            result, inits[pair]);
    auto last = AffineMap::get(1, 0,
                               {builder.getAffineConstantExpr(step.rows - 1),
                                builder.getAffineDimExpr(0)},
                               builder.getContext());
    couplings.push_back(
        {before, step.tiles.access(result, last, rowType.getShape())});
  }
  return success();
}

AffineGroup::Coupling &AffineGroup::couplingOf(const State &a, const State &b) {
  return couplings[(&a - states.data()) * states.size() + (&b - states.data())];
}

Value AffineGroup::columnOf(Value before) {
  auto map = AffineMap::get(
      1, 0, {builder.getAffineDimExpr(0), builder.getAffineConstantExpr(0)},
      builder.getContext());
  return step.tiles.access(before, map, {step.rows});
}

Value AffineGroup::columnsOf(Value before) {
  auto map = AffineMap::get(
      2, 0, {builder.getAffineDimExpr(0), builder.getAffineDimExpr(1) + 1},
      builder.getContext());
  return step.tiles.access(before, map, {step.rows, step.rows});
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

/// sum over keys of weight * S_old.
std::optional<AffineGroup::Contraction> AffineGroup::match(Value value) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getFn() != ReduceKind::Sum)
    return std::nullopt;
  auto findState = [&](Value operand) -> State * {
    auto read = operand.getDefiningOp<ReadOp>();
    auto get = read ? read.getSource().getDefiningOp<GetOp>() : GetOp();
    if (get && !get.getNext())
      for (State &state : states)
        if (state.op.getSymName() == get.getField())
          return &state;
    return nullptr;
  };
  Value read = reduce.getOperand();
  Value weight;
  State *state = findState(read);
  if (auto product = read.getDefiningOp<BinaryOp>();
      !state && product && product.getFn() == BinaryKind::Mul) {
    read = product.getRhs();
    weight = product.getLhs();
    if (!(state = findState(read)))
      std::swap(read, weight);
    state = findState(read);
  }
  if (!state)
    return std::nullopt;
  // The labels of the state's axes in this read.
  auto op = read.getDefiningOp<ReadOp>();
  SmallVector<StringAttr> labels;
  for (AffineExpr expr : op.getMap().getResults())
    labels.push_back(
        op.getType().getLabels()[cast<AffineDimExpr>(expr).getPosition()]);
  Contraction result{state, {}, {}};
  SmallVector<StringAttr> keys;
  for (auto [axis, label] : llvm::enumerate(labels))
    if (state->isKey[axis])
      keys.push_back(label);
  SmallVector<int64_t> shape = shapeOf(*state, true);
  if (!weight) {
    shape.insert(shape.begin(), step.rows);
    Value one = step.tiles.coerce(step.tiles.constant(1), false).re;
    result.weight = step.tiles.access(
        one, AffineMap::get(shape.size(), 0, value.getContext()), shape);
  } else {
    if (failed(step.lowerValue(weight)))
      return std::nullopt;
    result.weight = step.place(weight, false, keys, shape, true).re;
  }
  for (StringAttr label : reduce.getType().getLabels())
    result.resultAxes.push_back(llvm::find(labels, label) - labels.begin());
  return result;
}

Value AffineGroup::decayedProduct(const State &a, const State &b, Value weight,
                                  Value factor) {
  auto type = cast<RankedTensorType>(weight.getType());
  Value product = tile::DecayedProductOp::create(
      step.inside, step.tiles.getLocation(),
      RankedTensorType::get({step.rows, step.rows}, type.getElementType()),
      weight, factor, isCoupled() ? Value() : a.decay.rows,
      /*inclusive=*/false);
  if (isCoupled())
    product = multiply(product, columnsOf(couplingOf(a, b).before));
  return product;
}

/// init + matrix * write, where the matrix takes rows to rows.
Value AffineGroup::apply(const State &state, Value matrix, Value write,
                         Value init) {
  Location loc = step.tiles.getLocation();
  if (Value decay = state.valueDecay.rows) {
    if (::shapeOf(decay).size() < ::shapeOf(write).size())
      decay = step.tiles.access(
          decay, leadingAxes(decay, ::shapeOf(write).size()), ::shapeOf(write));
    return add(tile::DecayedApplyOp::create(step.inside, loc, write.getType(),
                                            matrix, write, decay),
               init);
  }
  // d0 = t, d1 = s, d2.. = values
  unsigned rank = ::shapeOf(write).size() + 1;
  SmallVector<unsigned> rhs{1}, out{0};
  for (unsigned dim = 2; dim < rank; ++dim) {
    rhs.push_back(dim);
    out.push_back(dim);
  }
  MLIRContext *context = write.getContext();
  ArrayAttr maps = builder.getAffineMapArrayAttr({mapTo(context, rank, {0, 1}),
                                                  mapTo(context, rank, rhs),
                                                  mapTo(context, rank, out)});
  return tile::ProductOp::create(step.inside, loc, write.getType(), matrix,
                                 write, init, maps, /*strictly_lower=*/true);
}

/// init + weight * S_0, with rows and the state's values.
Value AffineGroup::readState(const State &state, Value weight, Value init) {
  // d0 = t, then the axes of the state.
  unsigned rank = state.isKey.size() + 1;
  SmallVector<unsigned> lhs{0}, rhs, out{0};
  for (unsigned axis = 1; axis < rank; ++axis) {
    rhs.push_back(axis);
    (state.isKey[axis - 1] ? lhs : out).push_back(axis);
  }
  SmallVector<int64_t> shape = shapeOf(state, false);
  shape.insert(shape.begin(), step.rows);
  MLIRContext *context = weight.getContext();
  ArrayAttr maps = builder.getAffineMapArrayAttr({mapTo(context, rank, lhs),
                                                  mapTo(context, rank, rhs),
                                                  mapTo(context, rank, out)});
  auto type = RankedTensorType::get(shape, step.frame.compute);
  return tile::ProductOp::create(step.inside, step.tiles.getLocation(), type,
                                 weight, state.start, init, maps,
                                 /*strictly_lower=*/false);
}

/// What the states at the start of the chunk are worth in a contraction.
Value AffineGroup::readStart(const Contraction &contraction) {
  const State &state = *contraction.state;
  if (!isCoupled()) {
    Value weight = scaleRows(contraction.weight, state.decay.before);
    return scaleRows(readState(state, weight, {}), state.valueDecay.before);
  }
  Value result;
  for (const State &other : states)
    result = readState(other,
                       scaleRows(contraction.weight,
                                 columnOf(couplingOf(state, other).before)),
                       result);
  return result;
}

Value AffineGroup::contract(const Contraction &contraction, bool knownOnly) {
  const State &state = *contraction.state;
  Value result = readStart(contraction);
  for (const State &other : states) {
    if (&other != &state && !isCoupled())
      continue;
    for (const Write &write : other.writes) {
      if (knownOnly && write.pseudo)
        continue;
      Value matrix =
          decayedProduct(state, other, contraction.weight, write.factor);
      result = apply(other, matrix, write.write, result);
    }
  }
  return result;
}

bool AffineGroup::makeContraction(Value value) {
  std::optional<Contraction> contraction = match(value);
  if (!contraction)
    return false;
  const State &state = *contraction->state;
  step.tiles.setLocation(value.getLoc());
  Value rows = contract(*contraction, /*knownOnly=*/false);
  // From the state's order of axes to that of the result's labels.
  SmallVector<int64_t> valueAxes, shape{step.rows};
  for (auto [axis, isKey] : llvm::enumerate(state.isKey))
    if (!isKey)
      valueAxes.push_back(axis);
  SmallVector<AffineExpr> exprs{builder.getAffineDimExpr(0)};
  for (int64_t axis : valueAxes)
    exprs.push_back(builder.getAffineDimExpr(
        1 + (llvm::find(contraction->resultAxes, axis) -
             contraction->resultAxes.begin())));
  for (int64_t axis : contraction->resultAxes)
    shape.push_back(::shapeOf(state.start)[axis]);
  auto map = AffineMap::get(shape.size(), 0, exprs, value.getContext());
  step.values[value] = {step.tiles.access(rows, map, shape), nullptr, false};
  return true;
}

//===----------------------------------------------------------------------===//
// Pseudo-values
//===----------------------------------------------------------------------===//

/// Every N-th row of `tile`, from row `first`.
static Value everyRow(StepLowering &step, Value tile, int64_t count,
                      int64_t first) {
  SmallVector<int64_t> shape(shapeOf(tile));
  shape[0] /= count;
  MLIRContext *context = tile.getContext();
  SmallVector<AffineExpr> exprs;
  for (size_t axis = 0; axis < shape.size(); ++axis)
    exprs.push_back(getAffineDimExpr(axis, context));
  exprs[0] = exprs[0] * count + first;
  return step.tiles.access(
      tile, AffineMap::get(shape.size(), 0, exprs, context), shape);
}

static Value interleaveParts(StepLowering &step, ArrayRef<Value> parts,
                             int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  auto type = cast<RankedTensorType>(parts.front().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[axis] *= parts.size();
  return tile::InterleaveOp::create(step.inside, step.tiles.getLocation(),
                                    type.clone(shape), parts, axis);
}

/// Finds the pseudo-values X of all rows: with the contractions
/// R = B + M X, where B is what known writes decide, and X = delta + gamma R,
///
///   (I - gamma M) X = delta + gamma B
///
/// is unit lower triangular, since M is strictly lower.
LogicalResult AffineGroup::solve() {
  // Several states may be written with one value.
  using User = std::pair<State *, Write *>;
  llvm::MapVector<Value, SmallVector<User>> users;
  for (State &state : states)
    for (Write &write : state.writes)
      if (write.pseudo)
        users[write.source].push_back({&state, &write});
  if (users.empty())
    return success();
  SmallVector<User> unknowns;
  for (auto &[source, list] : users)
    unknowns.push_back(list.front());
  llvm::MapVector<Value, Contraction> contractions;
  llvm::DenseMap<Value, Value> known;
  for (auto [state, unknown] : unknowns)
    for (auto [value, coefficient] : unknown->pseudo->terms) {
      if (contractions.count(value))
        continue;
      std::optional<Contraction> contraction = match(value);
      if (!contraction)
        return failure();
      step.tiles.setLocation(value.getLoc());
      known[value] = contract(*contraction, /*knownOnly=*/true);
      contractions.insert({value, *contraction});
    }

  // A coefficient that differs along the values scales rows of the system;
  // there is one unknown and one contraction then, as dsf-linearize checks.
  Value scale;
  SmallVector<Value> sides;
  SmallVector<SmallVector<Value>> blocks(unknowns.size());
  for (auto [row, unknown] : llvm::enumerate(unknowns)) {
    const State &state = *unknown.first;
    const PseudoValue &pseudo = *unknown.second->pseudo;
    SmallVector<int64_t> valueShape = shapeOf(state, false);
    valueShape.insert(valueShape.begin(), step.rows);
    Value side =
        pseudo.offset ? placeParts(pseudo.offset, state, false) : Value();
    blocks[row].resize(unknowns.size());
    for (auto [value, coefficient] : pseudo.terms) {
      const Contraction &contraction = contractions.find(value)->second;
      Value rowScale;
      if (coefficient &&
          cast<ValueType>(coefficient.getType()).getLabels().empty())
        rowScale = step.place(coefficient, false, {}, {}, true).re;
      else if (coefficient)
        scale = placeParts(coefficient, state, false);
      Value part = scale ? multiply(known[value], scale)
                         : scaleRows(known[value], rowScale);
      side = add(side, part);
      for (auto [column, other] : llvm::enumerate(unknowns))
        for (auto [target, write] : users[other.second->source]) {
          if (target != contraction.state && !isCoupled())
            continue;
          Value matrix = decayedProduct(*contraction.state, *target,
                                        contraction.weight, write->factor);
          Value &block = blocks[row][column];
          block = add(block, scaleRows(matrix, rowScale));
        }
    }
    if (!side)
      return failure();
    sides.push_back(side);
  }
  Value zero = step.tiles.coerce(step.tiles.constant(0), false).re;
  SmallVector<Value> matrixRows;
  for (SmallVector<Value> &row : blocks) {
    for (Value &block : row)
      if (!block)
        block =
            step.tiles.access(zero, AffineMap::get(2, 0, builder.getContext()),
                              {step.rows, step.rows});
    matrixRows.push_back(interleaveParts(step, row, 1));
  }
  Value matrix = interleaveParts(step, matrixRows, 0);
  Value side = interleaveParts(step, sides, 0);
  Value all = tile::SolveOp::create(step.inside, step.tiles.getLocation(),
                                    side.getType(), matrix, side, scale);
  for (auto [row, unknown] : llvm::enumerate(unknowns)) {
    Value rows =
        unknowns.size() == 1 ? all : everyRow(step, all, unknowns.size(), row);
    for (auto [state, write] : users[unknown.second->source])
      write->write = rows;
    // What is read elsewhere in the step need not be computed again.
    SmallVector<StringAttr> labels;
    for (auto [axis, label] : llvm::enumerate(unknown.first->labels))
      if (!unknown.first->isKey[axis])
        labels.push_back(label);
    Value source = unknown.second->source;
    if (cast<ValueType>(source.getType()).getLabels() ==
        ArrayRef<StringAttr>(labels))
      step.values[source] = {rows, nullptr, false};
  }
  return success();
}

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
