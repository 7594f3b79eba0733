//===- WideSinCos.h - Sines and cosines in f64 ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_WIDESINCOS_H
#define LRC_LIB_CONVERSION_WIDESINCOS_H

#include "mlir/IR/Operation.h"

namespace lrc {

/// Replaces a `math.sin` or `math.cos` on f64 by a polynomial, without a branch
/// and exact up to |x| of about 10^15: rotations by the position in time.
void expandWideSinCos(mlir::Operation *op);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_WIDESINCOS_H
