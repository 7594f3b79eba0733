//===- VectorTarget.h - Vector registers of the processor -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_VECTORTARGET_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_VECTORTARGET_H

#include "mlir/IR/BuiltinTypes.h"

namespace lrc {

/// What the register-blocked nests are shaped for.
struct VectorTarget {
  int64_t bits = 512;
  int64_t registers = 32;

  /// Elements of a register.
  int64_t lanes(mlir::Type element) const {
    return bits / element.getIntOrFloatBitWidth();
  }
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_VECTORTARGET_H
