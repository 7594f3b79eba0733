//===- SolveNest.cpp - Triangular systems by tensor cores -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   X = b + A X with A strictly lower, so X = (I - A)^-1 b
//
// by blocks of 16 rows: with T_I the inverse of the I-th block on the diagonal
// of I - A,
//
//   X_I = T_I (b_I + sum_{J<I} A_IJ X_J)
//
// The inverses come first, a thread for each of their columns. Then each warp
// takes columns of X of its own down the blocks, and waits for no other.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/TensorCore.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lrc;

std::optional<OperandPair> lrc::matchMma(const Plan &plan, tile::SolveOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getResult());
  if (op.getScale() || shape.size() != 2 ||
      !elementOf(op.getResult()).isF32() ||
      !fitsMma(shape[0], shape[1], shape[0]))
    return std::nullopt;
  OperandTile matrix = plainOperand(plan, op.getMatrix(), 1);
  if (!plan.isMaterialized(matrix.tile) || matrix.sumAxis != 1)
    return std::nullopt;
  return std::pair(matrix, OperandTile{op.getResult(), 0});
}

namespace {
class SolveNest : MmaNest {
public:
  SolveNest(BlockContext &context, tile::SolveOp op,
            const OperandPair &operands, const Storage &inverses)
      : MmaNest(context), op(op),
        matrix{context.forms.lookup(operands.first.tile), 1},
        solution{context.forms.lookup(op.getResult()), 0},
        inverses{inverses, 1}, rows(shapeOf(op.getResult())[0]),
        columns(shapeOf(op.getResult())[1]) {}

  void invertBlocks();
  void solve();

private:
  using Sums = SmallVector<Fragment, 4>;
  SmallVector<SmallVector<Subscript>> placesOf(int64_t row);
  Sums startOf(int64_t row);
  void add(Sums &sums, const MmaOperand &lhs, int64_t row, int64_t sum,
           int64_t from);
  void keep(const Sums &sums, int64_t row);
  void syncWarp();
  std::vector<SmallVector<Value>> loadBlock(const Subscript &first);

  tile::SolveOp op;
  MmaOperand matrix, solution, inverses;
  int64_t rows, columns;
  int64_t tiles = 1;
  Subscript ownRow, ownColumn;
};
} // namespace

/// Entries below the diagonal of the block that begins at `first`, in f32.
std::vector<SmallVector<Value>> SolveNest::loadBlock(const Subscript &first) {
  constexpr int64_t width = 2;
  emitter.setVector(width, {});
  std::vector<SmallVector<Value>> entries(solveBlockRows);
  for (int64_t t = 0; t < solveBlockRows; ++t) {
    Subscript row = emitter.offset(first, t);
    for (int64_t s = 0; s < t; s += width) {
      Subscript pair = emitter.offset(first, s);
      pair.vector = true;
      Value both = emitter.load(matrix.storage, {row, pair});
      emitter.innermost();
      both = arith::ExtFOp::create(
          builder, loc, VectorType::get(width, builder.getF32Type()), both);
      for (int64_t part = 0; part < width; ++part)
        entries[t].push_back(
            vector::ExtractOp::create(builder, loc, both, part));
    }
  }
  return entries;
}

/// Forward substitution for a column of the identity, in registers. Loads come
/// first: behind a store they would wait for it.
void SolveNest::invertBlocks() {
  Type f32 = builder.getF32Type();
  forEachIndex(rows, [&](Value index) {
    Value column = remainder(index, solveBlockRows);
    Subscript at = toSubscript(column);
    Subscript first =
        toSubscript(arith::SubIOp::create(builder, loc, index, column));
    std::vector<SmallVector<Value>> entries = loadBlock(first);
    SmallVector<Value> known;
    for (int64_t t = 0; t < solveBlockRows; ++t) {
      emitter.innermost();
      Value onDiagonal = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::eq, column, constant32(t));
      Value sum = arith::SelectOp::create(builder, loc, onDiagonal,
                                          neutral(tile::Combine::Prod, f32),
                                          neutral(tile::Combine::Sum, f32));
      for (int64_t s = 0; s < t; ++s)
        sum =
            LLVM::FMulAddOp::create(builder, loc, entries[t][s], known[s], sum);
      known.push_back(sum);
    }
    emitter.setVector(1, {});
    for (auto [t, value] : llvm::enumerate(known))
      emitter.store(convertTo(value, inverses.storage.element),
                    inverses.storage, {emitter.offset(first, t), at});
  });
}

SmallVector<SmallVector<Subscript>> SolveNest::placesOf(int64_t row) {
  SmallVector<SmallVector<Subscript>> places;
  for (int64_t tile = 0; tile < tiles; ++tile)
    for (int64_t half : {0, 8})
      places.push_back({emitter.offset(ownRow, row + half),
                        emitter.offset(ownColumn, tile * 8)});
  return places;
}

