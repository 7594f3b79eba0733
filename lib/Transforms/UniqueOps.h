//===- UniqueOps.h - Ops of a step, each made once --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_UNIQUEOPS_H
#define LRC_LIB_TRANSFORMS_UNIQUEOPS_H

#include "dialects/Dsf/Dsf.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace lrc {

/// Makes ops at one place of a block, or finds an equal one above: values that
/// are computed in the same way are the same value.
class UniqueOps {
public:
  explicit UniqueOps(mlir::OpBuilder builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::OpBuilder &getBuilder() { return builder; }
  mlir::Location getLocation() const { return loc; }
  void setLocation(mlir::Location newLoc) { loc = newLoc; }

  mlir::Value number(double value);
  mlir::Value get(dsf::FieldOp field);
  mlir::Value unary(dsf::UnaryKind fn, mlir::Value x);
  mlir::Value binary(dsf::BinaryKind fn, mlir::Value a, mlir::Value b);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);
  mlir::Value reduce(dsf::ReduceKind fn, mlir::Value x,
                     llvm::ArrayRef<mlir::Attribute> labels);
  /// The array of a value, under its own labels.
  mlir::Value pack(mlir::Value value);
  /// array[exprs], whose dims are those of `like`: the result has the labels
  /// that occur.
  mlir::Value read(mlir::Value array, llvm::ArrayRef<mlir::AffineExpr> exprs,
                   dsf::ValueType like);

  /// A null operand is 1.
  mlir::Value multiply(mlir::Value a, mlir::Value b);
  /// A null operand is not there.
  mlir::Value add(mlir::Value a, mlir::Value b);
  /// 1 for null.
  mlir::Value orOne(mlir::Value value) { return value ? value : number(1); }

private:
  mlir::Value unique(mlir::Operation *op);

  mlir::OpBuilder builder;
  mlir::Location loc;
  llvm::DenseMap<uint64_t, mlir::Value> numbers;
  llvm::StringMap<mlir::Value> arrays;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_UNIQUEOPS_H
