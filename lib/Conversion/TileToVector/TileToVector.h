//===- TileToVector.h - From tiles to loops over vectors --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_TILETOVECTOR_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_TILETOVECTOR_H

#include "dialects/Tile/Tile.h"
#include "lib/Conversion/TileToVector/VectorTarget.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace lrc {

/// What a lowering made.
struct LoweringCounts {
  unsigned nests = 0;
  unsigned buffers = 0;
};

/// Lowers a tile kernel to a function with the binary interface of
/// include/lrc-c/kernel.h, inserted before it.
mlir::LLVM::LLVMFuncOp lowerToVector(tile::KernelOp kernel,
                                     const VectorTarget &target,
                                     LoweringCounts &counts);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_TILETOVECTOR_H
