//===- Monomials.h - A value as a sum of products ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_MONOMIALS_H
#define LRC_LIB_ALGEBRA_MONOMIALS_H

#include "dialects/Dsf/Dsf.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"

#include <optional>

namespace lrc {

using Labels = llvm::SmallSetVector<mlir::StringAttr, 4>;

/// Arithmetic on values of a step. A null value is the neutral element of what
/// is done with it: 0 in sums, 1 in products.
class Arithmetic {
public:
  Arithmetic(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::Value number(double value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value multiply(mlir::Value a, mlir::Value b);
  mlir::Value negate(mlir::Value a);
  /// a / b; `a` null is 1.
  mlir::Value divide(mlir::Value a, mlir::Value b);
  /// A null choice is 0.
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);
  /// Sum over `labels`; one that the value lacks counts its extent.
  mlir::Value sum(mlir::Value value, const Labels &labels,
                  dsf::ValueType operandType);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// How an array that was packed of a value is read under other labels.
struct Relabelling {
  dsf::PackOp pack;
  dsf::ReadOp read;

  /// When `value` is a read of a packed value.
  static std::optional<Relabelling> match(mlir::Value value);

  /// `part`, which has some of the labels of the packed value, as the read
  /// sees it.
  mlir::Value apply(mlir::OpBuilder &builder, mlir::Value part) const;

  /// The label that reads the axis packed under `label`; null when that axis is
  /// read at anything but a label of its own.
  mlir::StringAttr rename(mlir::StringAttr label) const;

  /// Whether all axes are read under their own labels, as a whole.
  bool isIdentity() const;
};

/// Factors of a product, none of which mixes labels of `keys` with others.
using Monomial = llvm::SmallVector<mlir::Value>;

/// Whether a value has labels among `keys` only, or none of them.
bool isPure(mlir::Value value, const Labels &keys);

/// `value` as a sum of monomials with respect to `keys`; nothing when it does
/// not separate, such as exp(x[i] + y[j]) or a tensor input b[i, j].
std::optional<llvm::SmallVector<Monomial>>
separate(mlir::OpBuilder &builder, mlir::Value value, const Labels &keys);

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_MONOMIALS_H
