//===- GpuBuild.h - Code of recurrences for GPUs ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// There are several ways to lower a recurrence. They are tried in the order of
// their cost (lib/Schedule/GpuModel.h), until one fits a multiprocessor.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_GPUBUILD_H
#define LRC_LIB_GPU_GPUBUILD_H

#include "dialects/Dsf/Dsf.h"
#include "dialects/Tile/Tile.h"
#include "lib/Conversion/TileToGpu/GpuShape.h"
#include "lib/Gpu/Toolkit.h"
#include "lib/Schedule/GpuModel.h"
#include "lib/Target/GpuTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/OwningOpRef.h"

namespace lrc {

struct GpuOptions {
  /// Name of the kernel's function.
  std::string symbol = "kernel";
  std::optional<dsf::ScheduleKind> schedule;
  int64_t chunk = 0;
  int64_t lanes = 0;
  /// See GpuRequest.
  std::map<std::string, int64_t> block;
  /// Of schedules with segments; 0 for as many as keep the GPU busy.
  int64_t segments = 0;
  /// Sequences times heads, and steps of a sequence, as far as known.
  int64_t batchHeads = 1;
  int64_t steps = 0;
  /// Whether the kernel may be several functions: those of schedules with
  /// segments.
  bool maySegment = true;
  /// Whether `dsf-stabilize` has run.
  bool isStabilized = false;
};

/// A recurrence as tiles, and what becomes of them.
struct Lowered {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::OwningOpRef<mlir::ModuleOp> tiles;
  GpuShape shape;
  dsf::ScheduleAttr schedule;
};

/// Code of a kernel, assembled where there is a ptxas.
struct Built {
  Lowered lowered;
  std::string ptx;
  std::optional<Assembled> assembled;
  double lowerTime = 0;
};

/// The first candidate that fits, whose registers do not spill; the one that
/// spills least where all do.
llvm::Expected<Built> build(dsf::RecurrenceOp recurrence,
                            const GpuOptions &options, const GpuTarget &target);

enum class GpuLevel { Dsf, Tile, Nvvm, Llvm, Ptx, Cubin };

/// Text of a specialised recurrence at a level; the bytes of a cubin.
llvm::Expected<std::string> emitGpu(dsf::RecurrenceOp recurrence,
                                    const GpuOptions &options,
                                    const GpuTarget &target, GpuLevel level);

/// What the choice of a kernel depends on.
GpuRequest toRequest(const GpuOptions &options);
/// The kernels among which there is a choice, segments too where options allow
/// them.
llvm::Expected<GpuModel> modelFor(dsf::RecurrenceOp recurrence,
                                  const GpuOptions &options,
                                  const GpuTarget &target);
llvm::Error stabilize(mlir::ModuleOp module);
dsf::RecurrenceOp recurrenceOf(mlir::ModuleOp module);
tile::KernelOp kernelOf(mlir::ModuleOp module);
mlir::LLVM::LLVMFuncOp functionOf(const Lowered &lowered,
                                  llvm::StringRef symbol);

} // namespace lrc

#endif // LRC_LIB_GPU_GPUBUILD_H
