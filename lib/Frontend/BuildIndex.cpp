//===- BuildIndex.cpp - Subscripts as affine maps -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildImpl.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using mlir::AffineExpr;
using mlir::Attribute;
using mlir::StringAttr;
using mlir::Value;

/// Index variables become dims of the map and labels of the result, in order
/// of appearance; dims and loop variables become symbols.
struct RegionBuilder::Subscripts {
  llvm::SmallVector<StringAttr> labels;
  llvm::SmallVector<Attribute> extents;
  llvm::SmallVector<Value> symbols;
};

AffineExpr frontend::combineAffine(BinaryOp op, AffineExpr lhs,
                                   AffineExpr rhs) {
  switch (op) {
  case BinaryOp::Add:
    return lhs + rhs;
  case BinaryOp::Sub:
    return lhs - rhs;
  case BinaryOp::Mul:
    // The static factor goes right, where affine expressions want it.
    return rhs.isSymbolicOrConstant() ? lhs * rhs : rhs * lhs;
  case BinaryOp::Div:
    return lhs.floorDiv(rhs);
  case BinaryOp::Rem:
    return lhs % rhs;
  default:
    llvm_unreachable("not an operator of index expressions");
  }
}

AffineExpr RegionBuilder::buildSubscriptName(const NameExpr &name,
                                             Subscripts &subscripts) {
  if (Attribute extent = indices.lookup(name.name)) {
    StringAttr label = builder.getStringAttr(name.name);
    auto *it = llvm::find(subscripts.labels, label);
    size_t position = it - subscripts.labels.begin();
    if (it == subscripts.labels.end()) {
      subscripts.labels.push_back(label);
      subscripts.extents.push_back(extent);
    }
    return builder.getAffineDimExpr(position);
  }
  Value symbol = loopVars.lookup(name.name);
  if (!symbol)
    symbol = getExtent(name.name, name.loc);
  auto *it = llvm::find(subscripts.symbols, symbol);
  size_t position = it - subscripts.symbols.begin();
  if (it == subscripts.symbols.end())
    subscripts.symbols.push_back(symbol);
  return builder.getAffineSymbolExpr(position);
}

AffineExpr RegionBuilder::buildSubscript(const Expr &expr,
                                         Subscripts &subscripts) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return builder.getAffineConstantExpr(*number->integer);
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr))
    return buildSubscriptName(*name, subscripts);
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return -buildSubscript(*unary->operand, subscripts);
  const auto &binary = llvm::cast<BinaryExpr>(expr);
  AffineExpr lhs = buildSubscript(*binary.lhs, subscripts);
  AffineExpr rhs = buildSubscript(*binary.rhs, subscripts);
  return combineAffine(binary.op, lhs, rhs);
}

Value RegionBuilder::buildRead(Value array, llvm::ArrayRef<const Expr *> exprs,
                               llvm::SMLoc loc) {
  Subscripts subscripts;
  llvm::SmallVector<AffineExpr> results;
  for (const Expr *expr : exprs)
    results.push_back(buildSubscript(*expr, subscripts));
  auto map =
      mlir::AffineMap::get(subscripts.labels.size(), subscripts.symbols.size(),
                           results, builder.getContext());
  auto source = mlir::cast<dsf::PositionalType>(array.getType());
  auto type = dsf::ValueType::get(builder.getContext(), subscripts.labels,
                                  subscripts.extents, source.getKind());
  return builder.createOrFold<dsf::ReadOp>(context.getLoc(loc), type, array,
                                           subscripts.symbols, map);
}
