//===- SolveNest.cpp - Row by row: tile.solve, tile.decayed_apply ---------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both take a block of rows at a time: what earlier blocks contribute comes
// from a loop over their rows, what rows of the block contribute to each other
// from registers.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"
#include "lib/Conversion/TileToVector/NestParts.h"

using namespace mlir;
using namespace lrc;

namespace {
/// Loops over blocks of rows of a result [C, J...] and vectors along J.
class TriangleNest {
public:
  TriangleNest(RowContext &context, Value tile, Value matrix,
               const RowResult &result)
      : context(context), loc(context.loc),
        emitter(context.frame, context.builder, context.loc), tile(tile),
        result(result), matrix(viewOf(context, emitter, matrix)) {
    axis = consecutiveAxis(context.plan, tile);
    if (axis == 0)
      axis = -1;
  }
  virtual ~TriangleNest() = default;

  void emit();

protected:
  /// Computes all rows of a block, which starts at row at[0].
  virtual void emitBlock(const RegisterBlock &block) = 0;

  /// The block's columns of the matrix up to its first row, or one entry.
  Factor matrixFactor();
  Value matrixAt(const RegisterBlock &block, int64_t row, int64_t column);
  /// Rows of a tile like the result from the first on, or from the block's.
  Factor rowsFactor(Value pointer, Type element, ArrayRef<int64_t> strides,
                    bool fromBlock);
  SmallVector<Subscript> placeOf(const RegisterBlock &block, int64_t row,
                                 int64_t vector);
  void setVector(const RegisterBlock &block, int64_t vector) {
    emitter.setVector(axis < 0 ? 1 : block.width, block.maskOf(vector));
  }
  /// A vector of one lane as the scalar it stands for, where there are none.
  Value toPlace(Value vector);

  RowContext &context;
  Location loc;
  Emitter emitter;
  Value tile;
  const RowResult &result;
  View matrix;
  int64_t axis;
  SmallVector<Subscript> at;
};
} // namespace

void TriangleNest::emit() {
  ArrayRef<int64_t> sizes = shapeOf(tile);
  at.resize(sizes.size());
  unsigned opened = 0;
  for (int64_t other = 1; other < int64_t(sizes.size()); ++other)
    if (other != axis) {
      at[other].base = emitter.openLoop(0, sizes[other], 1).getInductionVar();
      ++opened;
    }
  int64_t count = axis < 0 ? 1 : sizes[axis];
  int64_t width = std::min<int64_t>(context.target.lanes(elementOf(tile)),
                                    llvm::PowerOf2Ceil(count));
  RegisterBlock block = chooseBlock(context.target, sizes[0],
                                    llvm::divideCeil(count, width), width);
  forEachPanel(emitter, loc, count, block,
               [&](Value first, RegisterBlock part) {
                 if (axis >= 0)
                   at[axis] = {first, true, {}};
                 forEachBlock(emitter, sizes[0], block.rows,
                              [&](Value row, int64_t rows) {
                                at[0].base = row;
                                part.rows = rows;
                                emitBlock(part);
                              });
               });
  while (opened--)
    emitter.closeLoop();
}

Factor TriangleNest::matrixFactor() {
  Factor factor{matrix.pointer,
                matrix.element,
                matrix.strides[0],
                0,
                {matrix.strides[1]}};
  factor.pointer = advance(emitter, loc, factor.pointer, factor.element,
                           at[0].base, matrix.strides[0]);
  return factor;
}

Value TriangleNest::matrixAt(const RegisterBlock &block, int64_t row,
                             int64_t column) {
  Factor factor = matrixFactor();
  Value pointer = advance(emitter, loc, factor.pointer, factor.element,
                          at[0].base, matrix.strides[1]);
  pointer = advance(emitter, loc, pointer, factor.element,
                    row * matrix.strides[0] + column * matrix.strides[1]);
  return loadSplat(emitter, loc, pointer, factor.element, block.width);
}

Factor TriangleNest::rowsFactor(Value pointer, Type element,
                                ArrayRef<int64_t> strides, bool fromBlock) {
  Factor factor{pointer,
                element,
                fromBlock ? strides[0] : 0,
                axis < 0 ? 0 : strides[axis],
                {strides[0]}};
  for (auto [index, subscript] : llvm::enumerate(at))
    if (index > 0 || fromBlock)
      factor.pointer = advance(emitter, loc, factor.pointer, element,
                               subscript.base, strides[index]);
  return factor;
}

SmallVector<Subscript> TriangleNest::placeOf(const RegisterBlock &block,
                                             int64_t row, int64_t vector) {
  SmallVector<Subscript> place = at;
  place[0] = emitter.offset(at[0], row);
  if (axis >= 0)
    place[axis] = emitter.offset(at[axis], vector * block.width);
  return place;
}

Value TriangleNest::toPlace(Value vector) {
  if (axis >= 0)
    return vector;
  return vector::ExtractOp::create(emitter.innermost(), loc, vector, 0);
}

//===----------------------------------------------------------------------===//
// tile.solve
//===----------------------------------------------------------------------===//

namespace {
class SolveNest : public TriangleNest {
public:
  SolveNest(RowContext &context, tile::SolveOp op, const RowResult &result)
      : TriangleNest(context, op.getResult(), op.getMatrix(), result), op(op) {}

private:
  void emitBlock(const RegisterBlock &block) override;

