//===- ScaledStep.h - A step on scaled states -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the values of a step are when some states are kept as mantissa and
// logarithm of a scale. Scales multiply in products, cancel in quotients, and
// meet at their maximum in sums; lib/Transforms/README.md has the derivation.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SCALEDSTEP_H
#define LRC_LIB_TRANSFORMS_SCALEDSTEP_H

#include "lib/Algebra/Monomials.h"
#include "lib/Transforms/Scale.h"

#include "llvm/ADT/DenseSet.h"

namespace lrc {

/// States that share a running maximum.
struct ScaledGroup {
  struct Member {
    dsf::StateOp state;
    /// The axis of the state for each axis of the maximum.
    llvm::SmallVector<int64_t> axes;
  };
  llvm::SmallVector<Member> members;
  dsf::StateOp maximum;
};

/// The next value of a state: decay * old value + rest.
struct StateUpdate {
  dsf::SetOp set;
  bool hasOwn = false;
  /// A null decay is 1; decay = sign * exp(logDecay), a null sign is 1.
  mlir::Value decay, sign;
  Scale logDecay;
  Terms rest;

  llvm::SmallVector<Scale> scales() const;
};

class ScaledStep {
public:
  /// The last op of the step's block are its dsf.set ops, before which new ops
  /// are put.
  ScaledStep(dsf::RecurrenceOp recurrence, mlir::Block &step,
             llvm::ArrayRef<ScaledGroup> groups);

  /// Why something failed.
  llvm::StringRef getReason() const { return reason; }
  ScaleMath &getMath() { return math; }

  /// Whether a value depends on a scaled state.
  bool isScaled(mlir::Value value) const { return scaled.contains(value); }

  mlir::FailureOr<StateUpdate> analyse(dsf::StateOp state);

  /// The value of the step as an ordinary number; null when that may overflow
  /// though the user's value need not, or is not understood.
  mlir::Value plain(mlir::Value value);

  /// Mantissas of a group's states and their maximum after the step, under the
  /// labels of the first member's dsf.set.
  mlir::LogicalResult run(unsigned group);
  mlir::Value getMantissa(dsf::StateOp state) { return mantissas.at(state); }
  mlir::Value getMaximum(unsigned group) { return maxima.at(group); }

private:
  using Result = mlir::FailureOr<Terms>;

  mlir::LogicalResult refuse(const llvm::Twine &why);
  void classify();
  bool isWild(mlir::Operation *op);

  Result eval(mlir::Value value);
  Result evalOp(mlir::Value value);
  Result evalRead(dsf::ReadOp op);
  Result evalUnary(dsf::UnaryOp op);
  Result evalBinary(dsf::BinaryOp op);
  Result evalState(dsf::ReadOp op, dsf::StateOp state);
  Result evalUpdate(dsf::StateOp state);
  Result evalExp(dsf::UnaryOp op);
  Result rebuild(mlir::Operation *op);
  mlir::Value condition(mlir::Value value);
  mlir::Value relabel(mlir::Value atom, const Relabelling &relabelling);

  mlir::FailureOr<StateUpdate> split(mlir::Value value);
  mlir::FailureOr<StateUpdate> splitBinary(dsf::BinaryOp op);
  mlir::FailureOr<StateUpdate> splitSelect(dsf::SelectOp op);
  mlir::FailureOr<StateUpdate> splitRest(mlir::Value value);
  bool readsOwn(mlir::Value value);
  Term logOf(mlir::Value decay, unsigned depth = 0);

  mlir::Value maximumFor(const ScaledGroup &group,
                         const ScaledGroup::Member &member);

  dsf::RecurrenceOp recurrence;
  mlir::Block &block;
  llvm::ArrayRef<ScaledGroup> groups;
  ScaleRanges ranges;
  UniqueOps ops;
  ScaleMath math;
  std::string reason;

  llvm::DenseMap<mlir::Operation *, dsf::SetOp> sets;
  /// Group and member of a scaled state.
  llvm::DenseMap<mlir::Operation *, std::pair<unsigned, unsigned>> places;
  llvm::DenseMap<mlir::Value, dsf::StateOp> updates;
  llvm::DenseSet<mlir::Value> scaled;
  /// Values in which an exp of something unbounded may be factored out.
  llvm::DenseSet<mlir::Value> wild;

  llvm::DenseMap<mlir::Value, Terms> known;
  llvm::DenseMap<mlir::Value, mlir::Value> plains;
  llvm::DenseSet<unsigned> running;
  llvm::DenseMap<mlir::Operation *, mlir::Value> mantissas;
  llvm::DenseMap<unsigned, mlir::Value> maxima;
  unsigned depth = 0;

  /// The state whose update is taken apart, its labels there, and the values
  /// that depend on its old value.
  dsf::StateOp own;
  mlir::ArrayAttr ownLabels;
  llvm::DenseSet<mlir::Value> ownValues;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SCALEDSTEP_H
