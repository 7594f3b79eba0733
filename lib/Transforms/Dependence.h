//===- Dependence.h - What a value of a step depends on ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_DEPENDENCE_H
#define LRC_LIB_TRANSFORMS_DEPENDENCE_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/DenseMap.h"

namespace lrc {

/// What the values of a phase depend on.
class Dependence {
public:
  explicit Dependence(mlir::Block &phase);

  bool onState(mlir::Value value) const { return facts.at(value).onState; }
  /// On inputs, time or state: not the same for all steps.
  bool onTime(mlir::Value value) const { return facts.at(value).onTime; }
  /// Whether the value depends on time and has more elements than each of the
  /// values that bring that dependence: k[i] * v[j], and what is computed of it
  /// element by element. To have it for all steps costs more memory than to
  /// compute it again.
  bool isWide(mlir::Value value) const { return facts.at(value).wide; }

private:
  struct Facts {
    bool onState = false;
    bool onTime = false;
    bool wide = false;
  };
  Facts classify(mlir::Operation *op) const;
  bool isWiderThanOperands(mlir::Operation *op) const;

  llvm::DenseMap<mlir::Value, Facts> facts;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_DEPENDENCE_H
