//===- JsonScan.h - Checks of JSON text before it is parsed -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_JSONSCAN_H
#define LRC_LIB_TENSOR_JSONSCAN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace lrc {

/// The keys of the outermost object of a JSON text, in the order of the text
/// and with repetitions. Fails when brackets nest deeper than a header needs.
///
/// llvm::json alone is not enough for a file from anywhere: its parser recurses
/// as deep as the text nests, and of equal keys it silently keeps the last.
llvm::Expected<std::vector<std::string>> scanTopLevelKeys(llvm::StringRef json);

} // namespace lrc

#endif // LRC_LIB_TENSOR_JSONSCAN_H
