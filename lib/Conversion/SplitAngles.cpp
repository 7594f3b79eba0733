//===- SplitAngles.cpp - tile-split-angles --------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rotations by an angle that grows with time need a sine and a cosine for each
// step. In a chunk that begins at step b, for row r and an angle w of a step,
//
//   cos((b + r) w) = cos(b w) cos(r w) - sin(b w) sin(r w)
//   sin((b + r) w) = sin(b w) cos(r w) + cos(b w) sin(r w)
//
// of which those of r w are the same in all chunks, and those of b w the same
// for all rows.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"

#include "lib/Conversion/TileToVector/Plan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace lrc {
#define GEN_PASS_DEF_TILESPLITANGLES
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;
using namespace lrc;

namespace {
/// A tile as it is read through accesses: its element at `map` of a position.
struct View {
  Value tile;
  AffineMap map;
};

/// (base + offset[r]) w[..] at positions (r, ..).
struct Angle {
  Value base;   // rank 0, of the chunk
  Value offset; // [C], of all chunks
  View step;    // of all chunks, no function of r
};

/// Sines and cosines of parts of an angle.
struct Turn {
  Value cosine, sine;
};

class AngleSplitter {
public:
  AngleSplitter(scf::ForOp loop, bool inF64) : loop(loop), inF64(inF64) {}

  void run();

private:
  bool isInvariant(Value value) const {
    return !scf::ForOp(loop)->isAncestor(value.getParentBlock()->getParentOp());
  }
  std::optional<Angle> match(Value angle) const;
  std::optional<Angle> matchTerms(Value time, Value step) const;
  Turn turnOf(OpBuilder &builder, Location loc, Value angle) const;
  Turn rowTurn(Location loc, const Angle &angle);
  Turn baseTurn(OpBuilder &builder, Location loc, const Angle &angle);
  void split(Operation *op, const Angle &angle, bool isCosine);

  scf::ForOp loop;
  /// Whether the numbers are kept as they are computed, and not in f32.
  bool inF64;
  llvm::DenseMap<std::pair<Value, Value>, Turn> rowTurns, baseTurns;
};
} // namespace

static View viewOf(Value tile) {
  unsigned rank = shapeOf(tile).size();
  View view{tile, AffineMap::getMultiDimIdentityMap(rank, tile.getContext())};
  while (auto access = view.tile.getDefiningOp<tile::AccessOp>()) {
    view.map = access.getMap().compose(view.map);
    view.tile = access.getSource();
  }
  return view;
}

std::optional<Angle> AngleSplitter::matchTerms(Value time, Value step) const {
  View rows = viewOf(time);
  auto sum = rows.tile.getDefiningOp<arith::AddFOp>();
  bool isRow = rows.map.getNumResults() == 1 &&
               rows.map.getResult(0) == getAffineDimExpr(0, time.getContext());
  if (!sum || !isRow)
    return std::nullopt;
  Angle angle;
  angle.step = viewOf(step);
  bool usesRow = llvm::any_of(angle.step.map.getResults(), [](AffineExpr expr) {
    return expr.isFunctionOfDim(0);
  });
  if (usesRow || !isInvariant(angle.step.tile))
    return std::nullopt;
  for (auto [base, offset] : {std::pair(sum.getLhs(), sum.getRhs()),
                              std::pair(sum.getRhs(), sum.getLhs())}) {
    View scalar = viewOf(base);
    if (!shapeOf(scalar.tile).empty() || !isInvariant(offset))
      continue;
    angle.base = scalar.tile;
    angle.offset = offset;
    return angle;
  }
  return std::nullopt;
}

std::optional<Angle> AngleSplitter::match(Value angle) const {
  auto product = angle.getDefiningOp<arith::MulFOp>();
  if (!product || shapeOf(angle).size() < 2)
    return std::nullopt;
  if (auto found = matchTerms(product.getLhs(), product.getRhs()))
    return found;
  return matchTerms(product.getRhs(), product.getLhs());
}

Turn AngleSplitter::turnOf(OpBuilder &builder, Location loc,
                           Value angle) const {
  Turn turn{math::CosOp::create(builder, loc, angle),
            math::SinOp::create(builder, loc, angle)};
  if (inF64 || !elementOf(angle).isF64())
    return turn;
  Type type = RankedTensorType::get(shapeOf(angle), builder.getF32Type());
  for (Value *value : {&turn.cosine, &turn.sine})
    *value = arith::TruncFOp::create(builder, loc, type, *value);
  return turn;
}

