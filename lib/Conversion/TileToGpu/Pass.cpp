//===- Pass.cpp - convert-tile-to-gpu -------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/Passes.h"
#include "lib/Conversion/TileToGpu/IncludeDiagonals.h"
#include "lib/Conversion/TileToGpu/TileToGpu.h"
#include "lib/Conversion/TileToVector/Chains.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace lrc {
#define GEN_PASS_DEF_CONVERTTILETOGPU
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;

namespace {
struct ConvertTileToGpuPass
    : public lrc::impl::ConvertTileToGpuBase<ConvertTileToGpuPass> {
  using ConvertTileToGpuBase::ConvertTileToGpuBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    lrc::GpuShape shape{threads,
                        preparers,
                        sharedBytes,
                        resident,
                        aligned,
                        tensorCores,
                        /*halfTensors=*/false,
                        lrc::Prefetching(int64_t(places)),
                        twoForms,
                        manySteps};
    for (auto kernel : llvm::to_vector(module.getOps<lrc::tile::KernelOp>())) {
      if (failed(lrc::checkChains(kernel)))
        return signalPassFailure();
      lrc::includeDiagonals(kernel);
      std::string name = kernel.getSymName().str();
      lrc::GpuLayout layout = lrc::lowerToGpu(kernel, shape);
      if (!layout.fits) {
        kernel.emitError("shared memory: more than the ")
            << shape.sharedBytes
            << " bytes of a block are needed, or more registers";
        return signalPassFailure();
      }
      kernel.erase();
      Operation *function = module.lookupSymbol(name);
      Builder builder(function);
      if (layout.hasTeams)
        function->setAttr("lrc.teams", builder.getUnitAttr());
      function->setAttr("lrc.threads",
                        builder.getI64IntegerAttr(layout.threads));
      function->setAttr("lrc.shared_bytes",
                        builder.getI64IntegerAttr(layout.sharedBytes));
      function->setAttr("lrc.scratch_bytes",
                        builder.getI64IntegerAttr(layout.scratchBytes));
    }
  }
};
} // namespace
