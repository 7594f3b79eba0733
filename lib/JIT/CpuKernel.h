//===- CpuKernel.h - A recurrence compiled for the CPU ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_CPUKERNEL_H
#define LRC_LIB_JIT_CPUKERNEL_H

#include "dialects/Dsf/Dsf.h"
#include "lrc-c/kernel.h"
#include "lrc/Program.h"

#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace lrc {

struct CpuOptions {
  /// Name of the function that the kernel is compiled to.
  std::string symbol = "kernel";
  /// Threads that will run the kernel, and batch elements times heads if they
  /// are known: the value axis is cut into more blocks where these are few.
  int64_t threads = 1;
  int64_t batchHeads = 1;
  /// See include/lrc/Options.def.
  Schedule schedule = Schedule::Auto;
  int64_t chunk = 0;
  int64_t lanes = 0;
  int64_t segments = 0;
  /// Steps of a sequence, as far as known; 0 for many.
  int64_t steps = 0;
  /// Whether dsf-stabilize has had the recurrence.
  bool isStabilized = false;
};

/// Levels that a compilation can stop at and print.
enum class CpuLevel { Dsf, Tile, Vector, Llvm, Asm, Object };

/// A schedule as the API tells it.
Schedule toSchedule(dsf::ScheduleKind kind);
ScheduleInfo toInfo(dsf::ScheduleAttr schedule);

/// Text, or bytes for `Object`, of a specialised recurrence at a level.
/// `blocks` is set to the number of work items per sequence and head.
llvm::Expected<std::string> emitCpu(dsf::RecurrenceOp recurrence,
                                    const CpuOptions &options, CpuLevel level,
                                    int64_t &blocks);

/// A kernel in this process.
class CpuKernel {
public:
  /// Compiles a specialised recurrence (see lib/Transforms/Specialize.h), which
  /// is left as it is.
  static llvm::Expected<std::unique_ptr<CpuKernel>>
  compile(dsf::RecurrenceOp recurrence, const CpuOptions &options);
  ~CpuKernel();

  /// Work items per sequence and head.
  int64_t getBlocks() const;

  /// Milliseconds of the compilation before LLVM IR was there.
  double getLowerTime() const;

  /// What was asked for, or chosen.
  const ScheduleInfo &getSchedule() const;

  /// Runs all work items, over the threads that OpenMP gives. Returns 0, or 1
  /// when no memory was to be had.
  int32_t run(const lrc_call &call) const;

private:
  struct Impl;
  explicit CpuKernel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace lrc

#endif // LRC_LIB_JIT_CPUKERNEL_H
