//===- Shrink.h - The smallest case that still fails ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_SHRINK_H
#define LRC_TEST_RANDOM_SHRINK_H

#include "test/random/Case.h"

#include <functional>

namespace lrc::sampling {

/// Reduces a case as long as `fails` says that it fails as before, with at
/// most `budget` questions.
Case shrink(Case one, const std::function<bool(const Case &)> &fails,
            int64_t budget);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_SHRINK_H
