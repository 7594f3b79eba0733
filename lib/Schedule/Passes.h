//===- Passes.h - The choice of a schedule ----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_PASSES_H
#define LRC_LIB_SCHEDULE_PASSES_H

#include "dialects/Dsf/Dsf.h"

#include "mlir/Pass/Pass.h"

namespace lrc {

#define GEN_PASS_DECL
#include "lib/Schedule/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lib/Schedule/Passes.h.inc"

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_PASSES_H
