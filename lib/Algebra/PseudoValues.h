//===- PseudoValues.h - Writes as sums over contractions --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_PSEUDOVALUES_H
#define LRC_LIB_ALGEBRA_PSEUDOVALUES_H

#include "lib/Analysis/StateGroups.h"

#include "mlir/IR/Builders.h"

#include "llvm/ADT/MapVector.h"

#include <optional>

namespace lrc {

/// offset + sum_n coefficient_n * contraction_n, where neither the offset nor
/// the coefficients depend on the group. Null coefficients are 1, a null offset
/// is 0.
struct PseudoValue {
  llvm::MapVector<mlir::Value, mlir::Value> terms;
  mlir::Value offset;
};

/// `write` in this form; nothing when it is not affine in contractions of the
/// group's old states.
std::optional<PseudoValue>
expandPseudoValue(mlir::OpBuilder &builder, mlir::Value write,
                  const StateGroups &groups, const StateGroups::Group &group);

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_PSEUDOVALUES_H
