//===- DenseUpdate.h - One matrix for all steps -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A state that every step multiplies with the same matrix along one axis,
//
//   h'[.., n, ..] = sum_m A[.., n, m] h[.., m, ..] + rest
//
// where A depends on parameters only, and the rest on other states and inputs.
// Powers of A take such a state over many steps.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_DENSEUPDATE_H
#define LRC_LIB_ANALYSIS_DENSEUPDATE_H

#include "lib/Analysis/StateGroups.h"

#include <optional>

namespace lrc {

struct DenseUpdate {
  /// sum[m] A h
  dsf::ReduceOp sum;
  /// Some of the state's labels in the definition, and `column`.
  mlir::Value matrix;
  /// The axis that is mixed, and the label m that sums over it.
  int64_t axis;
  mlir::StringAttr column;
  /// What is added; null is 0.
  mlir::Value rest;
};

/// Recognises `set @h, rest + sum[m] A * h[.., m, ..]`, which is how
/// dsf-linearize writes it.
std::optional<DenseUpdate> matchDense(const StateGroups &groups,
                                      const StateGroups::Group &group);

/// The axis along which `read`, of a state, has `column` instead of the label
/// of the state's definition; nothing where other labels differ too.
std::optional<int64_t> findMixedAxis(dsf::ReadOp read,
                                     llvm::ArrayRef<mlir::StringAttr> labels,
                                     mlir::StringAttr column);

/// Whether a value is the same for all steps and sequences.
bool isTimeInvariant(mlir::Value value);

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_DENSEUPDATE_H
