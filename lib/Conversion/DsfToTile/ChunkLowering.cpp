//===- ChunkLowering.cpp - Many steps at once -----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/ChunkLowering.h"

#include "lib/Analysis/Pointwise.h"
#include "lib/Conversion/DsfToTile/AffineGroup.h"
#include "lib/Conversion/DsfToTile/DenseGroup.h"
#include "lib/Conversion/DsfToTile/Pointwise.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

ChunkLowering::ChunkLowering(StepLowering &step)
    : step(step), form(step.frame.recurrence.getPhase<FormOp>()),
      groups(step.frame.recurrence, form.getBody().front()) {}

ChunkLowering::~ChunkLowering() = default;

/// The last row of a tile.
static Value lastRow(StepLowering &step, Value rows) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(rows.getType()).getShape();
  MLIRContext *context = rows.getContext();
  SmallVector<AffineExpr> exprs{getAffineConstantExpr(shape[0] - 1, context)};
  for (size_t axis = 0; axis + 1 < shape.size(); ++axis)
    exprs.push_back(getAffineDimExpr(axis, context));
  return step.tiles.access(rows,
                           AffineMap::get(shape.size() - 1, 0, exprs, context),
                           shape.drop_front());
}

/// Says what a state is before and after each row: `rows` are after.
void ChunkLowering::setRows(StateOp state, TileValue rows) {
  TileValue start = step.old[state];
  Location loc = state.getLoc();
  step.tiles.setLocation(loc);
  auto before = [&](Value after, Value first) -> Value {
    return tile::PreviousOp::create(step.inside, loc, after.getType(), after,
                                    first);
  };
  step.old[state] = {before(rows.re, start.re),
                     rows.im ? before(rows.im, start.im) : Value(), false};
  step.next[state] = {lastRow(step, rows.re),
                      rows.im ? lastRow(step, rows.im) : Value(), false};
  // The expression that defines the state has these rows too.
  auto set = cast<SetOp>(groups.getDefinition(state));
  auto type = set.getValue().getType();
  if (type.getLabels().size() != set.getLabels().size() ||
      step.values.contains(set.getValue()))
    return;
  SmallVector<StringAttr> labels = labelsOf(set.getLabels());
  SmallVector<AffineExpr> exprs{step.inside.getAffineDimExpr(0)};
  for (StringAttr label : labels)
    exprs.push_back(step.inside.getAffineDimExpr(1 + type.getPosition(label)));
  auto map = AffineMap::get(exprs.size(), 0, exprs, state.getContext());
  SmallVector<int64_t> shape = step.frame.shapeOf(set.getValue());
  shape.insert(shape.begin(), step.rows);
  rows.re = step.tiles.access(rows.re, map, shape);
  if (rows.im)
    rows.im = step.tiles.access(rows.im, map, shape);
  step.values[set.getValue()] = rows;
}

//===----------------------------------------------------------------------===//
// Shift registers
//===----------------------------------------------------------------------===//

LogicalResult ChunkLowering::runShift(const StateGroups::Group &group) {
  StateOp state = group.front();
  auto set = cast<SetOp>(groups.getDefinition(state));
  auto shift = cast<ShiftOp>(
      set.getValue().getDefiningOp<ReadOp>().getSource().getDefiningOp());
  if (failed(step.lowerValue(shift.getValue())))
    return failure();
  TileValue past = step.old[state];
  TileValue rows = step.tiles.coerce(step.valueOf(shift.getValue()), false);
  auto window = [&](Value history, Value row) -> Value {
    auto historyType = cast<RankedTensorType>(history.getType());
    SmallVector<int64_t> shape(historyType.getShape());
    shape.insert(shape.begin(), step.rows);
    return tile::WindowOp::create(step.inside, state.getLoc(),
                                  historyType.clone(shape), history, row);
  };
  TileValue windows{window(past.re, rows.re), nullptr, false};
  if (past.im)
    windows.im = window(past.im, rows.im ? rows.im
                                         : step.tiles.constantLike(rows.re, 0));
  step.values[shift.getResult()] = windows;
  setRows(state, windows);
  return success();
}