/// Of offset[r] w[..], [C, ..], before the loop.
Turn AngleSplitter::rowTurn(Location loc, const Angle &angle) {
  auto [known, isNew] =
      rowTurns.try_emplace({angle.offset, angle.step.tile}, Turn());
  if (!isNew)
    return known->second;
  OpBuilder builder(loop);
  SmallVector<int64_t> sizes{shapeOf(angle.offset)[0]};
  llvm::append_range(sizes, shapeOf(angle.step.tile));
  auto type = RankedTensorType::get(sizes, elementOf(angle.offset));
  unsigned rank = sizes.size();
  SmallVector<AffineExpr> rest;
  for (unsigned axis = 1; axis < rank; ++axis)
    rest.push_back(builder.getAffineDimExpr(axis));
  auto access = [&](Value tile, ArrayRef<AffineExpr> at) -> Value {
    return tile::AccessOp::create(
        builder, loc, type, tile,
        AffineMap::get(rank, 0, at, builder.getContext()));
  };
  Value product = arith::MulFOp::create(
      builder, loc, access(angle.offset, builder.getAffineDimExpr(0)),
      access(angle.step.tile, rest));
  return rowTurns[{angle.offset, angle.step.tile}] =
             turnOf(builder, loc, product);
}

/// Of base w[..], [..], in the loop.
Turn AngleSplitter::baseTurn(OpBuilder &builder, Location loc,
                             const Angle &angle) {
  auto [known, isNew] =
      baseTurns.try_emplace({angle.base, angle.step.tile}, Turn());
  if (!isNew)
    return known->second;
  auto type = cast<RankedTensorType>(angle.step.tile.getType());
  Value base = tile::AccessOp::create(
      builder, loc, type, angle.base,
      AffineMap::get(type.getRank(), 0, {}, builder.getContext()));
  Value product = arith::MulFOp::create(builder, loc, base, angle.step.tile);
  return baseTurns[{angle.base, angle.step.tile}] =
             turnOf(builder, loc, product);
}

void AngleSplitter::split(Operation *op, const Angle &angle, bool isCosine) {
  Location loc = op->getLoc();
  Turn row = rowTurn(loc, angle);
  // Behind what it is made of, before all that may share it.
  OpBuilder atBase(angle.base.getContext());
  atBase.setInsertionPointAfterValue(angle.base);
  Turn base = baseTurn(atBase, loc, angle);
  OpBuilder builder(op);
  auto wanted = cast<RankedTensorType>(op->getResult(0).getType());
  auto type = RankedTensorType::get(wanted.getShape(), elementOf(row.sine));
  SmallVector<AffineExpr> inRow{builder.getAffineDimExpr(0)};
  llvm::append_range(inRow, angle.step.map.getResults());
  AffineMap rowMap = AffineMap::get(angle.step.map.getNumDims(), 0, inRow,
                                    builder.getContext());
  auto product = [&](Value ofBase, Value ofRow) -> Value {
    return arith::MulFOp::create(
        builder, loc,
        tile::AccessOp::create(builder, loc, type, ofBase, angle.step.map),
        tile::AccessOp::create(builder, loc, type, ofRow, rowMap),
        arith::FastMathFlags::contract);
  };
  Value result;
  if (isCosine)
    result = arith::SubFOp::create(
        builder, loc, product(base.cosine, row.cosine),
        product(base.sine, row.sine), arith::FastMathFlags::contract);
  else
    result = arith::AddFOp::create(builder, loc, product(base.sine, row.cosine),
                                   product(base.cosine, row.sine),
                                   arith::FastMathFlags::contract);
  if (type != wanted)
    result = arith::ExtFOp::create(builder, loc, wanted, result);
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
}

void AngleSplitter::run() {
  SmallVector<Operation *> ops;
  for (Operation &op : *loop.getBody())
    if (isa<math::CosOp, math::SinOp>(op) &&
        isa<RankedTensorType>(op.getResult(0).getType()))
      ops.push_back(&op);
  for (Operation *op : ops)
    if (std::optional<Angle> angle = match(op->getOperand(0)))
      split(op, *angle, isa<math::CosOp>(op));
}

static bool hasF64Tensors(tile::KernelOp kernel) {
  return llvm::any_of(kernel.getBody().getArgumentTypes(), [](Type type) {
    Type element = cast<tile::RefType>(type).getElementType();
    if (auto complex = dyn_cast<ComplexType>(element))
      element = complex.getElementType();
    return element.isF64();
  });
}

namespace {
struct TileSplitAnglesPass
    : public lrc::impl::TileSplitAnglesBase<TileSplitAnglesPass> {
  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<tile::KernelOp>())
      kernel.getBody().walk([&](scf::ForOp loop) {
        AngleSplitter(loop, hasF64Tensors(kernel)).run();
      });
  }
};
} // namespace
