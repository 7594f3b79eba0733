//===- Prefetch.cpp - Inputs that arrive while others are used ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/Prefetch.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace lrc;

int64_t lrc::prefetchBytes(tile::LoadOp op, const GpuShape &shape) {
  if (!op.getRows() || op.getPart() || !shape.aligned)
    return 0;
  Type element = elementOf(op.getResult());
  ArrayRef<int64_t> sizes = shapeOf(op.getResult());
  int64_t row = element.getIntOrFloatBitWidth() / 8;
  if (sizes.size() > 1)
    row *= sizes.back();
  for (int64_t bytes : {16, 8, 4})
    if (row % bytes == 0)
      return bytes;
  return 0;
}

namespace {
class PrefetchNest : BlockNest {
public:
  using BlockNest::BlockNest;

  void run(tile::LoadOp op, const Storage &target, int64_t rows) {
    int64_t bytes = prefetchBytes(op, context.item.getShape());
    ArrayRef<int64_t> sizes = shapeOf(op.getResult());
    Type element = elementOf(op.getResult());
    int64_t width = bytes / (element.getIntOrFloatBitWidth() / 8);
    SmallVector<int64_t> pieces(sizes);
    pieces.back() /= sizes.size() > 1 ? width : 1;
    int64_t count = ShapedType::getNumElements(pieces);
    emitter.setVector(1, {});
    Storage source = emitter.storageOf(op, op.getResult());
    Value behind = builder.createOrFold<arith::MulIOp>(loc, source.rowStride,
                                                       emitter.constant(rows));
    source.pointer =
        LLVM::GEPOp::create(builder, loc, source.pointer.getType(), element,
                            source.pointer, ArrayRef<LLVM::GEPArg>{behind});
    forEachIndex(count, [&](Value index) {
      SmallVector<Subscript> at = split(index, pieces);
      if (sizes.size() > 1 && width > 1) {
        at.back().base = builder.createOrFold<arith::MulIOp>(
            loc, at.back().base, emitter.constant(width));
        emitter.setLevel(at.back().base);
      }
      emitter.innermost();
      NVVM::CpAsyncOp::create(
          builder, loc, inSpace(emitter.addressOf(target, at), 3),
          inSpace(emitter.addressOf(source, at), 1),
          builder.getI32IntegerAttr(bytes),
          NVVM::LoadCacheModifierKindAttr::get(
              builder.getContext(), bytes == 16
                                        ? NVVM::LoadCacheModifierKind::CG
                                        : NVVM::LoadCacheModifierKind::CA),
          Value());
    });
  }

private:
  Value inSpace(Value pointer, unsigned space) {
    return LLVM::AddrSpaceCastOp::create(
        builder, loc, LLVM::LLVMPointerType::get(builder.getContext(), space),
        pointer);
  }
};
} // namespace

void lrc::emitPrefetch(BlockContext &context, tile::LoadOp op,
                       const Storage &target, int64_t rows) {
  PrefetchNest(context).run(op, target, rows);
}

void lrc::emitPrefetchWait(BlockContext &context) {
  OpBuilder &builder = context.builder;
  NVVM::CpAsyncCommitGroupOp::create(builder, context.loc);
  NVVM::CpAsyncWaitGroupOp::create(builder, context.loc,
                                   builder.getI32IntegerAttr(0));
}
