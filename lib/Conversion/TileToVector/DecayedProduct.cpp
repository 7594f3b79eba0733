//===- DecayedProduct.cpp - tile.decayed_product --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// result[t,s] = sum_i q[t,i] * (prod_{s<r<t} a[r,i]) * k[s,i], for s < t.
//
// Rows are cut into blocks of as many as a vector has lanes. Within a block,
// one vector per i holds k of all its rows s; before row t uses it, the lanes
// s < t - 1 are multiplied by a[t-1,i]. Between blocks, the product splits at
// the first row of t's block: q takes the decays from there, k those up to
// there, and what is left is a product. Decays are only ever multiplied.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"
#include "lib/Conversion/TileToVector/NestParts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lrc;

namespace {
/// A tile [C, K...] whose axes but the first are one.
struct RowsView {
  Value pointer;
  Type element;
  int64_t row = 0;
  int64_t column = 0;
};

class DecayedProductNest {
public:
  DecayedProductNest(RowContext &context, tile::DecayedProductOp op,
                     const RowResult &result)
      : context(context), loc(context.loc),
        emitter(context.frame, context.builder, context.loc), op(op),
        target(result.target), element(elementOf(op.getQ())) {}

  void emit();

private:
  RowsView viewRows(Value tile, bool columns);
  Value at(const RowsView &view, Value row, int64_t rowOffset, Value column);
  Value lanesBelow(int64_t count);

  void emitByBlocks();
  void emitDiagonal(Value first, int64_t count, bool more);
  void decayKeys(Value first);
  void emitQueries(Value first, int64_t count);
  void emitEarlier(Value first, int64_t count);
  void storeRow(Value value, Value row, int64_t offset, Value column,
                Value mask);

  void emitLower();
  void emitLowerBlock(Value row, int64_t rows);
  void finishLower();

  RowContext &context;
  Location loc;
  Emitter emitter;
  tile::DecayedProductOp op;
  Storage target;
  Type element;
  int64_t rows = 0;
  int64_t columns = 1;
  int64_t width = 1;
  RowsView q, k, decay;
  /// Of a block: q, decayed from the block's first row; k, decayed up to it.
  RowsView queries, keys;
  /// For each column, of all decays of a block.
  RowsView products;
};
} // namespace

RowsView DecayedProductNest::viewRows(Value tile, bool consecutiveRows) {
  View view = viewOf(context, emitter, tile, consecutiveRows ? 0 : -1);
  RowsView result{view.pointer, view.element, view.strides[0], 0};
  int64_t size = 1;
  for (int64_t axis = view.strides.size() - 1; axis > 0; --axis) {
    int64_t length = shapeOf(tile)[axis];
    if (length == 1)
      continue;
    if (result.column == 0)
      result.column = view.strides[axis];
    assert(view.strides[axis] == result.column * size && "axes in C order");
    size *= length;
  }
  return result;
}

Value DecayedProductNest::at(const RowsView &view, Value row, int64_t rowOffset,
                             Value column) {
  Value pointer = view.pointer;
  if (row)
    pointer = advance(emitter, loc, pointer, element, row, view.row);
  if (column)
    pointer = advance(emitter, loc, pointer, element, column, view.column);
  return advance(emitter, loc, pointer, element, rowOffset * view.row);
}

Value DecayedProductNest::lanesBelow(int64_t count) {
  Value mask = makeTailMask(emitter, loc, width, count);
  emitter.innermost();
  return mask;
}

void DecayedProductNest::storeRow(Value value, Value row, int64_t offset,
                                  Value column, Value mask) {
  Value pointer =
      advance(emitter, loc, target.pointer, element, row, target.strides[0]);
  pointer = advance(emitter, loc, pointer, element, column, target.strides[1]);
  pointer = advance(emitter, loc, pointer, element, offset * target.strides[0]);
  storeVector(emitter, loc, value, pointer, mask);
}

//===----------------------------------------------------------------------===//
// A decay for each element
//===----------------------------------------------------------------------===//

void DecayedProductNest::emitByBlocks() {
  bool several = rows > width;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  if (several) {
    keys = {context.allocate(columns * llvm::alignTo(rows, width) * bytes),
            element, 1, int64_t(llvm::alignTo(rows, width))};
    queries = {context.allocate(width * columns * bytes), element, columns, 1};
    products = {context.allocate(columns * bytes), element, 0, 1};
    // Blocks above the diagonal are 0.
    RegisterBlock line{1, 1, width, {}};
    scf::ForOp loop = emitter.openLoop(0, rows, 1);
    forEachPanel(emitter, loc, rows, line,
                 [&](Value first, const RegisterBlock &part) {
                   storeRow(zeroVector(emitter, loc, width, element),
                            loop.getInductionVar(), 0, first, part.tailMask);
                 });
    emitter.closeLoop();
  }
  forEachBlock(emitter, rows, width, [&](Value first, int64_t count) {
    if (several) {
      emitQueries(first, count);
      emitEarlier(first, count);
    }
    bool more = several && count == width;
    if (more)
      decayKeys(first);
    emitDiagonal(first, count, more);
  });
}

