//===- RowNest.cpp - Ops that go row by row -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A thread takes a column of tile.scan and tile.solve, an element of
// tile.decayed_apply, and a column of tile.decayed_product with a share of the
// sum.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockNests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

static int64_t countOf(ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

namespace {
class RowNest : BlockNest {
public:
  using BlockNest::BlockNest;

  void scan(tile::ScanOp op);
  void productScan(tile::ScanOp op);
  void solve(tile::SolveOp op);
  void decayedApply(tile::DecayedApplyOp op);
  void decayedProduct(tile::DecayedProductOp op);

private:
  using Place = SmallVector<Subscript>;

  static Place withRow(const Subscript &row, ArrayRef<Subscript> rest) {
    Place place{row};
    llvm::append_range(place, rest);
    return place;
  }
  Subscript variable(scf::ForOp loop) const {
    Subscript result;
    result.base = loop.getInductionVar();
    return result;
  }
  Subscript mirrored(const Subscript &row, int64_t count);
  void scanShort(tile::ScanOp op, ArrayRef<Subscript> at,
                 SmallVector<Value> states);
  void readJoined(Value tile, Value value, ArrayRef<Subscript> place);
  SmallVector<Value> scanRow(tile::ScanOp op, const Subscript &row,
                             llvm::ArrayRef<Subscript> at,
                             llvm::ArrayRef<Value> states);
  SmallVector<Value> nextStates(tile::ScanOp op, const Subscript &row,
                                llvm::ArrayRef<Subscript> at,
                                llvm::ArrayRef<Value> states);
  Value multiply(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b,
                                 arith::FastMathFlags::contract);
  }
  Value fma(Value a, Value b, Value c) {
    return LLVM::FMulAddOp::create(builder, loc, a, b, c);
  }
  /// Elements of row `row` of a tile [C, K] that a thread sums over; 0 beyond
  /// the last.
  SmallVector<Value> share(Value tile, const Subscript &row,
                           ArrayRef<Subscript> columns, ArrayRef<Value> inside);
};
} // namespace

/// count - 1 - row
Subscript RowNest::mirrored(const Subscript &row, int64_t count) {
  emitter.innermost();
  Subscript result;
  result.base = arith::SubIOp::create(builder, loc, emitter.constant(count - 1),
                                      row.base);
  emitter.setLevel(result.base);
  return result;
}

/// Whether all rows can be written out one after the other, so that their loads
/// do not wait for each other.
static bool isShort(tile::ScanOp op) {
  constexpr size_t fewOps = 4;
  constexpr int64_t fewRows = 64;
  Block &body = op.getBody().front();
  return shapeOf(op.getResult(0))[0] <= fewRows &&
         std::distance(body.begin(), body.end()) <= int64_t(fewOps) &&
         llvm::none_of(body,
                       [](Operation &inner) { return isExpensive(&inner); });
}

/// The products of rows up to and before each row, of single numbers.
static bool isProductScan(tile::ScanOp op) {
  if (op.getInits().size() != 2 || op.getRows().size() != 1 ||
      !shapeOf(op.getInits()[0]).empty())
    return false;
  Value state = op.getStateArguments()[0];
  Value row = op.getRowArguments()[0];
  auto product = op.getYielded()[0].getDefiningOp<arith::MulFOp>();
  return product && op.getYielded()[1] == state &&
         ((product.getLhs() == state && product.getRhs() == row) ||
          (product.getRhs() == state && product.getLhs() == row));
}

