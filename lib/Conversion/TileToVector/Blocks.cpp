//===- Blocks.cpp - Register-blocked sums of products ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"

#include "lib/Conversion/TileToVector/NestParts.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value lrc::advance(Emitter &emitter, Location loc, Value pointer, Type element,
                   Value index, int64_t stride) {
  if (stride == 0)
    return pointer;
  OpBuilder &builder = emitter.innermost();
  Value offset = index;
  if (stride != 1)
    offset = builder.createOrFold<arith::MulIOp>(loc, index,
                                                 emitter.constant(stride));
  return LLVM::GEPOp::create(builder, loc, pointer.getType(), element, pointer,
                             ArrayRef<LLVM::GEPArg>{offset});
}

Value lrc::advance(Emitter &emitter, Location loc, Value pointer, Type element,
                   int64_t offset) {
  if (offset == 0)
    return pointer;
  OpBuilder &builder = emitter.innermost();
  return LLVM::GEPOp::create(
      builder, loc, pointer.getType(), element, pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
}

static unsigned bytesOf(Type element) {
  return element.getIntOrFloatBitWidth() / 8;
}

Value lrc::zeroVector(Emitter &emitter, Location loc, int64_t width,
                      Type element) {
  OpBuilder &builder = emitter.innermost();
  return arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(VectorType::get(width, element)));
}

Value lrc::fma(Emitter &emitter, Location loc, Value a, Value b, Value c) {
  return LLVM::FMulAddOp::create(emitter.innermost(), loc, a, b, c);
}

Value lrc::loadVector(Emitter &emitter, Location loc, Value pointer,
                      Type element, int64_t width, Value mask) {
  OpBuilder &builder = emitter.innermost();
  auto type = VectorType::get(width, element);
  if (!mask)
    return LLVM::LoadOp::create(builder, loc, type, pointer, bytesOf(element));
  Value zeros = zeroVector(emitter, loc, width, element);
  return LLVM::MaskedLoadOp::create(builder, loc, type, pointer, mask, zeros,
                                    bytesOf(element));
}

void lrc::storeVector(Emitter &emitter, Location loc, Value value,
                      Value pointer, Value mask) {
  OpBuilder &builder = emitter.innermost();
  unsigned bytes = bytesOf(cast<VectorType>(value.getType()).getElementType());
  if (mask)
    LLVM::MaskedStoreOp::create(builder, loc, value, pointer, mask, bytes);
  else
    LLVM::StoreOp::create(builder, loc, value, pointer, bytes);
}

Value lrc::loadSplat(Emitter &emitter, Location loc, Value pointer,
                     Type element, int64_t width) {
  OpBuilder &builder = emitter.innermost();
  Value scalar =
      LLVM::LoadOp::create(builder, loc, element, pointer, bytesOf(element));
  return vector::BroadcastOp::create(builder, loc,
                                     VectorType::get(width, element), scalar);
}

static Value gather(Emitter &emitter, Location loc, Value pointer, Type element,
                    int64_t width, int64_t stride, Value mask) {
  OpBuilder &builder = emitter.innermost();
  SmallVector<int64_t> offsets(width);
  SmallVector<bool> all(width, true);
  for (int64_t lane = 0; lane < width; ++lane)
    offsets[lane] = lane * stride;
  auto indices = VectorType::get(width, builder.getI64Type());
  Value offset = arith::ConstantOp::create(
      builder, loc,
      DenseElementsAttr::get(indices, ArrayRef<int64_t>(offsets)));
  if (!mask)
    mask = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(VectorType::get(width, builder.getI1Type()),
                               ArrayRef<bool>(all)));
  Value pointers = LLVM::GEPOp::create(
      builder, loc, VectorType::get(width, pointer.getType()), element, pointer,
      ArrayRef<LLVM::GEPArg>{offset});
  return LLVM::masked_gather::create(
      builder, loc, VectorType::get(width, element), pointers, mask,
      ValueRange{zeroVector(emitter, loc, width, element)}, bytesOf(element));
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