/// queries[r] = q[first + r] * prod_{first <= p < first + r} a[p]; the product
/// of a whole block.
void DecayedProductNest::emitQueries(Value first, int64_t count) {
  int64_t lanes = std::min<int64_t>(context.target.lanes(element),
                                    llvm::PowerOf2Ceil(columns));
  RegisterBlock line{1, 1, lanes, {}};
  auto emitColumns = [&](Value i, const RegisterBlock &part) {
    auto load = [&](const RowsView &view, int64_t row) {
      Factor factor{at(view, first, row, i), element, 0, view.column, {}};
      return loadFactor(emitter, loc, part, factor, 0, 0);
    };
    auto times = [&](Value a, Value b) -> Value {
      return a ? arith::MulFOp::create(emitter.innermost(), loc, a, b) : b;
    };
    Value product;
    for (int64_t r = 0; r < count; ++r) {
      storeVector(emitter, loc, times(product, load(q, r)),
                  at(queries, {}, r, i), part.tailMask);
      product = times(product, load(decay, r));
    }
    storeVector(emitter, loc, product, at(products, {}, 0, i), part.tailMask);
  };
  forEachPanel(emitter, loc, columns, line, emitColumns);
}

/// The columns before the block.
void DecayedProductNest::emitEarlier(Value first, int64_t count) {
  RegisterBlock block{count, 1, width, {}};
  scf::ForOp loop = emitter.openLoopTo(0, first, width);
  Value s = loop.getInductionVar();
  Factor lhs{queries.pointer, element, queries.row, 0, {queries.column}};
  Factor rhs{at(keys, s, 0, {}), element, 0, 1, {keys.column}};
  SmallVector<Value> sums(count, zeroVector(emitter, loc, width, element));
  sums = addProducts(emitter, loc, block, lhs, rhs, {columns}, {},
                     std::move(sums));
  for (int64_t r = 0; r < count; ++r)
    storeRow(sums[r], first, r, s, {});
  emitter.closeLoop();
}

/// Brings the keys before the block from its first row to that of the next:
/// they take all decays of the block.
void DecayedProductNest::decayKeys(Value first) {
  Value i = emitter.openLoop(0, columns, 1).getInductionVar();
  Value all = loadSplat(emitter, loc, at(products, {}, 0, i), element, width);
  Value s = emitter.openLoopTo(0, first, width).getInductionVar();
  Value pointer = at(keys, s, 0, i);
  Value value = loadVector(emitter, loc, pointer, element, width, {});
  value = arith::MulFOp::create(emitter.innermost(), loc, value, all);
  storeVector(emitter, loc, value, pointer, {});
  emitter.closeLoop();
  emitter.closeLoop();
}

/// Rows and columns of one block; `more`: later blocks need its keys.
void DecayedProductNest::emitDiagonal(Value first, int64_t count, bool more) {
  RegisterBlock block{1, 1, width, {}};
  if (count < width)
    block.tailMask = lanesBelow(count);
  SmallVector<Value> sums(count, zeroVector(emitter, loc, width, element));
  scf::ForOp loop = emitter.openLoop(0, columns, 1, sums);
  sums.assign(loop.getRegionIterArgs().begin(), loop.getRegionIterArgs().end());
  Value i = loop.getInductionVar();
  Factor key{at(k, first, 0, i), element, 0, k.row, {}};
  Value value = loadFactor(emitter, loc, block, key, 0, 0);
  auto splatOf = [&](const RowsView &view, int64_t row) {
    return loadSplat(emitter, loc, at(view, first, row, i), element, width);
  };
  auto decayBelow = [&](int64_t row) {
    if (row == 0)
      return;
    Value mask = lanesBelow(row);
    Value factor = splatOf(decay, row);
    OpBuilder &builder = emitter.innermost();
    Value decayed = arith::MulFOp::create(builder, loc, value, factor);
    value = arith::SelectOp::create(builder, loc, mask, decayed, value);
  };
  for (int64_t row = 1; row < count; ++row) {
    decayBelow(row - 1);
    sums[row] = fma(emitter, loc, splatOf(q, row), value, sums[row]);
  }
  if (more) {
    decayBelow(count - 1);
    storeVector(emitter, loc, value, at(keys, first, 0, i), {});
  }
  emitter.closeLoop(sums);
  Value zero = zeroVector(emitter, loc, width, element);
  for (int64_t row = 0; row < count; ++row) {
    Value mask = lanesBelow(row);
    Value below = arith::SelectOp::create(emitter.innermost(), loc, mask,
                                          loop.getResult(row), zero);
    storeRow(below, first, row, first, block.tailMask);
  }
}

