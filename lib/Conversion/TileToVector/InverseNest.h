//===- InverseNest.h - Invert matrices in memory ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_INVERSENEST_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_INVERSENEST_H

#include "lib/Conversion/TileToVector/Storage.h"

namespace lrc {

/// Emits loops over scalars that store the inverse of each matrix of `shape`,
/// which the last two axes are, and overwrite the matrix.
void emitInverse(mlir::OpBuilder &builder, mlir::Location loc,
                 const Storage &matrix, const Storage &inverse,
                 llvm::ArrayRef<int64_t> shape);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_INVERSENEST_H
