//===- CubinCache.h - What ptxas made of a kernel, remembered ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ptxas takes most of the time of a compilation, and gives the same for the
// same PTX. What it gave is kept in the cache (lib/Cache), under a hash of the
// PTX, the options and the version of ptxas.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_CUBINCACHE_H
#define LRC_LIB_GPU_CUBINCACHE_H

#include "lib/Gpu/Toolkit.h"

namespace lrc {

/// `assemble`, where no process has done it for the same text before.
llvm::Expected<Assembled> assembleOnce(llvm::StringRef ptx,
                                       const GpuTarget &target);

/// The value of an entry.
std::string encodeAssembled(const Assembled &assembled);

/// The inverse; nothing for any other text.
std::optional<Assembled> decodeAssembled(llvm::StringRef text);

} // namespace lrc

#endif // LRC_LIB_GPU_CUBINCACHE_H
