//===- Classify.h - The class of a group of states --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Abstract interpretation of a step: for every value, the class of the map that
// takes each old state of a group to it. Nothing is rewritten and nothing is
// refused, so that every step has a class, nonlinear ones too.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_CLASSIFY_H
#define LRC_LIB_ALGEBRA_CLASSIFY_H

#include "lib/Algebra/OperatorClass.h"
#include "lib/Analysis/StateGroups.h"

#include "llvm/ADT/SetVector.h"

namespace lrc {

/// Which parts of the step make a class what it is.
struct ClassCauses {
  /// Coefficients that the state is multiplied with.
  llvm::SmallSetVector<mlir::Value, 4> decays;
  /// Sums over keys of the state: each adds a rank.
  llvm::SmallSetVector<mlir::Operation *, 4> contractions;
  /// What first made it dense, or no longer linear, and how that is said.
  mlir::Operation *dense = nullptr;
  mlir::Operation *nonlinear = nullptr;
  std::string how;
};

/// How a value depends on the old value of one state.
struct StateDependence {
  OperatorClass cls;
  /// The label under which each axis of the state stands in the value; null
  /// where that axis was contracted. Of no meaning when it is dense.
  llvm::SmallVector<mlir::StringAttr> labels;
  /// exp of an affine map: log of it is affine over (logaddexp, +).
  bool exponential = false;
  ClassCauses causes;
};

struct GroupClass {
  BlockClass blocks{0};
  /// Of block (to, from), in rows.
  std::vector<ClassCauses> causes;
  /// Axes that contractions sum over, of the first state that has any.
  llvm::SmallVector<int64_t> keys;
  /// An output, or a state of another group, takes elements of a state without
  /// a contraction.
  bool readElementwise = false;

  const ClassCauses &causesOf(unsigned to, unsigned from) const {
    return causes[to * blocks.getSize() + from];
  }
};

/// Classifies a group of the states that `phase`, a specialised dsf.step,
/// defines. Leaves ops without uses behind.
GroupClass classify(dsf::RecurrenceOp recurrence, mlir::Block &phase,
                    const StateGroups &groups, const StateGroups::Group &group);

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_CLASSIFY_H
