//===- ProductNest.cpp - Register-blocked tile.product --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"
#include "lib/Conversion/TileToVector/NestParts.h"

using namespace mlir;
using namespace lrc;

namespace {
/// How the dimensions of a product become loops.
struct ProductShape {
  SmallVector<int64_t> sizes;
  /// The dimension that vectors run along; summed itself when `dot`.
  int64_t vectorDim = -1;
  bool dot = false;
  /// The dimension of which a block has several rows, or -1.
  int64_t rowDim = -1;
  /// Other dimensions of the result.
  SmallVector<int64_t> outer;
  /// Summed dimensions but `vectorDim`; the longest is innermost.
  SmallVector<int64_t> sums;

  ProductShape(const Plan &plan, tile::ProductOp op);
};
} // namespace

static bool has(AffineMap map, int64_t dim) { return map.isFunctionOfDim(dim); }

/// The axis of an operand that is dimension `dim`, or -1.
static int64_t axisOf(AffineMap map, int64_t dim) {
  auto position =
      map.getResultPosition(getAffineDimExpr(dim, map.getContext()));
  return position ? int64_t(*position) : -1;
}

static std::array<std::pair<Value, AffineMap>, 2>
factorsOf(tile::ProductOp op) {
  return {std::pair(Value(op.getLhs()), op.getLhsMap()),
          std::pair(Value(op.getRhs()), op.getRhsMap())};
}

/// Whether the factors that have a dimension are consecutive along it.
static bool isConsecutiveDim(const Plan &plan, tile::ProductOp op,
                             int64_t dim) {
  return llvm::all_of(factorsOf(op), [&](auto factor) {
    auto [tile, map] = factor;
    return !has(map, dim) || isConsecutive(plan, tile, axisOf(map, dim));
  });
}

ProductShape::ProductShape(const Plan &plan, tile::ProductOp op)
    : sizes(op.getSizes()) {
  AffineMap result = op.getResultMap();
  int64_t axis = consecutiveAxis(plan, op.getResult());
  if (axis >= 0)
    vectorDim = cast<AffineDimExpr>(result.getResult(axis)).getPosition();
  int64_t count = sizes.size();
  int64_t dotDim = -1;
  int64_t kept = 0;
  for (int64_t dim = 0; dim < count; ++dim) {
    if (has(result, dim))
      kept += sizes[dim] > 1;
    else if (isConsecutiveDim(plan, op, dim) &&
             (dotDim < 0 || sizes[dim] > sizes[dotDim]))
      dotDim = dim;
  }
  // One number for each row: vectors along the sum need no other layout.
  dot = dotDim >= 0 && kept <= 1 &&
        (vectorDim < 0 || !isConsecutiveDim(plan, op, vectorDim));
  if (dot)
    vectorDim = dotDim;
  for (int64_t dim = 0; dim < count; ++dim) {
    if (dim == vectorDim)
      continue;
    if (!has(result, dim)) {
      if (sizes[dim] > 1)
        sums.push_back(dim);
      continue;
    }
    outer.push_back(dim);
    // The best rows are those that share their vectors.
    auto score = [&](int64_t dim) {
      bool shares = vectorDim < 0 || llvm::any_of(
                                         factorsOf(op),
                                         [&](auto f) {
                                           return has(f.second, vectorDim) &&
                                                  !has(f.second, dim);
                                         });
      return std::pair(shares, sizes[dim]);
    };
    if (sizes[dim] > 1 && (rowDim < 0 || score(dim) > score(rowDim)))
      rowDim = dim;
  }
  if (rowDim >= 0)
    outer.erase(llvm::find(outer, rowDim));
  llvm::sort(sums, [&](int64_t a, int64_t b) {
    return std::pair(sizes[a], a) < std::pair(sizes[b], b);
  });
}

void lrc::requestForms(const Plan &plan, tile::ProductOp op,
                       SmallVectorImpl<FormRequest> &requests) {
  ProductShape shape(plan, op);
  if (shape.dot || shape.vectorDim < 0)
    return;
  for (auto [tile, map] : factorsOf(op))
    if (has(map, shape.vectorDim))
      requestForm(plan, tile, axisOf(map, shape.vectorDim), requests);
}

namespace {
class ProductNest {
public:
  ProductNest(RowContext &context, tile::ProductOp op, const RowResult &result)
      : context(context), op(op), result(result),
        emitter(context.frame, context.builder, context.loc), loc(context.loc),
        shape(context.plan, op) {}

  void emit();

private:
  using Position = SmallVector<Subscript>;

