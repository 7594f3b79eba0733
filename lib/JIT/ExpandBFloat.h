//===- ExpandBFloat.h - bf16 for processors without it ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_EXPANDBFLOAT_H
#define LRC_LIB_JIT_EXPANDBFLOAT_H

#include "llvm/IR/Module.h"

namespace lrc {

/// Writes conversions between bf16 and f32 or f64 as operations on the bits,
/// rounded to nearest, ties to even. Where a processor has no instruction for
/// the rounding, LLVM would call a function of the compiler's run-time library
/// that this process need not have, even for a bf16 that lives across blocks
/// and is only extended.
void expandBFloat(llvm::Module &module);

} // namespace lrc

#endif // LRC_LIB_JIT_EXPANDBFLOAT_H