SolveNest::Sums SolveNest::startOf(int64_t row) {
  Sums sums;
  for (auto [index, place] : llvm::enumerate(placesOf(row))) {
    Value both = emitter.emit(op.getRhs(), place);
    emitter.innermost();
    both = emitter.splat(both);
    if (index % 2 == 0)
      sums.emplace_back();
    for (int64_t part : {0, 1})
      sums.back().push_back(
          vector::ExtractOp::create(builder, loc, both, part));
  }
  return sums;
}

/// sums += the 16 x 16 block of lhs at (row, sum) times rows `from` .. of the
/// solution.
void SolveNest::add(Sums &sums, const MmaOperand &lhs, int64_t row, int64_t sum,
                    int64_t from) {
  emitter.innermost();
  auto plus = [&](Value a, Value b) -> Value {
    return arith::AddIOp::create(builder, loc, a, b);
  };
  auto times8 = [&](Value a) -> Value {
    return arith::MulIOp::create(builder, loc, a, constant32(8));
  };
  Value inMatrix = remainder(lane, 8);
  Value low = plus(times8(remainder(divide(lane, 8), 2)), inMatrix);
  Value high = times8(divide(lane, 16));
  Fragment left =
      loadMatrices(offsetOf(addressOf(lhs, low, high), lhs, row, sum), 4,
                   /*transposed=*/false);
  Value right = addressOf(solution, firstColumn, low);
  for (int64_t tile = 0; tile < tiles; ++tile) {
    Fragment factor = loadMatrices(offsetOf(right, solution, tile * 8, from), 2,
                                   /*transposed=*/true);
    sums[tile] = multiply(left, factor, sums[tile]);
  }
}

/// Writes to the solution's form, for this warp to read.
void SolveNest::keep(const Sums &sums, int64_t row) {
  auto pair = VectorType::get(2, builder.getF32Type());
  for (auto [index, place] : llvm::enumerate(placesOf(row))) {
    emitter.innermost();
    Value both = vector::FromElementsOp::create(
        builder, loc, pair,
        ArrayRef<Value>(sums[index / 2]).slice(index % 2 * 2, 2));
    emitter.store(convertTo(both, solution.storage.element), solution.storage,
                  place);
  }
}

void SolveNest::syncWarp() {
  emitter.innermost();
  NVVM::SyncWarpOp::create(builder, loc, constant32(-1));
}

void SolveNest::solve() {
  int64_t warps = context.item.getThreads() / warpThreads;
  int64_t active = warps;
  while (columns / 8 % active != 0)
    --active;
  tiles = columns / 8 / active;
  if (active < warps) {
    emitter.innermost();
    emitter.openGuard(arith::CmpIOp::create(builder, loc,
                                            arith::CmpIPredicate::ult,
                                            warpIndex(), constant32(active)));
  }
  emitter.innermost();
  emitter.setVector(2, {});
  lane = remainder(context.item.getThread(), warpThreads);
  firstColumn =
      arith::MulIOp::create(builder, loc, warpIndex(), constant32(tiles * 8));
  ownRow = toSubscript(divide(lane, 4));
  ownColumn = toSubscript(arith::AddIOp::create(
      builder, loc, firstColumn,
      arith::MulIOp::create(builder, loc, remainder(lane, 4), constant32(2))));
  ownColumn.vector = true;
  auto pair = VectorType::get(2, builder.getF32Type());
  for (int64_t row = 0; row < rows; row += solveBlockRows) {
    Sums sums = startOf(row);
    for (int64_t earlier = 0; earlier < row; earlier += solveBlockRows)
      add(sums, matrix, row, earlier, earlier);
    keep(sums, row);
    syncWarp();
    Sums known(tiles,
               Fragment(4, neutral(tile::Combine::Sum, builder.getF32Type())));
    add(known, inverses, row, 0, row);
    syncWarp();
    for (auto [index, place] : llvm::enumerate(placesOf(row))) {
      emitter.innermost();
      finish(op.getResult(),
             vector::FromElementsOp::create(
                 builder, loc, pair,
                 ArrayRef<Value>(known[index / 2]).slice(index % 2 * 2, 2)),
             place);
    }
    syncWarp();
  }
  if (active < warps)
    emitter.closeLoop();
}

void lrc::emitBlockInverses(BlockContext &context, tile::SolveOp op,
                            const OperandPair &operands,
                            const Storage &inverses) {
  SolveNest(context, op, operands, inverses).invertBlocks();
}

void lrc::emitMmaSolve(BlockContext &context, tile::SolveOp op,
                       const OperandPair &operands, const Storage &inverses) {
  SolveNest(context, op, operands, inverses).solve();
}
