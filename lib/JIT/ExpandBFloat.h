//===- ExpandBFloat.h - Rounding to bf16 without an instruction -*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_EXPANDBFLOAT_H
#define LRC_LIB_JIT_EXPANDBFLOAT_H

#include "llvm/IR/Module.h"

namespace lrc {

/// Writes conversions from f32 and f64 to bf16 as operations on the bits:
/// rounded to nearest, ties to even. Where a processor has no instruction for
/// them, LLVM would call a function of the compiler's run-time library that
/// this process need not have.
void expandRoundingToBFloat(llvm::Module &module);

} // namespace lrc

#endif // LRC_LIB_JIT_EXPANDBFLOAT_H
