//===- Pass.cpp - convert-tile-to-vector ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
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

namespace {
struct ConvertTileToVectorPass
    : public lrc::impl::ConvertTileToVectorBase<ConvertTileToVectorPass> {
  void runOnOperation() override {
    auto kernels =
        llvm::to_vector(getOperation().getOps<lrc::tile::KernelOp>());
    for (lrc::tile::KernelOp kernel : kernels) {
      lrc::LoweringCounts counts;
      lrc::lowerToVector(kernel, counts);
      numNests += counts.nests;
      numBuffers += counts.buffers;
      kernel.erase();
    }
  }
};
} // namespace
