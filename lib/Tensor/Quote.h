//===- Quote.h - Text of a file in a diagnostic -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_QUOTE_H
#define LRC_LIB_TENSOR_QUOTE_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace lrc {

/// The text in single quotes for a diagnostic: unprintable bytes escaped and
/// what is beyond `maxLength` bytes cut, since it may come from a broken or
/// hostile file.
std::string quote(llvm::StringRef text, size_t maxLength = 200);

} // namespace lrc

#endif // LRC_LIB_TENSOR_QUOTE_H
