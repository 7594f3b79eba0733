//===- SumNest.cpp - Reductions, and products without tensor cores --------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both combine a term over some dimensions of an iteration space. Where results
// are many, a thread computes a few of them; where they are few, neighbours in
// a warp share the terms of one.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockNests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

namespace {
/// An iteration space, and what is combined over it.
struct SumSpace {
  SmallVector<int64_t> sizes;
  /// The dimensions that a result has, in the order of its axes.
  SmallVector<unsigned> kept;
  SmallVector<unsigned> summed;
  tile::Combine fn = tile::Combine::Sum;

  int64_t countKept() const {
    int64_t count = 1;
    for (unsigned dim : kept)
      count *= sizes[dim];
    return count;
  }
};

class SumNest : BlockNest {
public:
  using Place = SmallVector<Subscript>;
  /// The accumulator with the term at a position added.
  using Add = llvm::function_ref<Value(Value accumulator, ArrayRef<Subscript>)>;

  SumNest(BlockContext &context, SumSpace space, Type element)
      : BlockNest(context), space(std::move(space)), element(element) {}

  void reduce(tile::ReduceOp op);
  void product(tile::ProductOp op);

private:
  Place resultPlace(ArrayRef<Subscript> at) const;
  void runShared(Value result, int64_t lanes, Value init, Add add);
  void runBlocked(Value result, Value init, Add add);
  void run(Value result, Value init, Add add);
  int64_t chooseLanes() const;

  SumSpace space;
  Type element;
};
} // namespace

SumNest::Place SumNest::resultPlace(ArrayRef<Subscript> at) const {
  Place place;
  for (unsigned dim : space.kept)
    place.push_back(at[dim]);
  return place;
}

/// Threads that share a result: a power of two that divides the last summed
/// dimension.
int64_t SumNest::chooseLanes() const {
  if (space.summed.empty())
    return 1;
  int64_t threads = context.item.getThreads();
  int64_t terms = space.sizes[space.summed.back()];
  int64_t lanes = 1;
  while (lanes < warpThreads && terms % (2 * lanes) == 0 &&
         space.countKept() * lanes < threads)
    lanes *= 2;
  return lanes;
}

/// `lanes` threads of a warp for each result.
void SumNest::runShared(Value result, int64_t lanes, Value init, Add add) {
  int64_t count = space.countKept();
  unsigned last = space.summed.back();
  // Neighbours read neighbours: terms, if they are last in memory, else
  // results.
  int64_t apart = warpThreads / lanes;
  if (last + 1 == space.sizes.size() || count % apart != 0)
    apart = 1;
  int64_t width = 1;
  for (int64_t w : {4, 2})
    if (width == 1 && apart == 1 && last + 1 == space.sizes.size() &&
        space.sizes[last] % (lanes * w) == 0)
      width = w;
  emitter.setVector(width, {});
  Type type = width > 1 ? Type(VectorType::get(width, element)) : element;
  int64_t whole = llvm::alignTo(count * lanes, warpThreads);
  forEachIndex(
      whole,
      [&](Value index) {
        Value lane, position;
        if (apart == 1) {
          lane = remainder(index, lanes);
          position = divide(index, lanes);
        } else {
          lane = divide(remainder(index, warpThreads), apart);
          position = arith::AddIOp::create(
              builder, loc,
              arith::MulIOp::create(builder, loc, divide(index, warpThreads),
                                    constant32(apart)),
              remainder(index, apart));
        }
        // Whole warps run: those without a result repeat the last one.
        Value inside =
            arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult,
                                  position, constant32(count));
        position = arith::MinUIOp::create(builder, loc, position,
                                          constant32(count - 1));
        SmallVector<int64_t> sizes;
        for (unsigned dim : space.kept)
          sizes.push_back(space.sizes[dim]);
        Place at(space.sizes.size());
        for (auto [dim, subscript] :
             llvm::zip_equal(space.kept, split(position, sizes)))
          at[dim] = subscript;
        Value start = arith::ExtUIOp::create(
            builder, loc, builder.getI64Type(),
            arith::MulIOp::create(builder, loc, lane, constant32(width)));
        emitter.setLevel(start);
        Value sum = neutral(space.fn, type);
        SmallVector<scf::ForOp> loops;
        for (unsigned dim : space.summed) {
          int64_t size = space.sizes[dim];
          int64_t step = dim == last ? lanes * width : 1;
          scf::ForOp loop = emitter.openLoop(0, size, step, sum);
          sum = loop.getRegionIterArg(0);
          at[dim].base = loop.getInductionVar();
          if (dim == last && lanes > 1) {
            emitter.innermost();
            at[dim].base =
                arith::AddIOp::create(builder, loc, at[dim].base, start);
            emitter.setLevel(at[dim].base);
          }
          at[dim].vector = dim == last && width > 1;
          loops.push_back(loop);
        }
        sum = add(sum, at);
        for (scf::ForOp loop : llvm::reverse(loops)) {
          emitter.closeLoop(sum);
          sum = loop.getResult(0);
        }
        emitter.setVector(1, {});
        if (width > 1)
          sum = combineVector(space.fn, sum);
        sum = combineLanes(space.fn, sum, lanes, apart);
        Value first = arith::CmpIOp::create(
            builder, loc, arith::CmpIPredicate::eq, lane, constant32(0));
        emitter.openGuard(arith::AndIOp::create(builder, loc, inside, first));
        Place place = resultPlace(at);
        if (init) {
          Value start = emitter.emit(init, place);
          emitter.innermost();
          sum = combine(space.fn, sum, start);
        }
        finish(result, sum, place);
        emitter.closeLoop();
        emitter.setVector(width, {});
      },
      /*guarded=*/whole % context.item.getThreads() != 0);
}

