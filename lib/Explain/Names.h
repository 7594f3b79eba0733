//===- Names.h - Names for the parts of a step ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_NAMES_H
#define LRC_LIB_EXPLAIN_NAMES_H

#include "lib/Explain/Notation.h"

#include "llvm/ADT/StringMap.h"

namespace lrc {

/// Names the next values of states that dsf.set defines: h' where the old value
/// is h, in LaTeX h_t where it is h_{t-1}.
void nameNextStates(Notation &notation, mlir::Block &phase);

/// Gives the values that the source named with `let`, and the states that it
/// updated more than once, those names; what is named and needed by `roots`
/// is returned, in the order of the step.
std::vector<mlir::Value> nameAsWritten(Notation &notation, mlir::Block &phase,
                                       llvm::ArrayRef<mlir::Value> roots);

/// In a dsf.form: names what the source named and no state that evolves takes
/// part in, if it is what the step `written` calls so.
std::vector<mlir::Value> nameStateless(Notation &notation, mlir::Block &form,
                                       llvm::ArrayRef<mlir::Value> roots,
                                       mlir::Block &written);

/// Names that no field has.
class FreshNames {
public:
  explicit FreshNames(dsf::RecurrenceOp recurrence);
  /// `like`, or `like` with a prime.
  std::string make(llvm::StringRef like);

private:
  llvm::StringSet<> taken;
};

/// If `value` is a sum of a state times a weight: the weight, null for 1, and
/// the read of the state.
struct StateSum {
  mlir::Value weight;
  dsf::ReadOp read;
};
std::optional<StateSum> matchStateSum(mlir::Value value);

/// Sums over old states among what `roots` need, in order.
std::vector<dsf::ReduceOp> findStateSums(mlir::Block &phase,
                                         llvm::ArrayRef<mlir::Value> roots);

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_NAMES_H