/// Lanes of a warp multiply a few rows each, and then each other's products.
void RowNest::productScan(tile::ScanOp op) {
  constexpr int64_t lanes = 16;
  int64_t count = shapeOf(op.getResult(0))[0];
  int64_t each = count / lanes;
  emitter.setVector(1, {});
  forEachIndex(warpThreads, [&](Value index) {
    Value lane = remainder(index, lanes);
    Value first = arith::MulIOp::create(builder, loc, lane, constant32(each));
    SmallVector<Subscript> rows;
    SmallVector<Value> values;
    for (int64_t i = 0; i < each; ++i) {
      emitter.innermost();
      Value step = arith::AddIOp::create(builder, loc, first, constant32(i));
      if (op.getBackwards())
        step = arith::SubIOp::create(builder, loc, constant32(count - 1), step);
      rows.push_back(toSubscript(step));
      values.push_back(emitter.emit(op.getRows()[0], rows.back()));
    }
    emitter.innermost();
    Value total = values.front();
    for (Value value : llvm::drop_begin(values))
      total = multiply(total, value);
    // What the lanes before have, by doubling.
    Type f32 = total.getType();
    Value one = neutral(tile::Combine::Prod, f32);
    Value before = one;
    Value upTo = total;
    for (int64_t distance = 1; distance < lanes; distance *= 2) {
      Value other = shuffleUp(upTo, distance);
      Value exists = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::uge, lane, constant32(distance));
      Value factor = arith::SelectOp::create(builder, loc, exists, other, one);
      upTo = multiply(upTo, factor);
      before = multiply(before, factor);
    }
    Value product = multiply(before, emitter.emit(op.getInits()[0], {}));
    Value writes = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ult, index, constant32(lanes));
    emitter.innermost();
    emitter.openGuard(writes);
    for (auto [row, value] : llvm::zip_equal(rows, values)) {
      emitter.innermost();
      Value next = multiply(product, value);
      finish(op.getResult(0), next, row);
      finish(op.getResult(1), product, row);
      product = next;
    }
    emitter.closeLoop();
  });
}

void RowNest::scan(tile::ScanOp op) {
  if (isProductScan(op) && shapeOf(op.getResult(0))[0] % 16 == 0 &&
      elementOf(op.getResult(0)).isF32())
    return productScan(op);
  ArrayRef<int64_t> sizes = shapeOf(op.getInits().front());
  int64_t count = shapeOf(op.getResult(0))[0];
  emitter.setVector(1, {});
  forEachIndex(countOf(sizes), [&](Value index) {
    Place at = split(index, sizes);
    SmallVector<Value> states;
    for (Value init : op.getInits())
      states.push_back(emitter.emit(init, at));
    if (isShort(op))
      return scanShort(op, at, std::move(states));
    scf::ForOp loop = emitter.openLoop(0, count, 1, states);
    Subscript row = variable(loop);
    if (op.getBackwards())
      row = mirrored(row, count);
    emitter.closeLoop(scanRow(
        op, row, at, llvm::to_vector_of<Value>(loop.getRegionIterArgs())));
  });
}

/// Some rows at a time: all that they read is loaded before any is stored,
/// behind which loads would wait.
void RowNest::scanShort(tile::ScanOp op, ArrayRef<Subscript> at,
                        SmallVector<Value> states) {
  constexpr int64_t group = 16;
  int64_t count = shapeOf(op.getResult(0))[0];
  for (int64_t first = 0; first < count; first += group) {
    SmallVector<Place> places;
    std::vector<SmallVector<Value>> values;
    for (int64_t step = first; step < std::min(first + group, count); ++step) {
      Subscript row =
          emitter.number(op.getBackwards() ? count - 1 - step : step);
      states = nextStates(op, row, at, states);
      emitter.forgetScanRow();
      places.push_back(withRow(row, at));
      values.push_back(states);
      for (auto [result, value] : llvm::zip_equal(op.getResults(), states))
        readJoined(result, value, places.back());
    }
    for (auto [place, row] : llvm::zip_equal(places, values))
      for (auto [result, value] : llvm::zip_equal(op.getResults(), row))
        finish(result, value, place);
  }
}

/// Loads what tiles that are kept with `tile` are made of.
void RowNest::readJoined(Value tile, Value value, ArrayRef<Subscript> place) {
  emitter.innermost();
  emitter.define(tile, place, value);
  auto joined = context.joined.find(tile);
  if (joined != context.joined.end())
    for (Value other : joined->second)
      emitter.compute(other, place);
}

/// The states after a row, which are stored.
SmallVector<Value> RowNest::scanRow(tile::ScanOp op, const Subscript &row,
                                    ArrayRef<Subscript> at,
                                    ArrayRef<Value> states) {
  SmallVector<Value> next = nextStates(op, row, at, states);
  Place place = withRow(row, at);
  for (auto [result, value] : llvm::zip_equal(op.getResults(), next))
    finish(result, value, place);
  return next;
}

