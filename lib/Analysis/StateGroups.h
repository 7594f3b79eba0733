//===- StateGroups.h - Which states depend on which -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Chained states are run in stages: where the next value of a state depends on
// another state, but not the other way round, the other one can be computed for
// many steps first. A group is a set of states that depend on each other (a
// strongly connected component); groups come in an order in which they can be
// computed.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_STATEGROUPS_H
#define LRC_LIB_ANALYSIS_STATEGROUPS_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"

namespace lrc {

class StateGroups {
public:
  using Group = llvm::SmallVector<dsf::StateOp>;

  /// Analyses the states that `phase`, a dsf.step or dsf.form, defines.
  StateGroups(dsf::RecurrenceOp recurrence, mlir::Block &phase);

  llvm::ArrayRef<Group> getGroups() const { return groups; }

  /// Whether a value depends on the old value of a state of the group. The
  /// value may be newer than the analysis.
  bool dependsOn(mlir::Value value, const Group &group) const;

  /// The op that defines the next value of a state: dsf.set or dsf.evolve.
  mlir::Operation *getDefinition(dsf::StateOp state) const {
    return definitions.lookup(state);
  }

private:
  void findDependence(mlir::Block &phase);
  void order();

  dsf::RecurrenceOp recurrence;
  llvm::SmallVector<dsf::StateOp> states;
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  llvm::DenseMap<mlir::Operation *, mlir::Operation *> definitions;
  /// The states on whose old value a value depends.
  llvm::DenseMap<mlir::Value, llvm::BitVector> sources;
  llvm::SmallVector<Group> groups;
};

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_STATEGROUPS_H
