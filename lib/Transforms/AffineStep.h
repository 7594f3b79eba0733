//===- AffineStep.h - A step as an affine map of its states -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For every value of the step, the pair (linear operator on the group's old
// states, offset) is propagated: a sum of terms `coefficient * S[labels]` and
// an offset without such terms. A contraction over axes of a state turns its
// terms into a *contraction* of the old state, a value without terms, which may
// then take part in offsets. lib/Transforms/README.md has the derivation.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_AFFINESTEP_H
#define LRC_LIB_TRANSFORMS_AFFINESTEP_H

#include "lib/Algebra/Monomials.h"
#include "lib/Analysis/StateGroups.h"

namespace lrc {

/// coefficient * state[labels]; a null coefficient is 1.
struct StateTerm {
  dsf::StateOp state;
  llvm::SmallVector<mlir::StringAttr> labels;
  mlir::Value coefficient;
};

/// A sum of terms and an offset; a null offset is 0.
struct AffineValue {
  llvm::SmallVector<StateTerm> terms;
  mlir::Value offset;
};

class AffineStep {
public:
  /// What must be affine: all of the step, which reads states by contractions
  /// whose weights have no other axes; or what the states are defined as, with
  /// any matrix for a weight.
  enum class Scope { Step, Definitions };

  AffineStep(dsf::RecurrenceOp recurrence, mlir::Block &phase,
             const StateGroups::Group &group, Scope scope = Scope::Step)
      : recurrence(recurrence), phase(phase), group(group), scope(scope),
        builder(recurrence.getContext()) {}

  /// Rewrites every contraction of the group's states in terms of contractions
  /// of the old states. False, with a reason, when the step is not affine in
  /// the group or reads it otherwise than by contractions.
  bool run();

  llvm::StringRef getReason() const { return reason; }

  /// A value without terms is its own offset.
  AffineValue getValue(mlir::Value value) const;

  /// The axes of a state that contractions sum over, ascending.
  llvm::ArrayRef<int64_t> getContractedAxes(dsf::StateOp state) const {
    auto it = contracted.find(state);
    return it == contracted.end() ? llvm::ArrayRef<int64_t>()
                                  : llvm::ArrayRef<int64_t>(it->second);
  }

private:
  bool refuse(const llvm::Twine &why);
  llvm::SmallVector<mlir::Operation *> findOps();
  bool visit(mlir::Operation *op);
  bool visitGet(dsf::GetOp op);
  bool visitRead(dsf::ReadOp op);
  bool visitBinary(dsf::BinaryOp op);
  bool visitSelect(dsf::SelectOp op);
  bool visitReduce(dsf::ReduceOp op);
  mlir::Value contract(const StateTerm &term, const Labels &labels,
                       dsf::ValueType operandType);
  mlir::Value sumOffset(mlir::Value offset, mlir::Value coefficient,
                        const Labels &labels, dsf::ValueType operandType);
  void addTerm(AffineValue &value, StateTerm term, mlir::Location loc);

  dsf::RecurrenceOp recurrence;
  mlir::Block &phase;
  const StateGroups::Group &group;
  Scope scope;
  mlir::OpBuilder builder;
  std::string reason;
  /// Labelled values, and arrays that hold a state or were packed.
  llvm::DenseMap<mlir::Value, AffineValue> values;
  llvm::DenseMap<mlir::Value, dsf::StateOp> stateArrays;
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<int64_t>> contracted;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_AFFINESTEP_H