  Factor factorAt(unsigned index, const Position &at, Value dotStart);
  SmallVector<Subscript> resultAt(const Position &at);
  void emitRows(Position at, const RegisterBlock &block);
  void emitBlock(const Position &at, const RegisterBlock &block);
  SmallVector<Value> emitSum(const Position &at, const RegisterBlock &block,
                             SmallVector<Value> sums);
  SmallVector<Value> emitDot(const Position &at, RegisterBlock block,
                             SmallVector<Value> sums);
  Value findEnd(const Position &at, const RegisterBlock &block);
  Position shifted(const Position &at, const RegisterBlock &block, int64_t row,
                   int64_t vector);
  void mergeSums();

  RowContext &context;
  tile::ProductOp op;
  const RowResult &result;
  Emitter emitter;
  Location loc;
  ProductShape shape;
  int64_t width = 1;
  /// Of lhs and rhs: address, and stride of each dimension.
  View views[2];
  SmallVector<int64_t> strides[2];
};
} // namespace

/// Summed dimensions that lie behind each other in both factors are one.
void ProductNest::mergeSums() {
  for (size_t i = 0; i < shape.sums.size(); ++i)
    for (size_t j = 0; j < shape.sums.size(); ++j) {
      int64_t outer = shape.sums[i];
      int64_t inner = shape.sums[j];
      bool behind = i != j && !op.getStrictlyLower();
      for (auto &stride : strides)
        behind &= stride[outer] == stride[inner] * shape.sizes[inner];
      if (!behind)
        continue;
      shape.sizes[inner] *= shape.sizes[outer];
      shape.sums.erase(shape.sums.begin() + i);
      return mergeSums();
    }
}

void ProductNest::emit() {
  width = context.target.lanes(elementOf(op.getResult()));
  for (auto [index, factor] : llvm::enumerate(factorsOf(op))) {
    auto [tile, map] = factor;
    int64_t axis =
        shape.dot || shape.vectorDim < 0 ? -1 : axisOf(map, shape.vectorDim);
    views[index] = viewOf(context, emitter, tile, axis);
    strides[index].assign(shape.sizes.size(), 0);
    for (auto [axis, expr] : llvm::enumerate(map.getResults()))
      strides[index][cast<AffineDimExpr>(expr).getPosition()] =
          views[index].strides[axis];
  }
  mergeSums();
  Position at(shape.sizes.size());
  emitter.outermost();
  for (Subscript &subscript : at)
    subscript.base = emitter.constant(0);
  unsigned opened = 0;
  for (int64_t dim : shape.outer)
    if (shape.sizes[dim] > 1) {
      at[dim].base = emitter.openLoop(0, shape.sizes[dim], 1).getInductionVar();
      ++opened;
    }
  int64_t rows = shape.rowDim < 0 ? 1 : shape.sizes[shape.rowDim];
  if (shape.dot || shape.vectorDim < 0) {
    if (shape.vectorDim < 0)
      width = 1;
    emitRows(at, chooseBlock(context.target, rows, 1, width));
  } else {
    int64_t size = shape.sizes[shape.vectorDim];
    width = std::min<int64_t>(width, llvm::PowerOf2Ceil(size));
    RegisterBlock block =
        chooseBlock(context.target, rows, llvm::divideCeil(size, width), width);
    forEachPanel(emitter, loc, size, block,
                 [&](Value first, const RegisterBlock &part) {
                   at[shape.vectorDim] = {first, true, {}};
                   emitRows(at, part);
                 });
  }
  while (opened--)
    emitter.closeLoop();
}

void ProductNest::emitRows(Position at, const RegisterBlock &block) {
  if (shape.rowDim < 0)
    return emitBlock(at, block);
  forEachBlock(emitter, shape.sizes[shape.rowDim], block.rows,
               [&](Value first, int64_t count) {
                 RegisterBlock part = block;
                 part.rows = count;
                 at[shape.rowDim].base = first;
                 emitBlock(at, part);
               });
}

Factor ProductNest::factorAt(unsigned index, const Position &at,
                             Value dotStart) {
  Factor factor;
  ArrayRef<int64_t> stride = strides[index];
  factor.element = views[index].element;
  factor.pointer = views[index].pointer;
  for (auto [dim, subscript] : llvm::enumerate(at)) {
    bool summed = llvm::is_contained(shape.sums, int64_t(dim)) ||
                  (shape.dot && int64_t(dim) == shape.vectorDim);
    if (!summed && shape.sizes[dim] > 1)
      factor.pointer = advance(emitter, loc, factor.pointer, factor.element,
                               subscript.base, stride[dim]);
  }
  if (dotStart)
    factor.pointer = advance(emitter, loc, factor.pointer, factor.element,
                             dotStart, stride[shape.vectorDim]);
  if (shape.rowDim >= 0)
    factor.row = stride[shape.rowDim];
  if (shape.vectorDim >= 0)
    factor.lane = stride[shape.vectorDim];
  for (int64_t dim : shape.sums)
    factor.sums.push_back(stride[dim]);
  return factor;
}

