//===- TileValue.h - A dsf value as tiles -----------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_TILEVALUE_H
#define LRC_LIB_CONVERSION_DSFTOTILE_TILEVALUE_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lrc {

/// Tiles that hold a dsf value or array: one for a real or bool, two for a
/// complex one.
struct TileValue {
  mlir::Value re;
  mlir::Value im;
  /// The same for all sequences and independent of inputs: made of constants,
  /// parameters, indices and time. Such values are computed in f64, and
  /// rounded where they meet inputs or states, so that an angle t * theta or a
  /// decay exp(dt * A) is as good as its parameters.
  bool uniform = false;

  bool isComplex() const { return im != nullptr; }
};

/// Makes tiles before or inside the loop over time: an operation whose operands
/// exist before the loop goes there. That is the hoisting of what depends on
/// parameters only.
class TileBuilder {
public:
  /// `compute` is the type of arithmetic on inputs and states: f32 or f64.
  TileBuilder(mlir::OpBuilder &before, mlir::OpBuilder &inside,
              mlir::Type compute)
      : before(before), inside(inside), compute(compute) {}

  mlir::Type getCompute() const { return compute; }
  void setLocation(mlir::Location newLoc) { loc = newLoc; }
  mlir::Location getLocation() const { return *loc; }

  /// The builder where an op on `operands` goes.
  mlir::OpBuilder &at(mlir::ValueRange operands);
  mlir::OpBuilder &beforeLoop() { return before; }

  /// Converts the element type of a float tile; remembers the result.
  mlir::Value cast(mlir::Value tile, mlir::Type element);

  /// `value` for arithmetic: f64 if `uniform`, else the compute type.
  TileValue coerce(TileValue value, bool uniform);

  /// Scalar constant in f64.
  TileValue constant(double value);
  /// A constant with the type of `like`.
  mlir::Value constantLike(mlir::Value like, double value);

  /// result[d...] = tile[map(d...)].
  mlir::Value access(mlir::Value tile, mlir::AffineMap map,
                     llvm::ArrayRef<int64_t> shape);

private:
  mlir::OpBuilder &before;
  mlir::OpBuilder &inside;
  mlir::Type compute;
  std::optional<mlir::Location> loc;
  llvm::DenseMap<std::pair<mlir::Value, mlir::Type>, mlir::Value> casts;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_TILEVALUE_H
