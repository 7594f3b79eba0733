//===- Tensors.h - Numbers for a case ---------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_RANDOM_TENSORS_H
#define LRC_TEST_RANDOM_TENSORS_H

#include "lib/Tensor/Tensor.h"
#include "lrc/Signature.h"
#include "test/random/Case.h"

namespace lrc::sampling {

/// Inputs and parameters. What a tensor holds, and whether it has heads,
/// follows from the seed and its name alone, so that it stays when another
/// tensor goes.
TensorMap drawTensors(const Signature &signature, const Shape &shape,
                      ElementType type, uint64_t seed);

/// The same tensors in f64, moved by about one rounding of `type`.
TensorMap perturb(const Signature &signature, const TensorMap &tensors,
                  ElementType type, uint64_t seed);

} // namespace lrc::sampling

#endif // LRC_TEST_RANDOM_TENSORS_H
