//===- Generate.h - Random recurrences, shapes and types --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_GENERATE_H
#define LRC_TEST_RANDOM_GENERATE_H

#include "test/random/Case.h"

namespace lrc::sampling {

/// Case `number` of a seed: always the same one.
Case generate(uint64_t seed, uint64_t number);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_GENERATE_H
