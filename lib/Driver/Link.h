//===- Link.h - From an object to a shared library --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_LINK_H
#define LRC_LIB_DRIVER_LINK_H

#include "llvm/Support/Error.h"

namespace lrc::driver {

/// Links the bytes of an object file to a shared library at `path`, with the C
/// compiler or else the linker that PATH has.
llvm::Error linkShared(llvm::StringRef object, llvm::StringRef path);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_LINK_H
