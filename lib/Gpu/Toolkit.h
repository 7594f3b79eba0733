//===- Toolkit.h - ptxas and libdevice, where they are ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing of CUDA is needed to build lrc, and ptxas not to run kernels: the
// driver assembles PTX too.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_TOOLKIT_H
#define LRC_LIB_GPU_TOOLKIT_H

#include "lib/Target/GpuTarget.h"

#include <optional>
#include <string>
#include <vector>

namespace lrc {

/// Of $CUDA_HOME, else of the PATH, else of /usr/local/cuda.
std::optional<std::string> findPtxas();
std::optional<std::string> findDeviceLibrary();

/// What ptxas says of itself, its build included; nothing where there is none.
std::optional<std::string> ptxasVersion();

/// What ptxas is told beside the names of files.
std::vector<std::string> ptxasOptions(const GpuTarget &target);

/// What ptxas says of a kernel.
struct Assembled {
  /// The bytes of an ELF file that the driver loads.
  std::string cubin;
  int64_t registers = 0;
  /// Bytes of registers that did not fit and go through memory.
  int64_t spillBytes = 0;
  /// Warnings, a line each.
  std::string warnings;
};

llvm::Expected<Assembled> assemble(llvm::StringRef ptx,
                                   const GpuTarget &target);

} // namespace lrc

#endif // LRC_LIB_GPU_TOOLKIT_H
