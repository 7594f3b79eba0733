//===- CpuPipeline.cpp - The passes of the CPU target ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/CpuPipeline.h"

#include "dialects/Dsf/Dsf.h"
#include "lib/Conversion/Passes.h"
#include "lib/Schedule/Passes.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void lrc::addSchedulePasses(OpPassManager &manager,
                            const CpuPipelineOptions &options) {
  if (!options.isStabilized)
    manager.addNestedPass<dsf::RecurrenceOp>(createDsfStabilize());
  DsfScheduleOptions schedule;
  schedule.schedule = options.schedule;
  schedule.chunk = options.chunk;
  schedule.lanes = options.lanes;
  schedule.segments = options.segments;
  schedule.maySegment = options.maySegment;
  schedule.threads = options.threads;
  schedule.batchHeads = options.batchHeads;
  schedule.steps = options.steps;
  manager.addNestedPass<dsf::RecurrenceOp>(createDsfSchedule(schedule));
}

void lrc::addTilePasses(OpPassManager &manager,
                        const CpuPipelineOptions &options) {
  manager.addNestedPass<dsf::RecurrenceOp>(createDsfSplit());
  ConvertDsfToTileOptions tile;
  tile.threads = options.threads;
  tile.batchHeads = options.batchHeads;
  tile.cacheBytes = options.cacheBytes;
  manager.addPass(createConvertDsfToTile(tile));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  manager.addPass(createTileSplitAngles());
  manager.addPass(createTileNarrowProducts());
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void lrc::addVectorPasses(OpPassManager &manager,
                          const VectorRegisters &registers) {
  manager.addPass(createConvertTileToVector(
      ConvertTileToVectorOptions{registers.bits, registers.count}));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

void lrc::addLlvmPasses(OpPassManager &manager) {
  // Polynomials make math.fma and vector ops, so they come before the
  // conversions of those dialects. What has no polynomial calls libm.
  manager.addPass(createPolynomialMath());
  manager.addPass(createSCFToControlFlowPass());
  manager.addPass(createCSEPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertMathToLLVMPass());
  manager.addPass(createConvertMathToLibmPass());
  manager.addPass(createConvertFuncToLLVMPass());
  manager.addPass(createConvertVectorToLLVMPass());
  manager.addPass(createConvertControlFlowToLLVMPass());
  manager.addPass(createArithToLLVMConversionPass());
  manager.addPass(createConvertIndexToLLVMPass());
  manager.addPass(createUBToLLVMConversionPass());
  manager.addPass(createReconcileUnrealizedCastsPass());
}
