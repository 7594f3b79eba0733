//===- AffineEval.cpp - Values and ranges of index expressions ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/AffineEval.h"

#include "mlir/IR/AffineExprVisitor.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace lrc::dsf;

static std::optional<int64_t> add(int64_t lhs, int64_t rhs) {
  int64_t sum;
  return llvm::AddOverflow(lhs, rhs, sum) ? std::nullopt : std::optional(sum);
}

static std::optional<int64_t> multiply(int64_t lhs, int64_t rhs) {
  int64_t product;
  return llvm::MulOverflow(lhs, rhs, product) ? std::nullopt
                                              : std::optional(product);
}

static int64_t floorDiv(int64_t lhs, int64_t rhs) {
  return lhs / rhs - (lhs % rhs < 0 ? 1 : 0);
}

static int64_t ceilDiv(int64_t lhs, int64_t rhs) {
  return lhs / rhs + (lhs % rhs > 0 ? 1 : 0);
}

static int64_t floorMod(int64_t lhs, int64_t rhs) {
  int64_t rest = lhs % rhs;
  return rest < 0 ? rest + rhs : rest;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

std::optional<int64_t> lrc::dsf::evaluateAffine(AffineExpr expr,
                                                ArrayRef<int64_t> dims,
                                                ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto lhs = evaluateAffine(binary.getLHS(), dims, symbols);
  auto rhs = evaluateAffine(binary.getRHS(), dims, symbols);
  if (!lhs || !rhs)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add)
    return add(*lhs, *rhs);
  if (binary.getKind() == AffineExprKind::Mul)
    return multiply(*lhs, *rhs);
  if (*rhs < 1)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::FloorDiv)
    return floorDiv(*lhs, *rhs);
  if (binary.getKind() == AffineExprKind::CeilDiv)
    return ceilDiv(*lhs, *rhs);
  return floorMod(*lhs, *rhs);
}

//===----------------------------------------------------------------------===//
// Intervals
//===----------------------------------------------------------------------===//

static std::optional<IndexRange> addRanges(IndexRange lhs, IndexRange rhs) {
  auto min = add(lhs.min, rhs.min);
  auto max = add(lhs.max, rhs.max);
  if (!min || !max)
    return std::nullopt;
  return IndexRange{*min, *max};
}

static std::optional<IndexRange> multiplyRanges(IndexRange lhs,
                                                IndexRange rhs) {
  auto first = multiply(lhs.min, rhs.min);
  if (!first)
    return std::nullopt;
  IndexRange range{*first, *first};
  for (auto [a, b] : {std::pair(lhs.min, rhs.max), std::pair(lhs.max, rhs.min),
                      std::pair(lhs.max, rhs.max)}) {
    auto corner = multiply(a, b);
    if (!corner)
      return std::nullopt;
    range.min = std::min(range.min, *corner);
    range.max = std::max(range.max, *corner);
  }
  return range;
}

static IndexRange modRange(IndexRange range, int64_t divisor) {
  // Within one period modulo is a shift.
  if (floorDiv(range.min, divisor) == floorDiv(range.max, divisor))
    return {floorMod(range.min, divisor), floorMod(range.max, divisor)};
  return {0, divisor - 1};
}

std::optional<IndexRange> lrc::dsf::boundAffine(AffineExpr expr,
                                                ArrayRef<int64_t> sizes,
                                                ArrayRef<int64_t> symbols) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return IndexRange{0, sizes[dim.getPosition()] - 1};
  if (!isa<AffineBinaryOpExpr>(expr)) {
    auto value = evaluateAffine(expr, {}, symbols);
    return IndexRange{*value, *value};
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  auto lhs = boundAffine(binary.getLHS(), sizes, symbols);
  auto rhs = boundAffine(binary.getRHS(), sizes, symbols);
  if (!lhs || !rhs)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::Add)
    return addRanges(*lhs, *rhs);
  if (binary.getKind() == AffineExprKind::Mul)
    return multiplyRanges(*lhs, *rhs);
  // Divisors are constants and symbols, which have one value.
  if (rhs->min < 1 || rhs->min != rhs->max)
    return std::nullopt;
  if (binary.getKind() == AffineExprKind::FloorDiv)
    return IndexRange{floorDiv(lhs->min, rhs->min),
                      floorDiv(lhs->max, rhs->min)};
  if (binary.getKind() == AffineExprKind::CeilDiv)
    return IndexRange{ceilDiv(lhs->min, rhs->min), ceilDiv(lhs->max, rhs->min)};
  return modRange(*lhs, rhs->min);
}

/// Whether each dim occurs once and nothing rounds: then the ends of the
/// interval are values of the expression.
static bool attainsBounds(AffineExpr expr) {
  llvm::SmallDenseSet<unsigned> seen;
  bool attained = true;
  expr.walk([&](AffineExpr part) {
    if (auto dim = dyn_cast<AffineDimExpr>(part))
      attained &= seen.insert(dim.getPosition()).second;
    auto kind = part.getKind();
    attained &= kind != AffineExprKind::Mod &&
                kind != AffineExprKind::FloorDiv &&
                kind != AffineExprKind::CeilDiv;
  });
  return attained;
}

/// Moves to the next index tuple of the dims in `used`; false after the last.
static bool advance(SmallVectorImpl<int64_t> &index, ArrayRef<unsigned> used,
                    ArrayRef<int64_t> sizes) {
  for (unsigned dim : llvm::reverse(used)) {
    if (++index[dim] < sizes[dim])
      return true;
    index[dim] = 0;
  }
  return false;
}

std::optional<IndexRange>
lrc::dsf::boundAffineExactly(AffineExpr expr, ArrayRef<int64_t> sizes,
                             ArrayRef<int64_t> symbols, int64_t limit) {
  if (attainsBounds(expr))
    return boundAffine(expr, sizes, symbols);
  SmallVector<unsigned> used;
  int64_t points = 1;
  for (unsigned dim = 0; dim < sizes.size(); ++dim) {
    if (!expr.isFunctionOfDim(dim))
      continue;
    used.push_back(dim);
    if (llvm::MulOverflow(points, sizes[dim], points) || points > limit)
      return std::nullopt;
  }
  SmallVector<int64_t> index(sizes.size(), 0);
  std::optional<IndexRange> range;
  do {
    auto value = evaluateAffine(expr, index, symbols);
    if (!value)
      return std::nullopt;
    if (!range)
      range = {*value, *value};
    range->min = std::min(range->min, *value);
    range->max = std::max(range->max, *value);
  } while (advance(index, used, sizes));
  return range;
}
