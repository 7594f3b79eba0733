//===- Subscripts.cpp - Subscripts stay within their axis -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Subscripts.h"

#include "dialects/Dsf/AffineEval.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// How many indices are tried where intervals can not tell: below a second.
static constexpr int64_t enumerationLimit = int64_t(1) << 22;

/// What the user calls the array that is read; empty if it has no name.
static StringRef getArrayName(Value source) {
  if (auto get = source.getDefiningOp<GetOp>())
    return get.getField();
  if (auto name = source.getLoc()->findInstanceOf<NameLoc>())
    return name.getName();
  return {};
}

static InFlightDiagnostic reportSubscript(ReadOp read, unsigned axis) {
  InFlightDiagnostic diagnostic = read.emitError("subscript ");
  diagnostic << axis + 1;
  if (StringRef name = getArrayName(read.getSource()); !name.empty())
    diagnostic << " of " << name;
  return diagnostic;
}

static LogicalResult checkSubscript(ReadOp read, unsigned axis, int64_t size,
                                    ArrayRef<int64_t> sizes,
                                    ArrayRef<int64_t> symbols) {
  AffineExpr expr = read.getMap().getResult(axis);
  std::optional<IndexRange> range = boundAffine(expr, sizes, symbols);
  if (!range)
    return reportSubscript(read, axis)
           << " divides by less than 1 or exceeds 64 bits";
  auto isWithin = [&] { return range->min >= 0 && range->max < size; };
  if (isWithin())
    return success();
  std::optional<IndexRange> exact =
      boundAffineExactly(expr, sizes, symbols, enumerationLimit);
  range = exact ? exact : range;
  if (isWithin())
    return success();
  InFlightDiagnostic diagnostic = reportSubscript(read, axis);
  diagnostic << (exact ? " reaches " : " may reach ");
  if (range->max >= size)
    return diagnostic << range->max << ", but the axis has " << size
                      << (size == 1 ? " element" : " elements");
  return diagnostic << range->min << ", but positions start at 0";
}

LogicalResult lrc::checkSubscripts(ReadOp read, ArrayRef<int64_t> shape,
                                   ArrayRef<int64_t> sizes,
                                   ArrayRef<int64_t> symbols) {
  bool valid = true;
  for (auto [axis, size] : llvm::enumerate(shape))
    valid &= succeeded(checkSubscript(read, axis, size, sizes, symbols));
  return success(valid);
}
