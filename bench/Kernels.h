//===- Kernels.h - Compile a recurrence for a benchmark ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_BENCH_KERNELS_H
#define LRC_BENCH_KERNELS_H

#include "lib/JIT/CpuKernel.h"

#include "llvm/ADT/StringMap.h"

#include <memory>
#include <string>

namespace lrc::bench {

/// The first recurrence of a file, relative to the source tree, compiled for
/// f32. Parameters with defaults take them. Exits with a message on an error.
std::unique_ptr<CpuKernel> compileFile(const std::string &path,
                                       const llvm::StringMap<int64_t> &dims,
                                       int64_t batchHeads);

} // namespace lrc::bench

#endif // LRC_BENCH_KERNELS_H
