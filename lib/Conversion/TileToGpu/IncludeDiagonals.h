//===- IncludeDiagonals.h - A step's own term among its scores --*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_INCLUDEDIAGONALS_H
#define LRC_LIB_CONVERSION_TILETOGPU_INCLUDEDIAGONALS_H

#include "dialects/Tile/Tile.h"

namespace lrc {

/// Where a product with decayed scores is added to what its own steps add,
/// makes the scores inclusive.
void includeDiagonals(tile::KernelOp kernel);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_INCLUDEDIAGONALS_H