//===----------------------------------------------------------------------===//
// Pointwise states
//===----------------------------------------------------------------------===//

namespace {
/// The body of a scan: the next states of a group at one row. All of its tiles
/// have the shape of the states.
class PointwiseBody {
public:
  PointwiseBody(StepLowering &step, const StateGroups &groups,
                const StateGroups::Group &group)
      : step(step), groups(groups), group(group) {}

  LogicalResult findOperands();
  tile::ScanOp run();

private:
  bool isOperand(Value value) const;
  TileValue lower(Value value, TileBuilder &tiles);
  SmallVector<TileValue> lowerOperands(Operation *op, TileBuilder &tiles);

  StepLowering &step;
  const StateGroups &groups;
  const StateGroups::Group &group;
  /// What does not depend on the states, with the shape of the states and, if
  /// it varies, with rows.
  llvm::MapVector<Value, TileValue> operands;
  llvm::DenseMap<Value, TileValue> values;
  llvm::DenseMap<Operation *, TileValue> states;
};
} // namespace

static SetOp definitionOf(const StateGroups &groups, StateOp state) {
  return cast<SetOp>(groups.getDefinition(state));
}

/// Conditions have no form in memory and are computed again, row by row.
bool PointwiseBody::isOperand(Value value) const {
  auto type = dyn_cast<ValueType>(value.getType());
  return type && type.getKind() != Kind::Bool &&
         !groups.dependsOn(value, group);
}

LogicalResult PointwiseBody::findOperands() {
  llvm::DenseSet<Value> visited;
  for (StateOp state : group) {
    SetOp set = definitionOf(groups, state);
    SmallVector<Value> worklist{set.getValue()};
    while (!worklist.empty()) {
      Value value = worklist.pop_back_val();
      if (!visited.insert(value).second)
        continue;
      if (!isOperand(value)) {
        llvm::append_range(worklist, value.getDefiningOp()->getOperands());
        continue;
      }
      if (failed(step.lowerValue(value)))
        return failure();
      operands[value] = step.place(value, step.values.at(value).uniform,
                                   labelsOf(set.getLabels()),
                                   step.frame.shapeOf(state.getOperation()));
    }
  }
  return success();
}

SmallVector<TileValue> PointwiseBody::lowerOperands(Operation *op,
                                                    TileBuilder &tiles) {
  SmallVector<TileValue> result;
  for (Value operand : op->getOperands())
    result.push_back(lower(operand, tiles));
  return result;
}

