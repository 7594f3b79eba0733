//===- RunItems.h - Run a kernel over the threads ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_RUNITEMS_H
#define LRC_LIB_JIT_RUNITEMS_H

#include "lrc-c/kernel.h"

namespace lrc {

/// Runs `items` work items over the threads that OpenMP gives. Returns 0, or 1
/// when no memory was to be had.
int32_t runItems(lrc_kernel kernel, const lrc_call &call, int64_t items);

} // namespace lrc

#endif // LRC_LIB_JIT_RUNITEMS_H
