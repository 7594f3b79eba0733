//===- Tangent.h - What a step does to the states it starts from -*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_TANGENT_H
#define LRC_LIB_TRANSFORMS_TANGENT_H

#include "lib/Algebra/Monomials.h"

#include <functional>

namespace lrc {

/// The linear part of a step that is affine in some states: every value with
/// `direction` of a state in place of the state and without offsets.
class Tangent {
public:
  /// `direction` gives the value that stands for a read of a state, or null for
  /// states that count as known.
  using Direction =
      std::function<mlir::Value(dsf::StateOp state, dsf::ReadOp read)>;

  Tangent(dsf::RecurrenceOp recurrence, mlir::Block &phase,
          mlir::OpBuilder &builder, Direction direction)
      : recurrence(recurrence), phase(phase), builder(builder),
        direction(std::move(direction)) {}

  /// False, with a reason, when the step is not affine in the states.
  bool run();
  llvm::StringRef getReason() const { return reason; }

  /// Null where the value does not depend on the states.
  mlir::Value of(mlir::Value value) const { return tangents.lookup(value); }

private:
  bool refuse(const llvm::Twine &why);
  bool visit(mlir::Operation *op);
  bool visitRead(dsf::ReadOp op);
  bool visitBinary(dsf::BinaryOp op);

  dsf::RecurrenceOp recurrence;
  mlir::Block &phase;
  mlir::OpBuilder &builder;
  Direction direction;
  std::string reason;
  llvm::DenseMap<mlir::Value, mlir::Value> tangents;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_TANGENT_H