  tile::SolveOp op;
};
} // namespace

void SolveNest::emitBlock(const RegisterBlock &block) {
  const Storage &solved = result.target;
  SmallVector<Value> sums(
      block.size(), zeroVector(emitter, loc, block.width, elementOf(tile)));
  Factor lhs = matrixFactor();
  Factor rhs =
      rowsFactor(solved.pointer, solved.element, solved.strides, false);
  sums = addProducts(emitter, loc, block, lhs, rhs, {shapeOf(tile)[0]},
                     at[0].base, std::move(sums));
  SmallVector<Value> rows(block.size());
  for (int64_t row = 0; row < block.rows; ++row) {
    for (int64_t earlier = 0; earlier < row; ++earlier) {
      Value entry = matrixAt(block, row, earlier);
      for (int64_t v = 0; v < block.vectors; ++v) {
        Value &sum = sums[row * block.vectors + v];
        sum = fma(emitter, loc, entry, rows[earlier * block.vectors + v], sum);
      }
    }
    for (int64_t v = 0; v < block.vectors; ++v) {
      int64_t index = row * block.vectors + v;
      SmallVector<Subscript> place = placeOf(block, row, v);
      setVector(block, v);
      Value start = emitter.emit(op.getRhs(), place);
      Value factor;
      if (op.getScale())
        factor = emitter.emit(op.getScale(), place);
      OpBuilder &builder = emitter.innermost();
      // Where there are no vectors, scalars become those of one lane.
      start = emitter.splat(start);
      if (factor)
        rows[index] =
            fma(emitter, loc, emitter.splat(factor), sums[index], start);
      else
        rows[index] = arith::AddFOp::create(builder, loc, sums[index], start);
      finishRow(emitter, result, toPlace(rows[index]), place);
    }
  }
}

void lrc::emitSolve(RowContext &context, tile::SolveOp op,
                    const RowResult &result) {
  SolveNest(context, op, result).emit();
}

//===----------------------------------------------------------------------===//
// tile.decayed_apply
//===----------------------------------------------------------------------===//

namespace {
class DecayedApplyNest : public TriangleNest {
public:
  DecayedApplyNest(RowContext &context, tile::DecayedApplyOp op,
                   const RowResult &result)
      : TriangleNest(context, op.getResult(), op.getMatrix(), result),
        rows(viewOf(context, emitter, op.getTile(), axis)),
        decay(viewOf(context, emitter, op.getDecay(), axis)) {}

private:
  void emitBlock(const RegisterBlock &block) override;

  View rows, decay;
};
} // namespace

/// As Horner's rule: sum = sum * decay[s] + matrix[t,s] * rows[s], s upwards.
void DecayedApplyNest::emitBlock(const RegisterBlock &block) {
  SmallVector<Value> sums(
      block.size(), zeroVector(emitter, loc, block.width, elementOf(tile)));
  auto step = [&](Factor x, Factor b, int64_t row, int64_t firstRow,
                  llvm::function_ref<Value(int64_t)> entryOf) {
    for (int64_t v = 0; v < block.vectors; ++v) {
      Value value = loadFactor(emitter, loc, block, x, row, v);
      Value factor = loadFactor(emitter, loc, block, b, row, v);
      for (int64_t r = firstRow; r < block.rows; ++r) {
        Value &sum = sums[r * block.vectors + v];
        Value decayed =
            arith::MulFOp::create(emitter.innermost(), loc, sum, factor);
        sum = fma(emitter, loc, entryOf(r), value, decayed);
      }
    }
  };
  scf::ForOp loop = emitter.openLoopTo(0, at[0].base, 1, sums);
  sums.assign(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
  Value s = loop.getInductionVar();
  auto advanceRow = [&](Factor factor) {
    factor.pointer = advance(emitter, loc, factor.pointer, factor.element, s,
                             factor.sums[0]);
    return factor;
  };
  Factor entries = advanceRow(matrixFactor());
  SmallVector<Value> column;
  for (int64_t r = 0; r < block.rows; ++r)
    column.push_back(loadFactor(emitter, loc, block, entries, r, 0));
  step(advanceRow(rowsFactor(rows.pointer, rows.element, rows.strides, false)),
       advanceRow(
           rowsFactor(decay.pointer, decay.element, decay.strides, false)),
       0, 0, [&](int64_t r) { return column[r]; });
  emitter.closeLoop(sums);
  sums.assign(loop.getResults().begin(), loop.getResults().end());
  Factor x = rowsFactor(rows.pointer, rows.element, rows.strides, true);
  Factor b = rowsFactor(decay.pointer, decay.element, decay.strides, true);
  for (int64_t row = 0; row + 1 < block.rows; ++row)
    step(x, b, row, row + 1,
         [&](int64_t r) { return matrixAt(block, r, row); });
  for (int64_t row = 0; row < block.rows; ++row)
    for (int64_t v = 0; v < block.vectors; ++v) {
      setVector(block, v);
      SmallVector<Subscript> place = placeOf(block, row, v);
      finishRow(emitter, result, toPlace(sums[row * block.vectors + v]), place);
    }
}

void lrc::emitDecayedApply(RowContext &context, tile::DecayedApplyOp op,
                           const RowResult &result) {
  DecayedApplyNest(context, op, result).emit();
}