SmallVector<Value> RowNest::nextStates(tile::ScanOp op, const Subscript &row,
                                       ArrayRef<Subscript> at,
                                       ArrayRef<Value> states) {
  emitter.setScanRow(row);
  for (auto [argument, state] : llvm::zip_equal(op.getStateArguments(), states))
    emitter.define(argument, at, state);
  SmallVector<Value> next;
  for (Value yielded : op.getYielded())
    next.push_back(emitter.emit(yielded, at));
  return next;
}

void RowNest::solve(tile::SolveOp op) {
  Value tile = op.getResult();
  ArrayRef<int64_t> sizes = shapeOf(tile).drop_front();
  emitter.setVector(1, {});
  forEachIndex(countOf(sizes), [&](Value index) {
    Place column = split(index, sizes);
    scf::ForOp rows = emitter.openLoop(0, shapeOf(tile)[0], 1);
    Subscript t = variable(rows);
    emitter.innermost();
    Value zero = neutral(tile::Combine::Sum, elementOf(tile));
    scf::ForOp earlier = emitter.openLoopTo(0, t.base, 1, zero);
    Subscript s = variable(earlier);
    Value entry = emitter.emit(op.getMatrix(), {t, s});
    // What this thread wrote before is not what the memory model orders, but
    // program order does.
    Value known = emitter.emit(tile, withRow(s, column));
    emitter.innermost();
    emitter.closeLoop(fma(entry, known, earlier.getRegionIterArg(0)));
    Place place = withRow(t, column);
    Value sum = earlier.getResult(0);
    Value start = emitter.emit(op.getRhs(), place);
    Value scale = op.getScale() ? emitter.emit(op.getScale(), place) : Value();
    emitter.innermost();
    Value value = scale ? fma(scale, sum, start)
                        : combine(tile::Combine::Sum, start, sum);
    finish(tile, value, place);
    emitter.closeLoop();
  });
}

/// Horner's rule: after row s the sum has been decayed by rows up to s.
void RowNest::decayedApply(tile::DecayedApplyOp op) {
  Value tile = op.getResult();
  emitter.setVector(1, {});
  forEachIndex(countOf(shapeOf(tile)), [&](Value index) {
    Place at = split(index, shapeOf(tile));
    ArrayRef<Subscript> column = ArrayRef<Subscript>(at).drop_front();
    emitter.innermost();
    Value zero = neutral(tile::Combine::Sum, elementOf(tile));
    scf::ForOp earlier = emitter.openLoopTo(0, at[0].base, 1, zero);
    Subscript s = variable(earlier);
    Value entry = emitter.emit(op.getMatrix(), {at[0], s});
    Value row = emitter.emit(op.getTile(), withRow(s, column));
    Value decay = emitter.emit(op.getDecay(), withRow(s, column));
    emitter.innermost();
    Value decayed = multiply(earlier.getRegionIterArg(0), decay);
    emitter.closeLoop(fma(entry, row, decayed));
    finish(tile, earlier.getResult(0), at);
  });
}

SmallVector<Value> RowNest::share(Value tile, const Subscript &row,
                                  ArrayRef<Subscript> columns,
                                  ArrayRef<Value> inside) {
  SmallVector<Value> values;
  ArrayRef<int64_t> sizes = shapeOf(tile).drop_front();
  for (auto [column, isInside] : llvm::zip_equal(columns, inside)) {
    // Axes but the first are summed over as one.
    Place place{row};
    Value rest = column.base;
    SmallVector<Subscript> tail(sizes.size());
    for (int64_t axis = int64_t(sizes.size()) - 1; axis > 0; --axis) {
      Value size = emitter.constant(sizes[axis]);
      tail[axis].base = arith::RemUIOp::create(builder, loc, rest, size);
      rest = arith::DivUIOp::create(builder, loc, rest, size);
      emitter.setLevel(tail[axis].base);
      emitter.setLevel(rest);
    }
    if (!sizes.empty())
      tail[0].base = rest;
    llvm::append_range(place, tail);
    Value value = emitter.emit(tile, place);
    emitter.innermost();
    if (isInside)
      value =
          arith::SelectOp::create(builder, loc, isInside, value,
                                  neutral(tile::Combine::Sum, value.getType()));
    values.push_back(value);
  }
  return values;
}

