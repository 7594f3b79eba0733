//===- GpuPipeline.cpp - The passes of GPU targets ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/GpuPipeline.h"

#include "lib/Conversion/Passes.h"
#include "lib/Pipeline/CpuPipeline.h"

#include "mlir/Transforms/Passes.h"

using namespace mlir;

void lrc::addGpuTilePasses(OpPassManager &manager) {
  // The schedule has the lanes of a block already.
  addTilePasses(manager, CpuPipelineOptions());
}

void lrc::addGpuPasses(OpPassManager &manager, const GpuShape &shape) {
  manager.addPass(createConvertTileToGpu(ConvertTileToGpuOptions{
      shape.threads, shape.preparers, shape.sharedBytes, shape.resident,
      shape.aligned, shape.tensorCores, int64_t(shape.prefetching),
      shape.twoForms, shape.manySteps}));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  // What tensors of 16 bits hold needs no more digits.
  manager.addPass(createDeviceMath(DeviceMathOptions{shape.halfTensors}));
  addLlvmPasses(manager);
}
