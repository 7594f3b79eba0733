//===- DenseGroup.cpp - Chunks of one matrix for all steps ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/DsfToTile/DenseGroup.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

DenseGroup::DenseGroup(StepLowering &step, SetOp set, StateOp state,
                       const DenseUpdate &update)
    : step(step), update(update), context(state.getContext()),
      labels(labelsOf(set.getLabels())),
      shape(step.frame.shapeOf(state.getOperation())),
      start(step.old.at(state).re) {
  step.tiles.setLocation(set.getLoc());
}

//===----------------------------------------------------------------------===//
// Powers of the matrix
//===----------------------------------------------------------------------===//

LogicalResult DenseGroup::lowerMatrix() {
  if (failed(step.lowerValue(update.matrix)))
    return failure();
  auto type = cast<ValueType>(update.matrix.getType());
  SmallVector<StringAttr> names;
  SmallVector<int64_t> sizes;
  for (auto [axis, label] : llvm::enumerate(labels)) {
    if (int64_t(axis) != update.axis && type.getPosition(label) < 0)
      continue;
    matrixAxes.push_back(axis);
    names.push_back(label);
    sizes.push_back(shape[axis]);
  }
  names.push_back(update.column);
  sizes.push_back(shape[update.axis]);
  powers.push_back(
      step.place(update.matrix, /*uniform=*/true, names, sizes).re);
  return success();
}

/// Before the loop over time, once for a work item.
Value DenseGroup::square(Value matrix) {
  unsigned rank = cast<RankedTensorType>(matrix.getType()).getRank();
  unsigned row = llvm::find(matrixAxes, update.axis) - matrixAxes.begin();
  // [.., n, .., m], and k that is summed.
  SmallVector<AffineExpr> lhs, rhs;
  for (unsigned axis = 0; axis < rank; ++axis) {
    lhs.push_back(getAffineDimExpr(axis + 1 == rank ? rank : axis, context));
    rhs.push_back(getAffineDimExpr(axis == row ? rank : axis, context));
  }
  ArrayAttr maps = step.before.getAffineMapArrayAttr(
      {AffineMap::get(rank + 1, 0, lhs, context),
       AffineMap::get(rank + 1, 0, rhs, context),
       AffineMap::getMultiDimIdentityMap(rank + 1, context)
           .getMajorSubMap(rank)});
  return tile::ProductOp::create(step.before, step.tiles.getLocation(),
                                 matrix.getType(), matrix, matrix, Value(),
                                 maps, /*strictly_lower=*/false);
}

/// A^(2^level), as steps multiply with it.
Value DenseGroup::power(unsigned level) {
  while (powers.size() <= level)
    powers.push_back(square(powers.back()));
  return step.tiles.coerce({powers[level], nullptr, true}, false).re;
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// add + matrix * rows, for each row.
Value DenseGroup::multiply(Value rows, Value matrix, Value add) {
  // d0 = row, the axes of the state, and the columns.
  unsigned rank = shape.size() + 2;
  SmallVector<AffineExpr> read, write, entry;
  for (unsigned dim = 0; dim + 1 < rank; ++dim) {
    bool isMixed = int64_t(dim) == update.axis + 1;
    write.push_back(getAffineDimExpr(dim, context));
    read.push_back(getAffineDimExpr(isMixed ? rank - 1 : dim, context));
  }
  for (int64_t axis : matrixAxes)
    entry.push_back(getAffineDimExpr(axis + 1, context));
  entry.push_back(getAffineDimExpr(rank - 1, context));
  auto mapOf = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(rank, 0, exprs, context);
  };
  ArrayAttr maps = step.inside.getAffineMapArrayAttr(
      {mapOf(read), mapOf(entry), mapOf(write)});
  return tile::ProductOp::create(step.inside, step.tiles.getLocation(),
                                 rows.getType(), rows, matrix, add, maps,
                                 /*strictly_lower=*/false);
}

/// Rows `first`, first + 2, ..; the last row stands for one that is missing.
Value DenseGroup::everySecond(Value rows, int64_t first) {
  SmallVector<int64_t> sizes(cast<RankedTensorType>(rows.getType()).getShape());
  int64_t last = sizes[0] - 1;
  sizes[0] = (sizes[0] + 1) / 2;
  SmallVector<AffineExpr> exprs;
  for (size_t axis = 0; axis < sizes.size(); ++axis)
    exprs.push_back(getAffineDimExpr(axis, context));
  exprs[0] = exprs[0] * 2 + first;
  if (2 * (sizes[0] - 1) + first > last)
    exprs[0] = exprs[0] - exprs[0].floorDiv(last + 1);
  return step.tiles.access(
      rows, AffineMap::get(sizes.size(), 0, exprs, context), sizes);
}

/// The states after each of the rows of `rest`, when a row multiplies with
/// A^(2^level): pairs of rows are rows of the next level.
Value DenseGroup::runRows(Value rest, unsigned level) {
  auto type = cast<RankedTensorType>(rest.getType());
  Location loc = step.tiles.getLocation();
  if (type.getDimSize(0) == 1) {
    Value before = step.tiles.access(
        start,
        AffineMap::getMultiDimIdentityMap(type.getRank(), context)
            .getMinorSubMap(shape.size()),
        type.getShape());
    return multiply(before, power(level), rest);
  }
  Value even = everySecond(rest, 0);
  Value odd = everySecond(rest, 1);
  Value pairs = multiply(even, power(level), odd);
  Value afterOdd = runRows(pairs, level + 1);
  Value beforeEven = tile::PreviousOp::create(
      step.inside, loc, afterOdd.getType(), afterOdd, start);
  Value afterEven = multiply(beforeEven, power(level), even);
  SmallVector<int64_t> sizes(type.getShape());
  sizes[0] += sizes[0] % 2;
  Value all = tile::InterleaveOp::create(step.inside, loc, type.clone(sizes),
                                         ValueRange{afterEven, afterOdd},
                                         /*axis=*/0);
  return step.tiles.access(
      all, AffineMap::getMultiDimIdentityMap(type.getRank(), context),
      type.getShape());
}

Value DenseGroup::run() {
  if (failed(lowerMatrix()))
    return {};
  Value rest;
  if (update.rest) {
    if (failed(step.lowerValue(update.rest)))
      return {};
    rest = step.place(update.rest, false, labels, shape, /*withRows=*/true).re;
  } else {
    SmallVector<int64_t> sizes(shape);
    sizes.insert(sizes.begin(), step.rows);
    Value zero = step.tiles.coerce(step.tiles.constant(0), false).re;
    rest = step.tiles.access(zero, AffineMap::get(sizes.size(), 0, context),
                             sizes);
  }
  return runRows(rest, 0);
}
