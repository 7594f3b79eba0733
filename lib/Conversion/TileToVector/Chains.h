//===- Chains.h - How far operations depend on each other -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_CHAINS_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_CHAINS_H

#include "dialects/Tile/Tile.h"

namespace lrc {

/// Refuses a kernel in which so many operations feed each other that computing
/// them by recursion would need more stack than a thread may have.
llvm::LogicalResult checkChains(tile::KernelOp kernel);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_CHAINS_H
