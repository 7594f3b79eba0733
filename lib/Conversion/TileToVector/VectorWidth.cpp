//===- VectorWidth.cpp - Vectors that a nest runs over --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/NestParts.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

namespace {
/// What the width of a nest's vectors depends on.
struct WidthFacts {
  unsigned bits = 32;
  bool callsLibm = false;
  bool expensive = false;

  void visit(Value tile, llvm::DenseSet<Value> &seen, const Plan &plan) {
    Operation *op = tile.getDefiningOp();
    if (!seen.insert(tile).second || !op)
      return;
    bool wide = elementOf(tile).isF64();
    if (wide && isa<math::MathDialect>(op->getDialect()) &&
        !isa<math::AbsFOp, math::SqrtOp, math::FloorOp>(op))
      callsLibm = true;
    expensive |= isExpensive(op);
    for (Value operand : op->getOperands())
      if (isTile(operand) && !plan.isMaterialized(operand))
        visit(operand, seen, plan);
  }
};
} // namespace

static WidthFacts findFacts(const Plan &plan, ArrayRef<Root *> roots) {
  WidthFacts facts;
  llvm::DenseSet<Value> seen;
  for (const Root *root : roots) {
    if (elementOf(root->source).isF64())
      facts.bits = 64;
    facts.visit(root->source, seen, plan);
  }
  return facts;
}

int64_t lrc::chooseVectorWidth(int64_t size, const Plan &plan,
                               ArrayRef<Root *> roots) {
  WidthFacts facts = findFacts(plan, roots);
  constexpr unsigned registerBits = 512;
  int64_t lanes = registerBits / facts.bits;
  if (facts.callsLibm)
    lanes /= 2;
  if (size < lanes)
    return llvm::PowerOf2Ceil(size);
  for (int64_t width = facts.callsLibm ? lanes : 4 * lanes; width > lanes;
       width /= 2) {
    int64_t padded = llvm::alignTo(size, width);
    if ((padded - size) * 8 <= size)
      return width;
  }
  return lanes;
}

int64_t lrc::chooseRowWidth(int64_t size, const Plan &plan, Root &root,
                            const VectorTarget &target) {
  WidthFacts facts = findFacts(plan, &root);
  int64_t lanes = target.bits / facts.bits;
  if (size <= lanes)
    return llvm::PowerOf2Ceil(size);
  return facts.expensive || size % (2 * lanes) != 0 ? lanes : 2 * lanes;
}

/// The first `count` lanes. Made at the outermost level, where loads that use
/// it may go.
Value lrc::makeTailMask(Emitter &emitter, Location loc, int64_t width,
                        int64_t count) {
  OpBuilder &builder = emitter.outermost();
  SmallVector<bool> lanes(width);
  for (int64_t lane = 0; lane < width; ++lane)
    lanes[lane] = lane < count;
  auto type = VectorType::get(width, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, lanes));
}

/// Runs `body` for vectors that cover 0 .. size - 1: a loop over whole vectors,
/// then the rest under a mask.
void lrc::forEachVector(Emitter &emitter, Location loc, int64_t size,
                        int64_t width,
                        llvm::function_ref<void(const Subscript &lanes)> body) {
  int64_t whole = size / width * width;
  emitter.setVector(width, {});
  if (whole == width) {
    emitter.outermost();
    body({emitter.constant(0), true, {}});
  } else if (whole > 0) {
    scf::ForOp loop = emitter.openLoop(0, whole, width);
    body({loop.getInductionVar(), true, {}});
    emitter.closeLoop();
  }
  if (whole == size)
    return;
  emitter.setVector(width, makeTailMask(emitter, loc, width, size - whole));
  emitter.outermost();
  body({emitter.constant(whole), true, {}});
}