/// Some vectors of results, in rows below each other, for each thread.
void SumNest::runBlocked(Value result, Value init, Add add) {
  int64_t threads = context.item.getThreads();
  int64_t count = space.countKept();
  int64_t width = 1, rows = 1;
  unsigned lastKept = space.kept.empty() ? 0 : space.kept.back();
  unsigned rowDim =
      space.kept.size() > 1 ? space.kept[space.kept.size() - 2] : 0;
  if (!space.kept.empty())
    for (int64_t w : {4, 2})
      if (width == 1 && space.sizes[lastKept] % w == 0 && count / w >= threads)
        width = w;
  if (space.kept.size() > 1)
    for (int64_t r : {8, 4, 2})
      if (rows == 1 && space.sizes[rowDim] % r == 0 &&
          count / width / r >= threads)
        rows = r;
  SmallVector<int64_t> sizes;
  for (unsigned dim : space.kept)
    sizes.push_back(space.sizes[dim] / (dim == lastKept ? width : 1) /
                    (space.kept.size() > 1 && dim == rowDim ? rows : 1));
  emitter.setVector(width, {});
  forEachIndex(count / width / rows, [&](Value index) {
    Place at(space.sizes.size());
    for (auto [dim, subscript] :
         llvm::zip_equal(space.kept, split(index, sizes)))
      at[dim] = subscript;
    auto scale = [&](Subscript &subscript, int64_t by) {
      emitter.innermost();
      subscript.base = builder.createOrFold<arith::MulIOp>(
          loc, subscript.base, emitter.constant(by));
      emitter.setLevel(subscript.base);
    };
    if (width > 1) {
      scale(at[lastKept], width);
      at[lastKept].vector = true;
    }
    if (rows > 1)
      scale(at[rowDim], rows);
    SmallVector<Place> places;
    for (int64_t row = 0; row < rows; ++row) {
      places.push_back(at);
      if (rows > 1)
        places.back()[rowDim] = emitter.offset(at[rowDim], row);
    }
    emitter.innermost();
    Type type = width > 1 ? Type(VectorType::get(width, element)) : element;
    SmallVector<Value> sums(rows, neutral(space.fn, type));
    SmallVector<scf::ForOp> loops;
    for (unsigned dim : space.summed) {
      scf::ForOp loop = emitter.openLoop(0, space.sizes[dim], 1, sums);
      sums = llvm::to_vector_of<Value>(loop.getRegionIterArgs());
      for (Place &place : places)
        place[dim].base = loop.getInductionVar();
      loops.push_back(loop);
    }
    for (auto [sum, place] : llvm::zip_equal(sums, places))
      sum = add(sum, place);
    for (scf::ForOp loop : llvm::reverse(loops)) {
      emitter.closeLoop(sums);
      sums = llvm::to_vector_of<Value>(loop.getResults());
    }
    for (auto [sum, place] : llvm::zip_equal(sums, places)) {
      Place own = resultPlace(place);
      Value total = sum;
      if (init) {
        Value start = emitter.emit(init, own);
        emitter.innermost();
        if (width > 1)
          start = emitter.splat(start);
        total = combine(space.fn, total, start);
      }
      finish(result, total, own);
    }
  });
}

void SumNest::run(Value result, Value init, Add add) {
  int64_t lanes = chooseLanes();
  if (lanes > 1)
    runShared(result, lanes, init, add);
  else
    runBlocked(result, init, add);
}

void SumNest::reduce(tile::ReduceOp op) {
  run(op.getResult(), {}, [&](Value sum, ArrayRef<Subscript> at) {
    Value term = emitter.emit(op.getSource(), at);
    emitter.innermost();
    if (isa<VectorType>(sum.getType()))
      term = emitter.splat(term);
    return combine(op.getFn(), sum, term);
  });
}

void SumNest::product(tile::ProductOp op) {
  auto factorAt = [&](Value tile, AffineMap map, ArrayRef<Subscript> at) {
    Place place;
    for (AffineExpr axis : map.getResults())
      place.push_back(at[cast<AffineDimExpr>(axis).getPosition()]);
    return emitter.emit(tile, place);
  };
  run(op.getResult(), op.getInit(), [&](Value sum, ArrayRef<Subscript> at) {
    Value lhs = factorAt(op.getLhs(), op.getLhsMap(), at);
    Value rhs = factorAt(op.getRhs(), op.getRhsMap(), at);
    emitter.innermost();
    if (isa<VectorType>(sum.getType())) {
      lhs = emitter.splat(lhs);
      rhs = emitter.splat(rhs);
    }
    return Value(LLVM::FMulAddOp::create(builder, loc, lhs, rhs, sum));
  });
}

void lrc::emitReduce(BlockContext &context, tile::ReduceOp op) {
  SumSpace space;
  space.fn = op.getFn();
  for (auto [dim, size] : llvm::enumerate(shapeOf(op.getSource()))) {
    space.sizes.push_back(size);
    bool summed = llvm::is_contained(op.getAxes(), int64_t(dim));
    (summed ? space.summed : space.kept).push_back(dim);
  }
  SumNest(context, space, elementOf(op.getResult())).reduce(op);
}

void lrc::emitProduct(BlockContext &context, tile::ProductOp op) {
  SumSpace space;
  space.sizes = op.getSizes();
  for (AffineExpr axis : op.getResultMap().getResults())
    space.kept.push_back(cast<AffineDimExpr>(axis).getPosition());
  for (unsigned dim = 0; dim < space.sizes.size(); ++dim)
    if (!llvm::is_contained(space.kept, dim))
      space.summed.push_back(dim);
  SumNest(context, space, elementOf(op.getResult())).product(op);
}
