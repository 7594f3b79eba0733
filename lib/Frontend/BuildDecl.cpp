//===- BuildDecl.cpp - Declarations as dsf ops ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildImpl.h"
#include "lib/Frontend/Sema.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using mlir::ArrayAttr;
using mlir::Attribute;
using mlir::TypeAttr;

static dsf::Kind getKind(const Declarator &declarator) {
  return declarator.type && declarator.type->isComplex() ? dsf::Kind::Complex
                                                         : dsf::Kind::Real;
}

/// The element type in memory; null when none is written.
static TypeAttr getStorage(const Declarator &declarator,
                           mlir::OpBuilder &builder) {
  if (!declarator.type)
    return {};
  switch (declarator.type->kind) {
  case ElementType::Kind::F32:
    return TypeAttr::get(builder.getF32Type());
  case ElementType::Kind::F64:
    return TypeAttr::get(builder.getF64Type());
  case ElementType::Kind::BF16:
    return TypeAttr::get(builder.getBF16Type());
  case ElementType::Kind::F16:
    return TypeAttr::get(builder.getF16Type());
  case ElementType::Kind::Complex:
    return {}; // leaves the width to the tensor, as no type does for reals
  case ElementType::Kind::Complex64:
    return TypeAttr::get(mlir::ComplexType::get(builder.getF32Type()));
  case ElementType::Kind::Complex128:
    return TypeAttr::get(mlir::ComplexType::get(builder.getF64Type()));
  }
  llvm_unreachable("unknown element type");
}

static Attribute getRange(const Declarator &declarator,
                          mlir::MLIRContext *context) {
  if (!declarator.values)
    return {};
  const Range &range = *declarator.values;
  if (range.kind == Range::Kind::Unit)
    return dsf::UnitNormAttr::get(context);
  llvm::SmallVector<double> values;
  for (const ExprPtr &expr : range.values)
    values.push_back(*evaluateConstant(*expr));
  if (range.kind == Range::Kind::Choice)
    return dsf::ChoiceAttr::get(context,
                                mlir::DenseF64ArrayAttr::get(context, values));
  return dsf::IntervalAttr::get(context, values[0], values[1], range.lowerOpen,
                                range.upperOpen);
}

void RecurrenceBuilder::buildDecl(const DeclItem &item) {
  for (const Declarator &declarator : item.declarators)
    if (item.role == DeclRole::Dim)
      buildDim(declarator);
    else
      buildField(item.role, declarator);
}

/// The size of a derived dim over the dims it mentions.
static mlir::AffineExpr buildSize(const Expr &expr, mlir::Builder &builder,
                                  llvm::SmallVectorImpl<Attribute> &dims) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr))
    return builder.getAffineConstantExpr(*number->integer);
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    Attribute dim =
        mlir::FlatSymbolRefAttr::get(builder.getContext(), name->name);
    auto *it = llvm::find(dims, dim);
    if (it == dims.end())
      it = dims.insert(dims.end(), dim);
    return builder.getAffineSymbolExpr(it - dims.begin());
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr))
    return -buildSize(*unary->operand, builder, dims);
  const auto &binary = llvm::cast<BinaryExpr>(expr);
  mlir::AffineExpr lhs = buildSize(*binary.lhs, builder, dims);
  mlir::AffineExpr rhs = buildSize(*binary.rhs, builder, dims);
  return combineAffine(binary.op, lhs, rhs);
}

void RecurrenceBuilder::buildDim(const Declarator &declarator) {
  StringRef name = declarator.name.text;
  context.dims.insert(name);
  mlir::IntegerAttr size;
  mlir::AffineMapAttr map;
  ArrayAttr of;
  if (declarator.init) {
    if (std::optional<int64_t> value = evaluateInteger(*declarator.init)) {
      size = builder.getI64IntegerAttr(*value);
    } else {
      llvm::SmallVector<Attribute> dims;
      mlir::AffineExpr expr = buildSize(*declarator.init, builder, dims);
      map =
          mlir::AffineMapAttr::get(mlir::AffineMap::get(0, dims.size(), expr));
      of = builder.getArrayAttr(dims);
    }
  }
  dsf::DimOp::create(builder, context.getLoc(declarator.name.range.Start), name,
                     size, map, of);
}