/// Of a strictly lower matrix, a block needs the columns before its last row.
Value ProductNest::findEnd(const Position &at, const RegisterBlock &block) {
  if (!op.getStrictlyLower() || shape.rowDim < 0 || shape.sums.empty() ||
      axisOf(op.getLhsMap(), shape.rowDim) != 0 ||
      axisOf(op.getLhsMap(), shape.sums.back()) != 1)
    return {};
  return emitter.offset(at[shape.rowDim], block.rows - 1).base;
}

SmallVector<Value> ProductNest::emitSum(const Position &at,
                                        const RegisterBlock &block,
                                        SmallVector<Value> sums) {
  Value end = findEnd(at, block);
  SmallVector<int64_t> sizes;
  for (int64_t dim : shape.sums)
    sizes.push_back(shape.sizes[dim]);
  Factor lhs = factorAt(0, at, {});
  Factor rhs = factorAt(1, at, {});
  return addProducts(emitter, loc, block, lhs, rhs, sizes, end,
                     std::move(sums));
}

/// Vectors of partial sums, then the sum of their lanes.
SmallVector<Value> ProductNest::emitDot(const Position &at, RegisterBlock block,
                                        SmallVector<Value> sums) {
  int64_t size = shape.sizes[shape.vectorDim];
  int64_t whole = size / width;
  SmallVector<int64_t> sizes;
  for (int64_t dim : shape.sums)
    sizes.push_back(shape.sizes[dim]);
  auto add = [&](Value start, int64_t count) {
    Factor factors[2];
    for (unsigned index : {0, 1}) {
      factors[index] = factorAt(index, at, start);
      factors[index].sums.push_back(strides[index][shape.vectorDim] * width);
    }
    sizes.push_back(count);
    sums = addProducts(emitter, loc, block, factors[0], factors[1], sizes, {},
                       std::move(sums));
    sizes.pop_back();
  };
  if (whole)
    add({}, whole);
  if (size % width) {
    block.tailMask = makeTailMask(emitter, loc, width, size % width);
    emitter.outermost();
    add(emitter.constant(whole * width), 1);
  }
  for (Value &sum : sums)
    sum = reduceLanes(emitter.innermost(), loc, tile::Combine::Sum, sum);
  return sums;
}

ProductNest::Position ProductNest::shifted(const Position &at,
                                           const RegisterBlock &block,
                                           int64_t row, int64_t vector) {
  Position result = at;
  if (shape.rowDim >= 0)
    result[shape.rowDim] = emitter.offset(at[shape.rowDim], row);
  if (shape.vectorDim >= 0 && !shape.dot)
    result[shape.vectorDim] =
        emitter.offset(at[shape.vectorDim], vector * block.width);
  return result;
}

SmallVector<Subscript> ProductNest::resultAt(const Position &at) {
  SmallVector<Subscript> subscripts;
  for (AffineExpr expr : op.getResultMap().getResults())
    subscripts.push_back(at[cast<AffineDimExpr>(expr).getPosition()]);
  return subscripts;
}

void ProductNest::emitBlock(const Position &at, const RegisterBlock &block) {
  bool vectors = !shape.dot && shape.vectorDim >= 0;
  SmallVector<SmallVector<Subscript>> places;
  for (int64_t row = 0; row < block.rows; ++row)
    for (int64_t vector = 0; vector < block.vectors; ++vector)
      places.push_back(resultAt(shifted(at, block, row, vector)));
  auto setVector = [&](int64_t index) {
    if (vectors)
      emitter.setVector(block.width, block.maskOf(index % block.vectors));
    else
      emitter.setVector(1, {});
  };
  SmallVector<Value> inits;
  SmallVector<Value> sums;
  for (auto [index, place] : llvm::enumerate(places)) {
    setVector(index);
    Value start;
    if (op.getInit())
      start = emitter.emit(op.getInit(), place);
    inits.push_back(start);
    if (start && vectors) {
      emitter.innermost();
      sums.push_back(emitter.splat(start));
    } else {
      sums.push_back(
          zeroVector(emitter, loc, block.width, elementOf(op.getResult())));
    }
  }
  sums = shape.dot ? emitDot(at, block, std::move(sums))
                   : emitSum(at, block, std::move(sums));
  for (auto [index, place] : llvm::enumerate(places)) {
    OpBuilder &builder = emitter.innermost();
    Value value = sums[index];
    if (!vectors && !shape.dot)
      value = reduceLanes(builder, loc, tile::Combine::Sum, value);
    if (!vectors && inits[index])
      value = arith::AddFOp::create(builder, loc, value, inits[index]);
    setVector(index);
    finishRow(emitter, result, value, place);
  }
}

void lrc::emitProduct(RowContext &context, tile::ProductOp op,
                      const RowResult &result) {
  ProductNest(context, op, result).emit();
}
