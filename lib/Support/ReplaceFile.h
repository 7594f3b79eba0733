//===- ReplaceFile.h - Replace a file as a whole ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SUPPORT_REPLACEFILE_H
#define LRC_LIB_SUPPORT_REPLACEFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"

namespace lrc {

/// Replaces a file by what `write` leaves in a temporary file of the same
/// directory. After an error `path` is as it was and nothing else is left
/// behind. A link stays, its target is replaced; an existing file keeps its
/// permissions.
llvm::Error replaceFile(
    llvm::StringRef path,
    llvm::function_ref<llvm::Error(const llvm::sys::fs::TempFile &)> write);

} // namespace lrc

#endif // LRC_LIB_SUPPORT_REPLACEFILE_H
