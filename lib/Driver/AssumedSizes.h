//===- AssumedSizes.h - Sizes that nobody gave ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_ASSUMEDSIZES_H
#define LRC_LIB_DRIVER_ASSUMEDSIZES_H

#include "lib/JIT/Choose.h"

namespace lrc::driver {

/// Gives the dims without a size one, and says which.
std::vector<std::string> completeSizes(const Signature &signature,
                                       CompileOptions &options);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_ASSUMEDSIZES_H
