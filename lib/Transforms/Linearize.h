//===- Linearize.h - The normal form of a step ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_LINEARIZE_H
#define LRC_LIB_TRANSFORMS_LINEARIZE_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

/// How the states of a group are run for a chunk of steps.
enum class GroupKind {
  /// Diagonal plus low rank: products of tiles.
  Affine,
  /// One matrix for all steps: products with its powers.
  Dense,
  /// Independent scalars: step by step, for all positions at once.
  Pointwise,
  /// The register behind `delay`.
  Shift,
  /// Only one step after the other.
  Sequential,
};

llvm::StringRef spell(GroupKind kind);

/// States that depend on each other, and what was found about them.
struct GroupForm {
  llvm::SmallVector<std::string> states;
  GroupKind kind;
  /// Why it is not affine; empty when it is.
  std::string reason;
};

/// Adds a `dsf.form` to a specialised recurrence that has a `dsf.step`, if all
/// groups of states can be run for a chunk of steps; says what each group is,
/// in the order in which they are run.
llvm::SmallVector<GroupForm> linearize(dsf::RecurrenceOp recurrence);

/// Replaces the step by its normal form, written out in plain operations.
void expandForm(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_LINEARIZE_H
