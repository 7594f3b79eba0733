//===- Reductions.h - Smaller recurrences -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_REDUCTIONS_H
#define LRC_TEST_RANDOM_REDUCTIONS_H

#include "test/random/Case.h"

namespace lrc::sampling {

/// Texts that say less than `text`, a file in canonical layout: without a
/// name, a statement, a term, a factor. Large steps come first. Not all of
/// them are legal.
std::vector<std::string> reduceText(const std::string &text);

/// Cases with smaller shapes, fewer schedules, plainer types.
std::vector<Case> reduceCall(const Case &one);

/// Leaves out the sizes of dims that the text no longer has.
void dropOldDims(Case &one);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_REDUCTIONS_H