/// Takes the axes of `tile` to those of the tile that it is a view of.
static AffineMap mapToViewed(const Plan &plan, Value tile) {
  Value end = plan.viewedTile(tile);
  AffineMap map = AffineMap::getMultiDimIdentityMap(shapeOf(tile).size(),
                                                    tile.getContext());
  while (tile != end) {
    auto access = tile.getDefiningOp<tile::AccessOp>();
    map = access.getMap().compose(map);
    tile = access.getSource();
  }
  return map;
}

FormRequest lrc::traceAxis(const Plan &plan, Value tile, int64_t axis) {
  Value viewed = plan.viewedTile(tile);
  AffineMap map = mapToViewed(plan, tile);
  AffineExpr dim = getAffineDimExpr(axis, tile.getContext());
  FormRequest request{{}, -1};
  for (auto [index, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(axis))
      continue;
    if (request.tile || expr != dim)
      return {{}, -1};
    request = {viewed, int64_t(index)};
  }
  return request;
}

/// Adds a linear expression, times `stride`, to strides and offset.
static void addLinear(AffineExpr expr, int64_t stride,
                      SmallVectorImpl<int64_t> &strides, int64_t &offset) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    strides[dim.getPosition()] += stride;
    return;
  }
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    offset += number.getValue() * stride;
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  if (binary.getKind() == AffineExprKind::Mul)
    return addLinear(binary.getLHS(),
                     stride *
                         cast<AffineConstantExpr>(binary.getRHS()).getValue(),
                     strides, offset);
  addLinear(binary.getLHS(), stride, strides, offset);
  addLinear(binary.getRHS(), stride, strides, offset);
}