void RecurrenceBuilder::buildField(DeclRole role,
                                   const Declarator &declarator) {
  StringRef name = declarator.name.text;
  mlir::Location loc = context.getLoc(declarator.name.range.Start);
  dsf::Kind kind = getKind(declarator);
  TypeAttr storage = getStorage(declarator, builder);
  Attribute range = getRange(declarator, builder.getContext());
  llvm::SmallVector<Attribute> extents;
  for (const IndexVar &axis : declarator.axes)
    extents.push_back(context.getExtent(axis.extent));
  mlir::Type type;
  if (role == DeclRole::In) {
    type = dsf::ArrayType::get(builder.getContext(), extents, kind);
    dsf::InOp::create(builder, loc, name, type, storage, range);
    inputs.push_back(&declarator);
  } else if (role == DeclRole::Param) {
    type = dsf::ParamType::get(builder.getContext(), extents, kind);
    auto op = dsf::ParamOp::create(builder, loc, name, type, storage, range);
    buildInit(op.getInit(), declarator);
  } else {
    type = dsf::StateType::get(builder.getContext(), extents, kind);
    auto op = dsf::StateOp::create(builder, loc, name, type, storage, range,
                                   /*hidden=*/false);
    buildInit(op.getInit(), declarator);
    states.push_back(&declarator);
  }
  context.fields[name] = mlir::cast<dsf::PositionalType>(type);
}

/// Fills the default of a parameter or the start of a state.
void RecurrenceBuilder::buildInit(mlir::Region &region,
                                  const Declarator &declarator) {
  if (!declarator.init)
    return;
  RegionBuilder inner(context, &region.emplaceBlock());
  mlir::Value value = inner.buildWith(declarator.axes, *declarator.init);
  dsf::YieldOp::create(inner.builder, context.getLoc(declarator.init->loc),
                       value, context.getLabels(declarator.axes));
}

/// The hidden state behind delays of `source`, and a dim for its rows where
/// there is none.
void RecurrenceBuilder::buildHistory(const History &history,
                                     dsf::PositionalType source) {
  mlir::Location loc = context.getLoc(history.loc);
  auto rows = mlir::dyn_cast<mlir::FlatSymbolRefAttr>(history.rows);
  if (rows && !context.dims.contains(rows.getValue())) {
    llvm::SmallVector<Attribute> of;
    for (StringRef dim : history.dims)
      of.push_back(mlir::FlatSymbolRefAttr::get(builder.getContext(), dim));
    auto map = mlir::AffineMap::get(0, of.size(), history.longest + 1);
    dsf::DimOp::create(builder, loc, rows.getValue(), mlir::IntegerAttr(),
                       mlir::AffineMapAttr::get(map), builder.getArrayAttr(of));
    context.dims.insert(rows.getValue());
  }
  llvm::SmallVector<Attribute> extents{history.rows};
  llvm::append_range(extents, source.getExtents());
  auto type =
      dsf::StateType::get(builder.getContext(), extents, source.getKind());
  dsf::StateOp::create(builder, loc, history.state, type, TypeAttr(),
                       Attribute(), /*hidden=*/true);
  context.fields[history.state] =
      mlir::cast<dsf::PositionalType>(mlir::Type(type));
}

ArrayAttr RecurrenceBuilder::getFinals() const {
  llvm::SmallVector<Attribute> names;
  for (const ItemPtr &item : recurrence.items)
    if (const auto *final = llvm::dyn_cast<FinalItem>(item.get()))
      for (const Name &name : final->names)
        names.push_back(
            mlir::FlatSymbolRefAttr::get(builder.getContext(), name.text));
  return names.empty() ? ArrayAttr() : builder.getArrayAttr(names);
}
