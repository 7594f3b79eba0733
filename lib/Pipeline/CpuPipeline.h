//===- CpuPipeline.h - The passes of the CPU target -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_CPUPIPELINE_H
#define LRC_LIB_PIPELINE_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"

namespace lrc {

/// Facts of a CPU compilation, see CpuOptions in lib/JIT/CpuKernel.h.
struct CpuPipelineOptions {
  int64_t threads = 1;
  int64_t batchHeads = 1;
  int64_t cacheBytes = 32 * 1024;
  /// See include/lrc/Options.def.
  std::string schedule = "auto";
  int64_t chunk = 0;
  int64_t lanes = 0;
  int64_t segments = 0;
  /// Steps of a sequence, as far as known; 0 for many.
  int64_t steps = 0;
  bool isStabilized = false;
  /// Whether segments of time may be chosen where none is asked for.
  bool maySegment = false;
};

/// Decides on the schedule of specialised recurrences.
void addSchedulePasses(mlir::OpPassManager &manager,
                       const CpuPipelineOptions &options);

/// From recurrences with a schedule, other than scan and split, to tile kernels.
void addTilePasses(mlir::OpPassManager &manager,
                   const CpuPipelineOptions &options);

/// The vector registers that code is shaped for.
struct VectorRegisters {
  int64_t bits = 512;
  int64_t count = 32;
};

/// From tile kernels to loops over vectors.
void addVectorPasses(mlir::OpPassManager &manager,
                     const VectorRegisters &registers = {});

/// From loops over vectors to the LLVM dialect.
void addLlvmPasses(mlir::OpPassManager &manager);

} // namespace lrc

#endif // LRC_LIB_PIPELINE_CPUPIPELINE_H