//===----------------------------------------------------------------------===//
// One decay for each row, or none
//===----------------------------------------------------------------------===//

/// The product of rows [row, row + rows) with all columns before the last.
void DecayedProductNest::emitLowerBlock(Value row, int64_t count) {
  Factor lhs{at(q, row, 0, {}), element, q.row, 0, {q.column}};
  auto emitColumns = [&](Value column, const RegisterBlock &block) {
    Factor rhs{at(k, column, 0, {}), element, 0, k.row, {k.column}};
    SmallVector<Value> sums(block.size(),
                            zeroVector(emitter, loc, width, element));
    sums = addProducts(emitter, loc, block, lhs, rhs, {columns}, {},
                       std::move(sums));
    for (int64_t r = 0; r < block.rows; ++r)
      for (int64_t v = 0; v < block.vectors; ++v) {
        Subscript place;
        place.base = column;
        storeRow(sums[r * block.vectors + v], row, r,
                 emitter.offset(place, v * width).base, block.maskOf(v));
      }
  };
  int64_t whole = rows / width * width;
  RegisterBlock block{count, whole % (2 * width) == 0 ? 2 : 1, width, {}};
  if (whole > 0) {
    Subscript place;
    place.base = row;
    Value end = emitter.offset(place, count - 1).base;
    OpBuilder &builder = emitter.innermost();
    end =
        builder.createOrFold<arith::MinSIOp>(loc, end, emitter.constant(whole));
    scf::ForOp loop = emitter.openLoopTo(0, end, width * block.vectors);
    emitColumns(loop.getInductionVar(), block);
    emitter.closeLoop();
  }
  if (whole < rows) {
    block.vectors = 1;
    block.tailMask = lanesBelow(rows - whole);
    emitter.outermost();
    emitColumns(emitter.constant(whole), block);
  }
}

/// Multiplies by the decays between row and column, which a running vector
/// has, and makes what is not below the diagonal 0.
void DecayedProductNest::finishLower() {
  RegisterBlock line{1, 1, width, {}};
  forEachPanel(
      emitter, loc, rows, line, [&](Value s, const RegisterBlock &part) {
        OpBuilder &builder = emitter.innermost();
        auto splat = [&](double number) -> Value {
          auto type = VectorType::get(width, element);
          return arith::ConstantOp::create(
              builder, loc,
              DenseElementsAttr::get(type,
                                     builder.getFloatAttr(element, number)));
        };
        Subscript lanes{s, true, {}};
        emitter.setVector(width, {});
        Value columnsOf = emitter.lanesOf(lanes);
        scf::ForOp loop = emitter.openLoop(0, rows, 1, splat(1));
        Value t = loop.getInductionVar();
        emitter.innermost();
        Value below =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                                  columnsOf, emitter.splat(t));
        Value pointer = advance(emitter, loc, target.pointer, element, t,
                                target.strides[0]);
        pointer = advance(emitter, loc, pointer, element, s, target.strides[1]);
        Value value =
            loadVector(emitter, loc, pointer, element, width, part.tailMask);
        Value running = loop.getRegionIterArg(0);
        if (op.getDecay()) {
          value = arith::MulFOp::create(builder, loc, value, running);
          Value next = arith::MulFOp::create(
              builder, loc, running,
              loadSplat(emitter, loc, at(decay, t, 0, {}), element, width));
          running = arith::SelectOp::create(builder, loc, below, next, running);
        }
        value = arith::SelectOp::create(builder, loc, below, value, splat(0));
        storeVector(emitter, loc, value, pointer, part.tailMask);
        emitter.closeLoop(running);
      });
}

void DecayedProductNest::emitLower() {
  int64_t height = context.target.registers >= 32 ? 8 : 4;
  forEachBlock(emitter, rows, height,
               [&](Value row, int64_t count) { emitLowerBlock(row, count); });
  finishLower();
}

void DecayedProductNest::emit() {
  ArrayRef<int64_t> shape = shapeOf(op.getQ());
  rows = shape[0];
  for (int64_t size : shape.drop_front())
    columns *= size;
  width = std::min<int64_t>(context.target.lanes(element),
                            llvm::PowerOf2Ceil(rows));
  q = viewRows(op.getQ(), false);
  k = viewRows(op.getK(), true);
  if (op.getDecay())
    decay = viewRows(op.getDecay(), false);
  if (op.getDecay() && op.getDecay().getType() == op.getQ().getType())
    emitByBlocks();
  else
    emitLower();
}

void lrc::emitDecayedProduct(RowContext &context, tile::DecayedProductOp op,
                             const RowResult &result) {
  DecayedProductNest(context, op, result).emit();
}
