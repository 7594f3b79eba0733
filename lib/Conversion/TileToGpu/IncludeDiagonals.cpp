//===- IncludeDiagonals.cpp - A step's own term among its scores ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a step adds itself is read at once, without its decay:
//
//   sum_{s<t} (sum_i a[t,i] q[t,i] (prod_{s<r<t} a[r,i]) k[s,i]) v[s,j]
//     + (sum_i q[t,i] k[t,i]) v[t,j]
//
// is one product with inclusive scores, whose diagonal costs nothing beside the
// products of matrices.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/IncludeDiagonals.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lrc;

/// The tile [C] that all columns of a matrix are.
static Value rowsOf(Value tile) {
  auto access = tile.getDefiningOp<tile::AccessOp>();
  if (!access ||
      access.getMap() !=
          AffineMap::get(2, 0, getAffineDimExpr(0, tile.getContext())))
    return {};
  return access.getSource();
}

/// The number that all elements of a tile are.
static Value numberOf(Value tile) {
  auto access = tile.getDefiningOp<tile::AccessOp>();
  if (!access || access.getMap().getNumResults() != 0)
    return {};
  return access.getSource();
}

/// The queries of scores whose queries are decayed by their own step.
static Value undecayedQuery(tile::DecayedProductOp scores) {
  Value decay = scores.getDecay();
  if (!decay)
    return scores.getQ();
  auto product = scores.getQ().getDefiningOp<arith::MulFOp>();
  if (!product)
    return {};
  auto isDecay = [&](Value tile) {
    Value number = numberOf(tile);
    return tile == decay || rowsOf(tile) == decay ||
           (number && number == numberOf(decay));
  };
  if (isDecay(product.getLhs()))
    return product.getRhs();
  return isDecay(product.getRhs()) ? product.getLhs() : Value();
}

/// Whether each row of `sums` is that of the products of two matrices.
static bool isRowSum(Value sums, Value a, Value b) {
  auto reduce = sums.getDefiningOp<tile::ReduceOp>();
  if (!reduce || reduce.getFn() != tile::Combine::Sum ||
      reduce.getAxes() != ArrayRef<int64_t>(1))
    return false;
  auto product = reduce.getSource().getDefiningOp<arith::MulFOp>();
  return product && ((product.getLhs() == a && product.getRhs() == b) ||
                     (product.getLhs() == b && product.getRhs() == a));
}

/// Whether a product is [t,s] by [s,j], and nothing else reads it.
static bool isPlain(tile::ProductOp product) {
  auto map = [&](unsigned a, unsigned b) {
    return AffineMap::getMultiDimMapWithTargets(3, {a, b},
                                                product.getContext());
  };
  return product->hasOneUse() && product.getStrictlyLower() &&
         product.getLhsMap() == map(0, 1) && product.getRhsMap() == map(1, 2) &&
         product.getResultMap() == map(0, 2);
}

/// The scores of `before`, if `own` is what they leave out.
static tile::DecayedProductOp matchScores(tile::ProductOp before,
                                          arith::MulFOp own) {
  auto scores = before.getLhs().getDefiningOp<tile::DecayedProductOp>();
  if (!scores || !scores->hasOneUse() || scores.getInclusive())
    return {};
  Value query = undecayedQuery(scores);
  for (auto [sums, rows] : {std::pair(own.getLhs(), own.getRhs()),
                            std::pair(own.getRhs(), own.getLhs())})
    if (Value numbers = rowsOf(sums); query && numbers &&
                                      rows == before.getRhs() &&
                                      isRowSum(numbers, query, scores.getK()))
      return scores;
  return {};
}

static bool includeDiagonal(arith::AddFOp sum) {
  for (auto [first, second] : {std::pair(sum.getLhs(), sum.getRhs()),
                               std::pair(sum.getRhs(), sum.getLhs())}) {
    auto before = first.getDefiningOp<tile::ProductOp>();
    auto own = second.getDefiningOp<arith::MulFOp>();
    if (!before || !own || !isPlain(before))
      continue;
    tile::DecayedProductOp scores = matchScores(before, own);
    if (!scores)
      continue;
    OpBuilder builder(scores);
    Value all = tile::DecayedProductOp::create(
        builder, scores.getLoc(), scores.getType(), undecayedQuery(scores),
        scores.getK(), scores.getDecay(), /*inclusive=*/true);
    before.getLhsMutable().assign(all);
    before.setStrictlyLower(false);
    sum.getResult().replaceAllUsesWith(before.getResult());
    sum.erase();
    return true;
  }
  return false;
}

/// Erases what nobody reads any more.
static void eraseUnused(tile::KernelOp kernel) {
  SmallVector<Operation *> ops;
  kernel.getBody().walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops))
    if (isOpTriviallyDead(op))
      op->erase();
}

void lrc::includeDiagonals(tile::KernelOp kernel) {
  SmallVector<arith::AddFOp> sums;
  kernel.getBody().walk([&](arith::AddFOp op) {
    if (isa<RankedTensorType>(op.getType()))
      sums.push_back(op);
  });
  bool changed = false;
  for (arith::AddFOp sum : sums)
    changed |= includeDiagonal(sum);
  if (changed)
    eraseUnused(kernel);
}
