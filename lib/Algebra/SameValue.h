//===- SameValue.h - Equality up to names of index variables ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_SAMEVALUE_H
#define LRC_LIB_ALGEBRA_SAMEVALUE_H

#include "lib/Algebra/Monomials.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace lrc {

/// Finds out whether values are the same functions of their labels, where
/// labels may have other names: exp(k[i]) and exp(k[a]), with i for a.
class SameValue {
public:
  /// Whether `b` is `a` with its labels renamed, in one way for all pairs that
  /// were asked for. A wrong answer spoils the renaming: start anew.
  bool isSame(mlir::Value a, mlir::Value b);

  /// The name in the second values of a label of the first ones; null if it did
  /// not occur.
  mlir::StringAttr rename(mlir::StringAttr label) const {
    return names.lookup(label);
  }

private:
  bool pair(mlir::StringAttr a, mlir::StringAttr b);
  bool pairLabels(mlir::Value a, mlir::Value b);
  bool isSameRelabelled(const Relabelling &a, mlir::Value b, bool swapped);
  bool haveSameAttributes(mlir::Operation *a, mlir::Operation *b);

  llvm::DenseMap<mlir::StringAttr, mlir::StringAttr> names;
  llvm::DenseMap<mlir::StringAttr, mlir::StringAttr> inverse;
  llvm::DenseSet<std::pair<mlir::Value, mlir::Value>> proven;
  unsigned depth = 0;
};

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_SAMEVALUE_H
