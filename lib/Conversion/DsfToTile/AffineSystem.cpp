//===- AffineSystem.cpp - Contractions and pseudo-values of a chunk ------===//
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
    if (sizesOf(decay).size() < sizesOf(write).size())
      decay = step.tiles.access(
          decay, leadingAxes(decay, sizesOf(write).size()), sizesOf(write));
    return add(tile::DecayedApplyOp::create(step.inside, loc, write.getType(),
                                            matrix, write, decay),
               init);
  }
  // d0 = t, d1 = s, d2.. = values
  unsigned rank = sizesOf(write).size() + 1;
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
    shape.push_back(sizesOf(state.start)[axis]);
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
  SmallVector<int64_t> shape(sizesOf(tile));
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