/// A thread walks down a column s with its share of k[s], decayed row by row.
void RowNest::decayedProduct(tile::DecayedProductOp op) {
  Value result = op.getResult();
  Type element = elementOf(result);
  int64_t count = shapeOf(result)[0];
  int64_t terms = countOf(shapeOf(op.getQ()).drop_front());
  int64_t lanes = std::min<int64_t>(llvm::PowerOf2Ceil(terms), warpThreads);
  int64_t each = llvm::divideCeil(terms, lanes);
  bool byElement =
      op.getDecay() && shapeOf(op.getDecay()) == shapeOf(op.getQ());
  emitter.setVector(1, {});
  auto body = [&](Value index) {
    Value lane = remainder(index, lanes);
    Value column = arith::MinUIOp::create(builder, loc, divide(index, lanes),
                                          constant32(count - 1));
    Value real = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                       divide(index, lanes), constant32(count));
    Value writes = arith::AndIOp::create(
        builder, loc, real,
        arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lane,
                              constant32(0)));
    Subscript s = toSubscript(column);
    SmallVector<Subscript> columns;
    SmallVector<Value> inside;
    for (int64_t i = 0; i < each; ++i) {
      Value term =
          arith::AddIOp::create(builder, loc, lane, constant32(i * lanes));
      Value isInside;
      if (terms % lanes != 0) {
        isInside = arith::CmpIOp::create(
            builder, loc, arith::CmpIPredicate::ult, term, constant32(terms));
        term =
            arith::MinUIOp::create(builder, loc, term, constant32(terms - 1));
      }
      columns.push_back(toSubscript(term));
      inside.push_back(isInside);
    }
    SmallVector<Value> ks = share(op.getK(), s, columns, inside);
    // Whole warps go down all rows; those up to s get 0.
    emitter.innermost();
    scf::ForOp rows = emitter.openLoop(0, count, 1, ks);
    Subscript t = variable(rows);
    ks = llvm::to_vector_of<Value>(rows.getRegionIterArgs());
    SmallVector<Value> qs = share(op.getQ(), t, columns, inside);
    SmallVector<Value> decays;
    if (byElement) {
      decays = share(op.getDecay(), t, columns, inside);
    } else if (op.getDecay()) {
      decays.assign(each, emitter.emit(op.getDecay(), {t}));
    }
    emitter.innermost();
    Value below = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sgt,
                                        t.base, s.base);
    SmallVector<Value> next = ks;
    for (auto [k, decay] : llvm::zip(next, decays))
      k = arith::SelectOp::create(builder, loc, below, multiply(k, decay), k);
    Value sum = neutral(tile::Combine::Sum, element);
    for (auto [q, k] : llvm::zip_equal(qs, op.getInclusive() ? next : ks))
      sum = fma(q, k, sum);
    sum = combineLanes(tile::Combine::Sum, sum, lanes, 1);
    Value isKept = below;
    if (op.getInclusive())
      isKept = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge,
                                     t.base, s.base);
    sum = arith::SelectOp::create(builder, loc, isKept, sum,
                                  neutral(tile::Combine::Sum, element));
    ks = next;
    emitter.openGuard(writes);
    finish(result, sum, {t, s});
    emitter.closeLoop();
    emitter.closeLoop(ks);
  };
  forEachIndex(llvm::alignTo(count * lanes, warpThreads), body);
}

void lrc::emitScan(BlockContext &context, tile::ScanOp op) {
  RowNest(context).scan(op);
}
void lrc::emitSolve(BlockContext &context, tile::SolveOp op) {
  RowNest(context).solve(op);
}
void lrc::emitDecayedProduct(BlockContext &context, tile::DecayedProductOp op) {
  RowNest(context).decayedProduct(op);
}
void lrc::emitDecayedApply(BlockContext &context, tile::DecayedApplyOp op) {
  RowNest(context).decayedApply(op);
}
