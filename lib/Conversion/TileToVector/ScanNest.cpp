//===- ScanNest.cpp - tile.scan -------------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"
#include "lib/Conversion/TileToVector/NestParts.h"

using namespace mlir;
using namespace lrc;

/// Vectors that a scan runs over: several, whose chains are independent, where
/// that wastes nothing.
static int64_t chooseScanWidth(tile::ScanOp op, int64_t size, int64_t lanes) {
  if (size < lanes)
    return llvm::PowerOf2Ceil(size);
  bool expensive = llvm::any_of(op.getBody().front(), [](Operation &inner) {
    return isExpensive(&inner);
  });
  for (int64_t width = expensive ? lanes : 4 * lanes; width > lanes; width /= 2)
    if (size % width == 0)
      return width;
  return lanes;
}

namespace {
class ScanNest {
public:
  ScanNest(RowContext &context, tile::ScanOp op, ArrayRef<RowResult> results)
      : context(context), op(op), results(results),
        emitter(context.frame, context.builder, context.loc) {}

  void emit();

private:
  void emitRows(ArrayRef<Subscript> at);

  RowContext &context;
  tile::ScanOp op;
  ArrayRef<RowResult> results;
  Emitter emitter;
};
} // namespace

/// All rows, for the lanes of one vector.
void ScanNest::emitRows(ArrayRef<Subscript> at) {
  bool isVector = llvm::any_of(
      at, [](const Subscript &subscript) { return subscript.isVector(); });
  SmallVector<Value> states;
  for (Value init : op.getInits()) {
    Value state = emitter.emit(init, at);
    emitter.innermost();
    states.push_back(isVector ? emitter.splat(state) : state);
  }
  int64_t count = shapeOf(op.getResult(0))[0];
  scf::ForOp loop = emitter.openLoop(0, count, 1, states);
  Subscript row;
  row.base = loop.getInductionVar();
  if (op.getBackwards()) {
    OpBuilder &builder = emitter.innermost();
    row.base = arith::SubIOp::create(builder, context.loc,
                                     emitter.constant(count - 1), row.base);
    emitter.setLevel(row.base);
  }
  emitter.setScanRow(row);
  for (auto [argument, state] :
       llvm::zip_equal(op.getStateArguments(), loop.getRegionIterArgs()))
    emitter.define(argument, at, state);
  SmallVector<Value> next;
  for (Value yielded : op.getYielded()) {
    Value value = emitter.emit(yielded, at);
    emitter.innermost();
    next.push_back(isVector ? emitter.splat(value) : value);
  }
  SmallVector<Subscript> place{row};
  llvm::append_range(place, at);
  for (auto [result, value] : llvm::zip_equal(results, next))
    finishRow(emitter, result, value, place);
  emitter.closeLoop(next);
}

void ScanNest::emit() {
  Value state = op.getInits().front();
  ArrayRef<int64_t> sizes = shapeOf(state);
  // As the results lie in memory.
  int64_t axis = consecutiveAxis(context.plan, op.getResult(0)) - 1;
  if (axis >= 0 && sizes[axis] == 1)
    axis = -1;
  SmallVector<Subscript> at(sizes.size());
  unsigned opened = 0;
  for (auto [index, size] : llvm::enumerate(sizes)) {
    if (int64_t(index) == axis)
      continue;
    at[index].base = emitter.openLoop(0, size, 1).getInductionVar();
    ++opened;
  }
  if (axis < 0) {
    emitter.setVector(1, {});
    emitRows(at);
  } else {
    int64_t lanes = context.target.lanes(elementOf(state));
    forEachVector(emitter, context.loc, sizes[axis],
                  chooseScanWidth(op, sizes[axis], lanes),
                  [&](const Subscript &vector) {
                    at[axis] = vector;
                    emitRows(at);
                  });
  }
  while (opened--)
    emitter.closeLoop();
}

void lrc::emitScan(RowContext &context, tile::ScanOp op,
                   ArrayRef<RowResult> results) {
  ScanNest(context, op, results).emit();
}