View lrc::viewOf(RowContext &context, Emitter &emitter, Value tile,
                 int64_t axis) {
  emitter.outermost();
  Value viewed = context.plan.viewedTile(tile);
  Storage storage;
  auto kept = context.frame.storage.find(viewed);
  if (kept != context.frame.storage.end())
    storage = kept->second;
  else
    storage = emitter.storageOf(viewed.getDefiningOp<tile::LoadOp>(), viewed);
  if (axis >= 0) {
    FormRequest request = traceAxis(context.plan, tile, axis);
    auto form = context.forms.find({request.tile, request.axis});
    if (form != context.forms.end())
      storage = form->second;
  }
  View view{storage.pointer, storage.element, {}};
  view.strides.assign(shapeOf(tile).size(), 0);
  int64_t offset = 0;
  for (auto [expr, stride] : llvm::zip_equal(
           mapToViewed(context.plan, tile).getResults(), storage.strides))
    addLinear(expr, stride, view.strides, offset);
  if (offset) {
    OpBuilder &builder = emitter.outermost();
    view.pointer = LLVM::GEPOp::create(
        builder, context.loc, view.pointer.getType(), view.element,
        view.pointer, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }
  return view;
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

/// Cycles for one summand of a block on a processor with two units for
/// multiply-adds of latency 4 and two for loads; in quarters.
static int64_t cyclesOf(int64_t rows, int64_t vectors) {
  constexpr int64_t latency = 4 * 4;
  return std::max({2 * rows * vectors, 2 * (rows + vectors), latency + 2});
}

RegisterBlock lrc::chooseBlock(const VectorTarget &target, int64_t rows,
                               int64_t vectors, int64_t width) {
  auto cost = [&](int64_t r, int64_t v) {
    int64_t sum = 0;
    for (auto [height, countR] :
         {std::pair(r, rows / r), std::pair(rows % r, int64_t(rows % r != 0))})
      for (auto [length, countV] :
           {std::pair(v, vectors / v),
            std::pair(vectors % v, int64_t(vectors % v != 0))})
        if (countR && countV)
          sum += countR * countV * cyclesOf(height, length);
    return sum;
  };
  RegisterBlock best{1, 1, width, {}};
  int64_t bestCost = cost(1, 1);
  for (int64_t r = 1; r <= std::min<int64_t>(rows, 8); ++r)
    for (int64_t v = 1; v <= std::min<int64_t>(vectors, 8); ++v) {
      // The vectors of one factor and a broadcast of the other stay beside the
      // accumulators.
      if (r * v + v + 1 > target.registers)
        continue;
      int64_t candidate = cost(r, v);
      if (candidate < bestCost ||
          (candidate == bestCost && r * v > best.size())) {
        best.rows = r;
        best.vectors = v;
        bestCost = candidate;
      }
    }
  return best;
}

void lrc::forEachBlock(
    Emitter &emitter, int64_t size, int64_t step,
    llvm::function_ref<void(Value first, int64_t count)> body) {
  int64_t whole = size / step * step;
  if (whole == step) {
    emitter.outermost();
    body(emitter.constant(0), step);
  } else if (whole > 0) {
    body(emitter.openLoop(0, whole, step).getInductionVar(), step);
    emitter.closeLoop();
  }
  if (whole == size)
    return;
  emitter.outermost();
  body(emitter.constant(whole), size - whole);
}

void lrc::forEachPanel(
    Emitter &emitter, Location loc, int64_t size, RegisterBlock block,
    llvm::function_ref<void(Value first, const RegisterBlock &block)> body) {
  int64_t step = block.width * block.vectors;
  forEachBlock(emitter, size, step, [&](Value first, int64_t count) {
    RegisterBlock part = block;
    part.vectors = llvm::divideCeil(count, block.width);
    if (count % block.width)
      part.tailMask =
          makeTailMask(emitter, loc, block.width, count % block.width);
    body(first, part);
  });
}

Value lrc::loadFactor(Emitter &emitter, Location loc,
                      const RegisterBlock &block, const Factor &factor,
                      int64_t row, int64_t vector) {
  Value pointer =
      advance(emitter, loc, factor.pointer, factor.element,
              row * factor.row + vector * block.width * factor.lane);
  if (factor.lane == 0)
    return loadSplat(emitter, loc, pointer, factor.element, block.width);
  Value mask = block.maskOf(vector);
  if (factor.lane == 1)
    return loadVector(emitter, loc, pointer, factor.element, block.width, mask);
  return gather(emitter, loc, pointer, factor.element, block.width, factor.lane,
                mask);
}

namespace {
/// Loads what a factor has for a block, each vector or broadcast once.
class FactorLoads {
public:
  FactorLoads(Emitter &emitter, Location loc, const RegisterBlock &block,
              const Factor &factor)
      : emitter(emitter), loc(loc), block(block), factor(factor) {}

  Value at(int64_t row, int64_t vector) {
    Value &value = loads[{factor.row ? row : 0, factor.lane ? vector : 0}];
    if (!value)
      value = loadFactor(emitter, loc, block, factor, row, vector);
    return value;
  }

private:
  Emitter &emitter;
  Location loc;
  const RegisterBlock &block;
  const Factor &factor;
  std::map<std::pair<int64_t, int64_t>, Value> loads;
};
} // namespace

SmallVector<Value> lrc::addProducts(Emitter &emitter, Location loc,
                                    const RegisterBlock &block, Factor lhs,
                                    Factor rhs, ArrayRef<int64_t> sizes,
                                    Value end,
                                    SmallVector<Value> accumulators) {
  SmallVector<scf::ForOp> loops;
  for (auto [index, size] : llvm::enumerate(sizes)) {
    bool isLast = index + 1 == sizes.size();
    scf::ForOp loop = isLast && end
                          ? emitter.openLoopTo(0, end, 1, accumulators)
                          : emitter.openLoop(0, size, 1, accumulators);
    loops.push_back(loop);
    accumulators.assign(loop.getRegionIterArgs().begin(),
                        loop.getRegionIterArgs().end());
    for (Factor *factor : {&lhs, &rhs})
      factor->pointer = advance(emitter, loc, factor->pointer, factor->element,
                                loop.getInductionVar(), factor->sums[index]);
  }
  FactorLoads left(emitter, loc, block, lhs);
  FactorLoads right(emitter, loc, block, rhs);
  for (int64_t row = 0; row < block.rows; ++row)
    for (int64_t vector = 0; vector < block.vectors; ++vector) {
      Value &sum = accumulators[row * block.vectors + vector];
      Value a = left.at(row, vector);
      Value b = right.at(row, vector);
      sum = fma(emitter, loc, a, b, sum);
    }
  for (scf::ForOp loop : llvm::reverse(loops)) {
    emitter.closeLoop(accumulators);
    accumulators.assign(loop.getResults().begin(), loop.getResults().end());
  }
  return accumulators;
}
