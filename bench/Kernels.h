//===- Kernels.h - Compile a recurrence for a benchmark ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_BENCH_KERNELS_H
#define LRC_BENCH_KERNELS_H

#include "lib/JIT/CpuKernel.h"
#include "lib/JIT/HostCodegen.h"

#include "llvm/ADT/StringMap.h"

#include <memory>
#include <string>

namespace lrc::bench {

/// The first recurrence of a file, relative to the source tree, compiled for
/// f32. Parameters with defaults take them. Exits with a message on an error.
std::unique_ptr<CpuKernel> compileFile(const std::string &path,
                                       const llvm::StringMap<int64_t> &dims,
                                       int64_t batchHeads);

/// The tile kernel `kernel` of a module given as text.
class TileKernel {
public:
  explicit TileKernel(const std::string &text);

  /// Runs its only work item.
  void run(const lrc_call &call) const { function(&call, 0, 1); }

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
  lrc_kernel function = nullptr;
};

} // namespace lrc::bench

#endif // LRC_BENCH_KERNELS_H
