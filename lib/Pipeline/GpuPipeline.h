//===- GpuPipeline.h - The passes of GPU targets ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_GPUPIPELINE_H
#define LRC_LIB_PIPELINE_GPUPIPELINE_H

#include "lib/Conversion/TileToGpu/GpuShape.h"

#include "mlir/Pass/PassManager.h"

namespace lrc {

/// From recurrences with a schedule, other than scan and split, to tile kernels.
void addGpuTilePasses(mlir::OpPassManager &manager);

/// From tile kernels to the LLVM and NVVM dialects.
void addGpuPasses(mlir::OpPassManager &manager, const GpuShape &shape);

} // namespace lrc

#endif // LRC_LIB_PIPELINE_GPUPIPELINE_H
