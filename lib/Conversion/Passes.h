//===- Passes.h - Conversions between lrc's levels --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_PASSES_H
#define LRC_LIB_CONVERSION_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lrc {

#define GEN_PASS_DECL
#include "lib/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Conversion/Passes.h.inc"

} // namespace lrc

#endif // LRC_LIB_CONVERSION_PASSES_H
