//===- DecayedProductNest.cpp - Decayed scores by tensor cores ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   result[t,s] = sum_i q[t,i] (prod_{s<r<t} a[r,i]) k[s,i]   for s < t, else 0
//
// or, inclusive, with s < r <= t and s <= t.
//
// A decay of one number for each row is a factor of the finished sums: a table
// of its products, which all such scores with that decay share. Queries that
// are multiplied by it are so in an inclusive table.
//
// A decay of each element can't leave the sum. The rows of a chunk are cut in
// halves, those in halves again, down to 8: for t in the upper half of a group
// and s in its lower half, with the upper half starting at row m,
//
//   prod_{s<r<t} a[r] = (prod_{s<r<m} a[r]) (prod_{m<=r<t} a[r])
//
// so that the block is an ordinary product of rows of k decayed up to m and
// rows of q decayed from m. Nothing is divided, and nothing grows. Pairs within
// the last 8 rows are summed one by one.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/TensorCore.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lrc;

/// Rows of the groups whose pairs are summed one by one.
constexpr int64_t leafRows = 8;
/// Threads that share such a sum.
constexpr int64_t leafLanes = 4;

bool lrc::decaysElements(tile::DecayedProductOp op) {
  return op.getDecay() && shapeOf(op.getDecay()) == shapeOf(op.getQ());
}

/// What is kept of a tile that may only be extended.
static Value unextended(const Plan &plan, Value tile) {
  if (auto extended = tile.getDefiningOp<arith::ExtFOp>();
      extended && !plan.isMaterialized(tile))
    return extended.getIn();
  return tile;
}

std::optional<OperandPair> lrc::matchMma(const Plan &plan,
                                         tile::DecayedProductOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getQ());
  if (shape.size() != 2 || !elementOf(op.getResult()).isF32() ||
      !fitsMma(shape[0], shape[0], shape[1]))
    return std::nullopt;
  if (decaysElements(op) &&
      (!llvm::isPowerOf2_64(shape[0]) || shape[0] < 2 * leafRows))
    return std::nullopt;
  OperandTile q{op.getQ(), 1}, k{op.getK(), 1};
  if (!decaysElements(op)) {
    q = operandTile(plan, op.getQ(), 1);
    k = operandTile(plan, op.getK(), 1);
  } else {
    q.tile = unextended(plan, q.tile);
    k.tile = unextended(plan, k.tile);
  }
  for (Value tile : {q.tile, k.tile})
    if (!plan.isMaterialized(tile))
      return std::nullopt;
  return std::pair(q, k);
}

SmallVector<int64_t> lrc::decayLevels(tile::DecayedProductOp op) {
  SmallVector<int64_t> levels;
  if (decaysElements(op))
    for (int64_t half = shapeOf(op.getQ())[0] / 2; half >= leafRows; half /= 2)
      levels.push_back(half);
  return levels;
}

//===----------------------------------------------------------------------===//
// A number for each row
//===----------------------------------------------------------------------===//

namespace {
class RowDecay : MmaNest {
public:
  using MmaNest::MmaNest;

  /// table[t,s] = prod_{s<r<t} a[r] below the diagonal, or up to and with t and
  /// 1 on it; else 0. Four threads share a column, a quarter of its rows each,
  /// and tell each other the products of their rows below s.
  void makeTable(const DecayTable &table, int64_t count) {
    int64_t each = count / DecayTable::parts;
    emitter.setVector(1, {});
    forEachIndex(count * DecayTable::parts, [&](Value index) {
      Value part = remainder(index, DecayTable::parts);
      Value column = divide(index, DecayTable::parts);
      Subscript s = toSubscript(column);
      Subscript ownPart = toSubscript(part);
      Value first = arith::MulIOp::create(builder, loc, part, constant32(each));
      Value zero = neutral(tile::Combine::Sum, builder.getF32Type());
      Value one = neutral(tile::Combine::Prod, builder.getF32Type());
      SmallVector<Value> factors, isKept;
      Value total = one;
      for (int64_t i = 0; i < each; ++i) {
        emitter.innermost();
        Value t = arith::AddIOp::create(builder, loc, first, constant32(i));
        Value value = emitter.emit(table.decay, toSubscript(t));
        emitter.innermost();
        auto compare = [&](arith::CmpIPredicate how) -> Value {
          return arith::CmpIOp::create(builder, loc, how, t, column);
        };
        Value isBelow = compare(arith::CmpIPredicate::ugt);
        isKept.push_back(table.inclusive ? compare(arith::CmpIPredicate::uge)
                                         : isBelow);
        factors.push_back(
            arith::SelectOp::create(builder, loc, isBelow, value, one));
        total = times(total, factors.back());
      }
      // The products of the parts before.
      Value product = one;
      for (int64_t distance = 1; distance < DecayTable::parts; ++distance) {
        Value other = shuffleUp(total, distance);
        Value exists =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, part,
                                  constant32(distance));
        product = times(
            product, arith::SelectOp::create(builder, loc, exists, other, one));
      }
      for (int64_t i = 0; i < each; ++i) {
        emitter.innermost();
        Value upTo = times(product, factors[i]);
        Value entry = table.inclusive ? upTo : product;
        emitter.store(
            arith::SelectOp::create(builder, loc, isKept[i], entry, zero),
            table.storage, {ownPart, emitter.number(i), s});
        product = upTo;
      }
    });
  }

