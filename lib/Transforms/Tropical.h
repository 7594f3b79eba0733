//===- Tropical.h - States that are affine over a semiring ------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_TROPICAL_H
#define LRC_LIB_TRANSFORMS_TROPICAL_H

#include "lib/Algebra/Monomials.h"
#include "lib/Analysis/StateGroups.h"

#include <optional>

namespace lrc {

/// A step S' = (S + shift) # offset with # one of max, min and logaddexp: affine
/// over (max, +), (min, +) or (logaddexp, +). The neutral element of # is -inf,
/// for min inf.
struct TropicalStep {
  dsf::BinaryKind combine;
  mlir::Value shift; // null is 0
};

/// The step of a group of one pointwise state in this form, if it has it.
std::optional<TropicalStep> findTropicalStep(mlir::OpBuilder &builder,
                                             const StateGroups &groups,
                                             const StateGroups::Group &group);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_TROPICAL_H
