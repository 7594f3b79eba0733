//===- RowNests.cpp - What nests of rows share ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Blocks.h"
#include "lib/Conversion/TileToVector/NestParts.h"

using namespace mlir;
using namespace lrc;

int64_t lrc::consecutiveAxis(const Plan &plan, Value tile) {
  ArrayRef<int64_t> shape = shapeOf(tile);
  int64_t lanes = plan.getLaneAxis(tile);
  if (lanes >= 0 && shape[lanes] > 1)
    return lanes;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis)
    if (shape[axis] > 1)
      return axis;
  return -1;
}

/// The same, of memory that may be a tensor.
static int64_t consecutiveInMemory(const Plan &plan, Value viewed) {
  // A parameter that is read where it is lies in C order.
  if (!plan.isMaterialized(viewed) && viewed.getDefiningOp<tile::LoadOp>())
    return shapeOf(viewed).size() - 1;
  return consecutiveAxis(plan, viewed);
}

bool lrc::isConsecutive(const Plan &plan, Value tile, int64_t axis) {
  if (shapeOf(tile)[axis] == 1)
    return true;
  FormRequest traced = traceAxis(plan, tile, axis);
  return traced.tile && traced.axis == consecutiveInMemory(plan, traced.tile);
}

void lrc::requestForm(const Plan &plan, Value tile, int64_t axis,
                      SmallVectorImpl<FormRequest> &requests) {
  FormRequest traced = traceAxis(plan, tile, axis);
  if (traced.tile && !isConsecutive(plan, tile, axis))
    requests.push_back(traced);
}

SmallVector<FormRequest> lrc::requestForms(Operation *op, const Plan &plan) {
  SmallVector<FormRequest> requests;
  if (auto product = dyn_cast<tile::ProductOp>(op))
    requestForms(plan, product, requests);
  // Vectors run along the rows of k.
  if (auto decayed = dyn_cast<tile::DecayedProductOp>(op))
    requestForm(plan, decayed.getK(), 0, requests);
  return requests;
}

void lrc::finishRow(Emitter &emitter, const RowResult &result, Value value,
                    ArrayRef<Subscript> at) {
  emitter.innermost();
  emitter.define(result.tile, at, value);
  if (result.target.pointer)
    emitter.store(value, result.target, at);
  for (const Root &root : result.consumers)
    finish(emitter, root, emitSource(emitter, root, at), at);
}

void lrc::emitInterleave(RowContext &context, tile::InterleaveOp op,
                         const RowResult &result) {
  int64_t count = op.getParts().size();
  Block *block = context.builder.getInsertionBlock();
  for (auto [index, part] : llvm::enumerate(op.getParts())) {
    context.builder.setInsertionPointToEnd(block);
    Storage target = result.target;
    Emitter emitter(context.frame, context.builder, context.loc);
    target.pointer =
        advance(emitter, context.loc, target.pointer, target.element,
                int64_t(index) * target.strides[op.getAxis()]);
    target.strides[op.getAxis()] *= count;
    Root copy{Root::Kind::Copy, nullptr, part, {}, target};
    emitPointwise(context, copy);
    context.builder.setInsertionPointToEnd(block);
  }
}