TileValue PointwiseBody::lower(Value value, TileBuilder &tiles) {
  auto known = values.find(value);
  if (known != values.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  TileValue result;
  if (auto read = dyn_cast<ReadOp>(op)) {
    Operation *source = read.getSource().getDefiningOp();
    if (auto get = dyn_cast<GetOp>(source))
      result =
          states.lookup(step.frame.recurrence.lookupSymbol(get.getField()));
    else
      result = lower(cast<PackOp>(source).getValue(), tiles);
    return values[value] = result;
  }
  SmallVector<TileValue> x = lowerOperands(op, tiles);
  tiles.setLocation(op->getLoc());
  if (auto unary = dyn_cast<UnaryOp>(op))
    result = emitUnary(tiles, unary.getFn(), x[0]);
  else if (auto binary = dyn_cast<BinaryOp>(op))
    result = emitBinary(tiles, binary.getFn(), x[0], x[1]);
  else
    result = emitSelect(tiles, x[0], x[1], x[2]);
  return values[value] = result;
}

/// Puts the parts of a value into the lists of a scan's operands.
static void addParts(TileValue value, SmallVectorImpl<Value> &parts) {
  parts.push_back(value.re);
  if (value.im)
    parts.push_back(value.im);
}

tile::ScanOp PointwiseBody::run() {
  SmallVector<Value> inits, rows;
  SmallVector<Type> types;
  for (StateOp state : group)
    addParts(step.old.at(state), inits);
  size_t rank = cast<RankedTensorType>(inits.front().getType()).getRank();
  for (Value init : inits) {
    auto type = cast<RankedTensorType>(init.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.insert(shape.begin(), step.rows);
    types.push_back(type.clone(shape));
  }
  auto varies = [&](TileValue value) {
    return size_t(cast<RankedTensorType>(value.re.getType()).getRank()) > rank;
  };
  for (auto &[value, tile] : operands)
    if (varies(tile))
      addParts(tile, rows);
  Location loc = group.front()->getLoc();
  auto scan = tile::ScanOp::create(step.inside, loc, types, inits, rows);
  OpBuilder before(scan);
  auto inside = OpBuilder::atBlockEnd(&scan.getBody().front());
  TileBuilder tiles(before, inside, step.frame.compute);
  tiles.setLocation(loc);
  auto arguments = scan.getBody().front().getArguments();
  unsigned next = 0;
  auto take = [&](TileValue outside) {
    TileValue value{arguments[next++], nullptr, outside.uniform};
    if (outside.im)
      value.im = arguments[next++];
    return value;
  };
  for (StateOp state : group)
    states[state] = take(step.old.at(state));
  for (auto &[value, tile] : operands)
    values[value] = varies(tile) ? take(tile) : tile;
  SmallVector<Value> yields;
  for (StateOp state : group) {
    TileValue value = tiles.coerce(
        lower(definitionOf(groups, state).getValue(), tiles), false);
    if (step.old.at(state).im && !value.im)
      value.im = tiles.constantLike(value.re, 0);
    addParts(value, yields);
  }
  tile::YieldOp::create(inside, loc, yields);
  return scan;
}

LogicalResult ChunkLowering::runPointwise(const StateGroups::Group &group) {
  PointwiseBody body(step, groups, group);
  if (failed(body.findOperands()))
    return failure();
  tile::ScanOp scan = body.run();
  unsigned result = 0;
  for (StateOp state : group) {
    TileValue after{scan.getResult(result++), nullptr, false};
    if (step.old.at(state).im)
      after.im = scan.getResult(result++);
    setRows(state, after);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// The chunk
//===----------------------------------------------------------------------===//

LogicalResult ChunkLowering::runDense(const StateGroups::Group &group) {
  StateOp state = group.front();
  std::optional<DenseUpdate> update = matchDense(groups, group);
  assert(update && "dsf-linearize checks that groups are of a known kind");
  Value rows =
      DenseGroup(step, definitionOf(groups, state), state, *update).run();
  if (!rows)
    return failure();
  setRows(state, {rows, nullptr, false});
  return success();
}

LogicalResult ChunkLowering::runAffine(const StateGroups::Group &group) {
  affine.push_back(std::make_unique<AffineGroup>(step, groups, group));
  return affine.back()->run();
}

LogicalResult ChunkLowering::run() {
  step.makeValue = [&](Value value) {
    return llvm::any_of(affine, [&](std::unique_ptr<AffineGroup> &group) {
      return group->makeContraction(value);
    });
  };
  for (const StateGroups::Group &group : groups.getGroups()) {
    bool evolves = isa<EvolveOp>(groups.getDefinition(group.front()));
    LogicalResult done = evolves                      ? runAffine(group)
                         : isShift(groups, group)     ? runShift(group)
                         : isPointwise(groups, group) ? runPointwise(group)
                                                      : runDense(group);
    if (failed(done))
      return failure();
  }
  for (SetOp set : form.getBody().getOps<SetOp>()) {
    if (!isa<OutOp>(step.frame.recurrence.lookupSymbol(set.getField())))
      continue;
    if (failed(step.lowerValue(set.getValue())) || failed(step.lower(set)))
      return failure();
  }
  for (std::unique_ptr<AffineGroup> &group : affine)
    group->defineNext();
  return success();
}
