//===- Pass.cpp - convert-tile-to-vector ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToVector/Chains.h"
#include "lib/Conversion/TileToVector/TileToVector.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace lrc {
#define GEN_PASS_DEF_CONVERTTILETOVECTOR
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;

/// Expressions are computed by recursion over their operands. More operations
/// in a row than this would need more stack than a thread may have.
constexpr unsigned maxChain = 4000;

LogicalResult lrc::checkChains(tile::KernelOp kernel) {
  llvm::DenseMap<Value, unsigned> lengths;
  WalkResult walk = kernel.getBody().walk([&](Operation *op) {
    unsigned length = 0;
    for (Value operand : op->getOperands())
      length = std::max(length, lengths.lookup(operand));
    for (Value result : op->getResults())
      lengths[result] = length + 1;
    if (length < maxChain)
      return WalkResult::advance();
    op->emitError("this value depends on more than ")
        << maxChain << " operations in a row; keep some of them in a state";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

/// Inclusive scores are made for tensor cores, and for GPUs alone.
static LogicalResult checkScores(lrc::tile::KernelOp kernel) {
  WalkResult walk = kernel.getBody().walk([](lrc::tile::DecayedProductOp op) {
    if (!op.getInclusive())
      return WalkResult::advance();
    op.emitError("inclusive scores can't be computed on CPUs: expected the "
                 "diagonal as a product of its own");
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

namespace {
struct ConvertTileToVectorPass
    : public lrc::impl::ConvertTileToVectorBase<ConvertTileToVectorPass> {
  using ConvertTileToVectorBase::ConvertTileToVectorBase;

  void runOnOperation() override {
    auto kernels =
        llvm::to_vector(getOperation().getOps<lrc::tile::KernelOp>());
    for (lrc::tile::KernelOp kernel : kernels) {
      if (failed(lrc::checkChains(kernel)) || failed(checkScores(kernel)))
        return signalPassFailure();
      lrc::LoweringCounts counts;
      lrc::lowerToVector(kernel, {vectorBits, vectorRegisters}, counts);
      numNests += counts.nests;
      numBuffers += counts.buffers;
      kernel.erase();
    }
  }
};
} // namespace
