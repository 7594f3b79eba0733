//===- DsfFold.cpp - Folding of dsf ops -----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/Dsf.h"
#include "dialects/Dsf/Functions.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Between positions and labels
//===----------------------------------------------------------------------===//

/// Whether the subscripts of `read` are `labels`, in order.
static bool readsLabels(ReadOp read, ArrayAttr labels) {
  AffineMap map = read.getMap();
  if (map.getNumSymbols() != 0 || map.getNumResults() != labels.size())
    return false;
  return llvm::all_of(
      llvm::zip_equal(map.getResults(), labels.getAsRange<StringAttr>()),
      [&](auto axis) {
        auto dim = dyn_cast<AffineDimExpr>(std::get<0>(axis));
        return dim && read.getType().getLabels()[dim.getPosition()] ==
                          std::get<1>(axis);
      });
}

/// read(pack(v[i, j]))[i, j] is v.
OpFoldResult ReadOp::fold(FoldAdaptor) {
  auto pack = getSource().getDefiningOp<PackOp>();
  if (!pack || pack.getValue().getType() != getType() ||
      !readsLabels(*this, pack.getLabels()))
    return {};
  return pack.getValue();
}

/// pack(read(x)[i, j])[i, j] is x.
OpFoldResult PackOp::fold(FoldAdaptor) {
  auto read = getValue().getDefiningOp<ReadOp>();
  if (!read || read.getSource().getType() != Type(getType()) ||
      !readsLabels(read, getLabels()))
    return {};
  return read.getSource();
}

/// Constant symbols move into the map.
LogicalResult ReadOp::canonicalize(ReadOp op, PatternRewriter &rewriter) {
  if (op.getSymbols().empty())
    return failure();
  SmallVector<AffineExpr> replacements;
  SmallVector<Value> kept;
  for (Value symbol : op.getSymbols()) {
    IntegerAttr constant;
    if (matchPattern(symbol, m_Constant(&constant))) {
      replacements.push_back(rewriter.getAffineConstantExpr(constant.getInt()));
      continue;
    }
    replacements.push_back(rewriter.getAffineSymbolExpr(kept.size()));
    kept.push_back(symbol);
  }
  if (kept.size() == op.getSymbols().size())
    return failure();
  AffineMap map = op.getMap().replaceDimsAndSymbols(
      {}, replacements, op.getMap().getNumDims(), kept.size());
  rewriter.modifyOpInPlace(op, [&] {
    op.setMap(map);
    op.getSymbolsMutable().assign(kept);
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Constant folding
//===----------------------------------------------------------------------===//

static FloatAttr makeNumber(MLIRContext *context, double value) {
  return FloatAttr::get(Float64Type::get(context), value);
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValueAttr(); }

OpFoldResult NumberOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  return index ? makeNumber(getContext(), index.getInt()) : OpFoldResult();
}

OpFoldResult UnaryOp::fold(FoldAdaptor adaptor) {
  auto operand = dyn_cast_or_null<FloatAttr>(adaptor.getOperand());
  if (!operand || getType().getKind() != Kind::Real)
    return {};
  return withUnary(getFn(), [&](auto fn) {
    return makeNumber(getContext(), fn(operand.getValueAsDouble()));
  });
}

/// A bool or complex result has no constant to become.
OpFoldResult BinaryOp::fold(FoldAdaptor adaptor) {
  auto lhs = dyn_cast_or_null<FloatAttr>(adaptor.getLhs());
  auto rhs = dyn_cast_or_null<FloatAttr>(adaptor.getRhs());
  if (!lhs || !rhs || getType().getKind() != Kind::Real)
    return {};
  return withBinary(getFn(), [&](auto fn) {
    return makeNumber(getContext(),
                      fn(lhs.getValueAsDouble(), rhs.getValueAsDouble()));
  });
}
