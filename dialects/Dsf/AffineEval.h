//===- AffineEval.h - Values and ranges of index expressions ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Evaluates affine expressions with checked arithmetic. Division and modulo
// take a positive divisor, and round down, as in subscripts of the language.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DIALECTS_DSF_AFFINEEVAL_H
#define LRC_DIALECTS_DSF_AFFINEEVAL_H

#include "mlir/IR/AffineExpr.h"

#include <optional>

namespace lrc::dsf {

/// A closed interval of integers.
struct IndexRange {
  int64_t min;
  int64_t max;
};

/// Value of `expr`; none on overflow or a divisor below 1.
std::optional<int64_t> evaluateAffine(mlir::AffineExpr expr,
                                      llvm::ArrayRef<int64_t> dims,
                                      llvm::ArrayRef<int64_t> symbols);

/// An interval that has all values of `expr` where dim i runs over
/// [0, sizes[i]); none on overflow or a divisor below 1.
std::optional<IndexRange> boundAffine(mlir::AffineExpr expr,
                                      llvm::ArrayRef<int64_t> sizes,
                                      llvm::ArrayRef<int64_t> symbols);

/// The smallest such interval. Where interval arithmetic can not tell it
/// enumerates the indices; `limit` bounds how many, beyond it there is none.
std::optional<IndexRange> boundAffineExactly(mlir::AffineExpr expr,
                                             llvm::ArrayRef<int64_t> sizes,
                                             llvm::ArrayRef<int64_t> symbols,
                                             int64_t limit);

} // namespace lrc::dsf

#endif // LRC_DIALECTS_DSF_AFFINEEVAL_H