  void run(tile::DecayedProductOp op, const MmaTerm &term,
           const DecayTable *table) {
    int64_t count = shapeOf(op.getResult())[0];
    auto adjust = [&](Place place, Value both) {
      if (table)
        both = arith::MulFOp::create(builder, loc, both,
                                     entryAt(*table, place, count));
      // What a table has above the diagonal is 0.
      bool masks = table ? table->inclusive && !op.getInclusive() : true;
      return masks ? mask(both, place, op.getInclusive()) : both;
    };
    auto done = [&](Place place, Value both) {
      finish(op.getResult(), both, place);
    };
    MmaNest::run(count, count, term, {}, done, adjust);
  }

private:
  Value times(Value a, Value b) {
    return arith::MulFOp::create(builder, loc, a, b);
  }

  Value entryAt(const DecayTable &table, Place place, int64_t count) {
    int64_t each = count / DecayTable::parts;
    Value row = arith::TruncIOp::create(builder, loc, builder.getI32Type(),
                                        place[0].base);
    Subscript part = toSubscript(divide(row, each));
    Subscript inPart = toSubscript(remainder(row, each));
    return emitter.load(table.storage, {part, inPart, place[1]});
  }

  /// 0 where the column is not below the row.
  Value mask(Value both, Place place, bool inclusive) {
    auto type = cast<VectorType>(both.getType());
    Value row = emitter.lanesOf(Subscript{place[0].base, false, {}});
    Value below = arith::CmpIOp::create(builder, loc,
                                        inclusive ? arith::CmpIPredicate::sle
                                                  : arith::CmpIPredicate::slt,
                                        emitter.lanesOf(place[1]), row);
    return arith::SelectOp::create(builder, loc, below, both,
                                   neutral(tile::Combine::Sum, type));
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// A number for each element
//===----------------------------------------------------------------------===//

namespace {
class ElementDecay : MmaNest {
public:
  ElementDecay(BlockContext &context, tile::DecayedProductOp op,
               ArrayRef<Storage> levels)
      : MmaNest(context), op(op), levels(levels), halves(decayLevels(op)),
        count(shapeOf(op.getQ())[0]), terms(shapeOf(op.getQ())[1]) {}

  /// Zeros above the diagonal, and the decayed rows of all levels. A level has
  /// rows of q in the upper halves of its groups, rows of k in the lower.
  void decayRows() {
    clear();
    walkRows(/*isQuery=*/true);
    walkRows(/*isQuery=*/false);
  }

  void multiplyLevels();
  void sumLeaves();

private:
  void clear();
  void walkRows(bool isQuery);

  tile::DecayedProductOp op;
  ArrayRef<Storage> levels;
  SmallVector<int64_t> halves;
  int64_t count, terms;
};
} // namespace

void ElementDecay::clear() {
  constexpr int64_t width = 4;
  Value result = op.getResult();
  emitter.setVector(width, {});
  forEachIndex(count * count / width, [&](Value index) {
    SmallVector<Subscript> at = split(index, {count, count / width});
    at[1].base = builder.createOrFold<arith::MulIOp>(loc, at[1].base,
                                                     emitter.constant(width));
    emitter.setLevel(at[1].base);
    at[1].vector = true;
    Value zeros = neutral(tile::Combine::Sum,
                          VectorType::get(width, builder.getF32Type()));
    finish(result, zeros, at);
  });
}

/// A thread walks a column, down for q and up for k, with the product of decays
/// since each level's last border.
void ElementDecay::walkRows(bool isQuery) {
  emitter.setVector(1, {});
  forEachIndex(terms, [&](Value index) {
    Subscript column = toSubscript(index);
    SmallVector<Value> products(halves.size());
    // Loads first: behind a store they would wait for it.
    SmallVector<Subscript> rows;
    for (int64_t step = 0; step < count; ++step) {
      rows.push_back(emitter.number(isQuery ? step : count - 1 - step));
      emitter.emit(isQuery ? op.getQ() : op.getK(), {rows.back(), column});
      emitter.emit(op.getDecay(), {rows.back(), column});
    }
    for (auto [step, row] : llvm::enumerate(rows)) {
      int64_t t = isQuery ? int64_t(step) : count - 1 - int64_t(step);
      Value value =
          emitter.emit(isQuery ? op.getQ() : op.getK(), {row, column});
      Value decay = emitter.emit(op.getDecay(), {row, column});
      emitter.innermost();
      for (auto [half, product, target] :
           llvm::zip_equal(halves, products, levels)) {
        bool isUpper = t / half % 2 == 1;
        auto withThis = [&] {
          return product ? arith::MulFOp::create(builder, loc, product, decay)
                         : decay;
        };
        bool includesThis = isQuery && op.getInclusive();
        if (includesThis)
          product = withThis();
        if (isUpper == isQuery) {
          Value decayed =
              product ? arith::MulFOp::create(builder, loc, value, product)
                      : value;
          emitter.store(convertTo(decayed, target.element), target,
                        {row, column});
        }
        bool atBorder = isQuery ? (t + 1) % half == 0 : t % half == 0;
        emitter.innermost();
        if (atBorder)
          product = {};
        else if (!includesThis)
          product = withThis();
      }
    }
  });
}

void ElementDecay::multiplyLevels() {
  // Tiles of 16 x 8, dealt out to the warps.
  struct Tile {
    unsigned level;
    int64_t row, column;
  };
  SmallVector<Tile> tiles;
  for (auto [level, half] : llvm::enumerate(halves))
    for (int64_t group = 0; group < count; group += 2 * half)
      for (int64_t row = 0; row < half; row += 16)
        for (int64_t column = 0; column < half; column += 8)
          tiles.push_back(
              {unsigned(level), group + half + row, group + column});
  int64_t warps = context.item.getThreads() / warpThreads;
  emitter.setVector(2, {});
  emitter.innermost();
  for (size_t first = 0; first < tiles.size(); first += warps) {
    emitter.innermost();
    size_t here = std::min<size_t>(warps, tiles.size() - first);
    // The tile of this warp: numbers that differ from warp to warp.
    auto choose = [&](llvm::function_ref<int64_t(const Tile &)> number) {
      Value chosen = constant32(number(tiles[first]));
      for (size_t warp = 1; warp < here; ++warp) {
        Value isThis =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                  warpIndex(), constant32(warp));
        chosen = arith::SelectOp::create(
            builder, loc, isThis, constant32(number(tiles[first + warp])),
            chosen);
      }
      return chosen;
    };
    bool guarded = here < size_t(warps);
    if (guarded)
      emitter.openGuard(arith::CmpIOp::create(builder, loc,
                                              arith::CmpIPredicate::ult,
                                              warpIndex(), constant32(here)));
    emitter.innermost();
    Value row = choose([](const Tile &tile) { return tile.row; });
    Value column = choose([](const Tile &tile) { return tile.column; });
    // All levels lie behind each other, equally far apart.
    Value level = choose([](const Tile &tile) { return int64_t(tile.level); });
    // Upper halves of 8 rows fill half of a tile: its last rows are the first
    // again, and not kept.
    Value rows = choose([&](const Tile &tile) {
      return std::min<int64_t>(halves[tile.level], 16);
    });
    Storage operand = levels.front();
    multiplyTile(operand, count * operand.strides[0], level, row, column, rows,
                 terms, [&](Place place, Value inside, Value both) {
                   emitter.openGuard(inside);
                   finish(op.getResult(), both, place);
                   emitter.closeLoop();
                 });
    if (guarded)
      emitter.closeLoop();
  }
}

/// result[t,s] for s < t (s <= t) in the same 8 rows: four threads share a
/// column s, and walk down its rows with their part of k[s], decayed row by
/// row.
void ElementDecay::sumLeaves() {
  constexpr int64_t width = 4;
  emitter.setVector(width, {});
  auto type = VectorType::get(width, builder.getF32Type());
  forEachIndex(count * leafLanes, [&](Value index) {
    Value lane = remainder(index, leafLanes);
    Value column = divide(index, leafLanes);
    Value inLeaf = remainder(column, leafRows);
    Subscript s = toSubscript(column);
    Subscript leaf =
        toSubscript(arith::SubIOp::create(builder, loc, column, inLeaf));
    SmallVector<Subscript> rows;
    SmallVector<Value> below, isKept;
    for (int64_t t = op.getInclusive() ? 0 : 1; t < leafRows; ++t) {
      rows.push_back(emitter.offset(leaf, t));
      emitter.innermost();
      below.push_back(arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::ult, inLeaf, constant32(t)));
      isKept.push_back(op.getInclusive()
                           ? arith::CmpIOp::create(builder, loc,
                                                   arith::CmpIPredicate::ule,
                                                   inLeaf, constant32(t))
                                 .getResult()
                           : below.back());
    }
    SmallVector<Value> sums(rows.size(), neutral(tile::Combine::Sum, type));
    scf::ForOp loop = emitter.openLoop(0, terms, leafLanes * width, sums);
    sums = llvm::to_vector_of<Value>(loop.getRegionIterArgs());
    emitter.innermost();
    Subscript part;
    Value own = arith::ExtUIOp::create(
        builder, loc, builder.getI64Type(),
        arith::MulIOp::create(builder, loc, lane, constant32(width)));
    part.base =
        arith::AddIOp::create(builder, loc, loop.getInductionVar(), own);
    part.vector = true;
    emitter.setLevel(part.base);
    Value key = emitter.emit(op.getK(), {s, part});
    for (auto [row, isBelow, sum] : llvm::zip_equal(rows, below, sums)) {
      Value query = emitter.emit(op.getQ(), {row, part});
      Value decay = emitter.emit(op.getDecay(), {row, part});
      emitter.innermost();
      Value decayed = arith::MulFOp::create(builder, loc, key, decay);
      Value next = arith::SelectOp::create(builder, loc, isBelow, decayed, key);
      sum = LLVM::FMulAddOp::create(builder, loc, query,
                                    op.getInclusive() ? next : key, sum);
      key = next;
    }
    emitter.closeLoop(sums);
    emitter.setVector(1, {});
    SmallVector<Value> totals;
    for (Value sum : loop.getResults()) {
      emitter.innermost();
      Value total =
          vector::ReductionOp::create(builder, loc, vector::CombiningKind::ADD,
                                      sum, arith::FastMathFlags::reassoc);
      totals.push_back(combineLanes(tile::Combine::Sum, total, leafLanes, 1));
    }
    emitter.innermost();
    Value first = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        lane, constant32(0));
    for (auto [row, keeps, total] : llvm::zip_equal(rows, isKept, totals)) {
      emitter.innermost();
      emitter.openGuard(arith::AndIOp::create(builder, loc, first, keeps));
      finish(op.getResult(), total, {row, s});
      emitter.closeLoop();
    }
    emitter.setVector(width, {});
  });
}

void lrc::emitMmaDecayedProduct(BlockContext &context,
                                tile::DecayedProductOp op,
                                const OperandPair &operands,
                                ArrayRef<Storage> tables, bool inclusive) {
  if (decaysElements(op)) {
    ElementDecay(context, op, tables).decayRows();
    context.item.barrier();
    ElementDecay(context, op, tables).multiplyLevels();
    ElementDecay(context, op, tables).sumLeaves();
    return;
  }
  auto operandOf = [&](const OperandTile &tile) {
    return MmaOperand{context.forms.lookup(tile.tile), tile.sumAxis};
  };
  MmaTerm term{operandOf(operands.first), operandOf(operands.second),
               shapeOf(op.getQ())[1], operands.first.factors,
               operands.second.factors};
  if (!op.getDecay())
    return RowDecay(context).run(op, term, nullptr);
  DecayTable table{op.getDecay(), inclusive, tables.front()};
  RowDecay(context).run(op, term, &table);
}

void lrc::emitDecayTable(BlockContext &context, const DecayTable &table) {
  RowDecay(context).makeTable(table, shapeOf(table.decay)[0]);
}
