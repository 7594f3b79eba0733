//===- FormNest.cpp - A tile in another layout ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/NestParts.h"
#include "lib/Conversion/TileToVector/RowNests.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lrc;

/// Transposes a square of as many vectors as they have lanes, in place: squares
/// of half the size are exchanged across the diagonal, then those in them.
static void transpose(OpBuilder &builder, Location loc,
                      MutableArrayRef<Value> rows) {
  int64_t width = rows.size();
  for (int64_t half = width / 2; half > 0; half /= 2)
    for (int64_t row = 0; row < width; ++row) {
      if (row & half)
        continue;
      SmallVector<int64_t> upper;
      SmallVector<int64_t> lower;
      // Lanes of the second operand count from `width`.
      for (int64_t lane = 0; lane < width; ++lane) {
        upper.push_back(lane & half ? width + lane - half : lane);
        lower.push_back(lane & half ? width + lane : lane + half);
      }
      Value a = rows[row];
      Value b = rows[row + half];
      rows[row] = vector::ShuffleOp::create(builder, loc, a, b, upper);
      rows[row + half] = vector::ShuffleOp::create(builder, loc, a, b, lower);
    }
}

namespace {
class FormNest {
public:
  FormNest(RowContext &context, Value tile, int64_t axis, const Storage &target,
           bool compute)
      : context(context), emitter(context.frame, context.builder, context.loc),
        tile(tile), axis(axis), target(target), compute(compute),
        at(shapeOf(tile).size()) {}

  /// The axis along which the tile is read.
  void emitBySquares(int64_t readAxis, int64_t width);
  void emitByGathers();

private:
  /// Opens loops over the axes but two.
  void open(int64_t first, int64_t second);
  void close() {
    while (opened--)
      emitter.closeLoop();
  }
  Value valueAt(ArrayRef<Subscript> place) {
    Value value =
        compute ? emitter.compute(tile, place) : emitter.emit(tile, place);
    emitter.innermost();
    return emitter.splat(value);
  }

  RowContext &context;
  Emitter emitter;
  Value tile;
  int64_t axis;
  Storage target;
  bool compute;
  SmallVector<Subscript> at;
  unsigned opened = 0;
};
} // namespace

void FormNest::open(int64_t first, int64_t second) {
  for (auto [index, size] : llvm::enumerate(shapeOf(tile))) {
    if (int64_t(index) == first || int64_t(index) == second)
      continue;
    at[index].base = emitter.openLoop(0, size, 1).getInductionVar();
    ++opened;
  }
}

void FormNest::emitBySquares(int64_t readAxis, int64_t width) {
  open(axis, readAxis);
  emitter.setVector(width, {});
  ArrayRef<int64_t> sizes = shapeOf(tile);
  Subscript row, column;
  row.base = emitter.openLoop(0, sizes[axis], width).getInductionVar();
  column.base = emitter.openLoop(0, sizes[readAxis], width).getInductionVar();
  opened += 2;
  SmallVector<Value> rows;
  at[readAxis] = {column.base, true, {}};
  for (int64_t i = 0; i < width; ++i) {
    at[axis] = emitter.offset(row, i);
    rows.push_back(valueAt(at));
  }
  transpose(emitter.innermost(), context.loc, rows);
  at[axis] = {row.base, true, {}};
  for (int64_t i = 0; i < width; ++i) {
    at[readAxis] = emitter.offset(column, i);
    emitter.store(rows[i], target, at);
  }
  close();
}

void FormNest::emitByGathers() {
  open(axis, axis);
  int64_t size = shapeOf(tile)[axis];
  int64_t width = std::min<int64_t>(context.target.lanes(elementOf(tile)),
                                    llvm::PowerOf2Ceil(size));
  forEachVector(emitter, context.loc, size, width, [&](const Subscript &lanes) {
    at[axis] = lanes;
    emitter.store(valueAt(at), target, at);
  });
  close();
}

bool lrc::emitComputedForm(RowContext &context, Value tile, int64_t axis,
                           const Storage &target) {
  int64_t readAxis = consecutiveAxis(context.plan, tile);
  int64_t width = context.target.lanes(elementOf(tile));
  ArrayRef<int64_t> sizes = shapeOf(tile);
  if (readAxis < 0 || readAxis == axis || sizes[axis] % width != 0 ||
      sizes[readAxis] % width != 0)
    return false;
  FormNest(context, tile, axis, target, true).emitBySquares(readAxis, width);
  return true;
}

void lrc::emitForm(RowContext &context, Value tile, int64_t axis,
                   const Storage &target) {
  int64_t readAxis = consecutiveAxis(context.plan, tile);
  int64_t width = context.target.lanes(elementOf(tile));
  ArrayRef<int64_t> sizes = shapeOf(tile);
  FormNest nest(context, tile, axis, target, false);
  if (readAxis >= 0 && readAxis != axis && sizes[axis] % width == 0 &&
      sizes[readAxis] % width == 0)
    nest.emitBySquares(readAxis, width);
  else
    nest.emitByGathers();
}
