//===- Subscripts.h - Subscripts stay within their axis ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SUBSCRIPTS_H
#define LRC_LIB_TRANSFORMS_SUBSCRIPTS_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

/// Checks that the subscripts of `read` stay within an array of `shape`, where
/// its labels have `sizes` and its symbols the given values. The diagnostic is
/// at the read.
mlir::LogicalResult checkSubscripts(dsf::ReadOp read,
                                    llvm::ArrayRef<int64_t> shape,
                                    llvm::ArrayRef<int64_t> sizes,
                                    llvm::ArrayRef<int64_t> symbols);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SUBSCRIPTS_H
