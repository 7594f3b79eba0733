//===- SignatureOf.cpp - The signature of a recurrence --------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/SignatureOf.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

Type lrc::toType(MLIRContext *context, ElementType type) {
  switch (type) {
  case ElementType::F16:
    return Float16Type::get(context);
  case ElementType::BF16:
    return BFloat16Type::get(context);
  case ElementType::F32:
    return Float32Type::get(context);
  case ElementType::F64:
    return Float64Type::get(context);
  case ElementType::C64:
    return ComplexType::get(Float32Type::get(context));
  case ElementType::C128:
    return ComplexType::get(Float64Type::get(context));
  }
  llvm_unreachable("unknown element type");
}

ElementType lrc::toElementType(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF64() ? ElementType::C128
                                            : ElementType::C64;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (type.isF64())
    return ElementType::F64;
  assert(type.isF32() && "a type that dsf does not store");
  return ElementType::F32;
}

/// Appends `expr` in postfix order; symbols are the dims of `names`.
static void appendTerms(AffineExpr expr, ArrayRef<std::string> names,
                        std::vector<DimTerm> &terms) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    terms.push_back({DimTerm::Kind::Number, constant.getValue(), {}});
    return;
  }
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr)) {
    terms.push_back({DimTerm::Kind::Dim, 0, names[symbol.getPosition()]});
    return;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  appendTerms(binary.getLHS(), names, terms);
  appendTerms(binary.getRHS(), names, terms);
  auto kind = DimTerm::Kind::Div;
  if (expr.getKind() == AffineExprKind::Add)
    kind = DimTerm::Kind::Add;
  else if (expr.getKind() == AffineExprKind::Mul)
    kind = DimTerm::Kind::Mul;
  else if (expr.getKind() == AffineExprKind::Mod)
    kind = DimTerm::Kind::Mod;
  terms.push_back({kind, 0, {}});
}

static Dim makeDim(dsf::DimOp op) {
  Dim dim;
  dim.name = op.getSymName().str();
  if (op.getDefaultSize())
    dim.defaultSize = int64_t(*op.getDefaultSize());
  if (!op.getDerived())
    return dim;
  SmallVector<std::string> names;
  if (op.getOf())
    for (auto base : op.getOf()->getAsRange<FlatSymbolRefAttr>())
      names.push_back(base.getValue().str());
  appendTerms(op.getDerived()->getResult(0), names, dim.derivation);
  return dim;
}

static DeclaredRange makeRange(Attribute attr) {
  DeclaredRange range;
  if (auto interval = dyn_cast_or_null<dsf::IntervalAttr>(attr)) {
    range.kind = DeclaredRange::Kind::Interval;
    range.lower = interval.getLower();
    range.upper = interval.getUpper();
    range.lowerOpen = interval.getLowerOpen();
    range.upperOpen = interval.getUpperOpen();
  } else if (auto choice = dyn_cast_or_null<dsf::ChoiceAttr>(attr)) {
    range.kind = DeclaredRange::Kind::Choice;
    range.choices.assign(choice.getValues().begin(), choice.getValues().end());
  } else if (isa_and_present<dsf::UnitNormAttr>(attr)) {
    range.kind = DeclaredRange::Kind::UnitNorm;
  }
  return range;
}

static Field makeField(dsf::RecurrenceOp recurrence, dsf::FieldOp op) {
  Field field;
  field.name = op.getName().str();
  for (Attribute extent : op.getType().getExtents()) {
    if (auto size = dyn_cast<IntegerAttr>(extent))
      field.extents.push_back({{}, size.getInt()});
    else
      field.extents.push_back(
          {cast<FlatSymbolRefAttr>(extent).getValue().str(), 0});
  }
  field.complex = op.getType().getKind() == dsf::Kind::Complex;
  field.storage = toElementType(op.getStorage());
  field.storageDeclared = bool(op.getStorageAttr());
  field.range = makeRange(op.getRange());
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](dsf::InOp) { field.role = Field::Role::Input; })
      .Case([&](dsf::ParamOp param) {
        field.role = Field::Role::Param;
        field.hasDefault = !param.getInit().empty();
      })
      .Case([&](dsf::StateOp state) {
        field.role = Field::Role::State;
        field.hidden = state.getHidden();
        field.isFinal = !field.hidden && recurrence.isFinal(field.name);
      })
      .Case([&](dsf::OutOp) { field.role = Field::Role::Output; });
  return field;
}

/// Whether no caller knows of this state.
static bool isLocal(Operation *op) {
  auto state = dyn_cast<dsf::StateOp>(op);
  return state && state.getLocal();
}

Signature lrc::signatureOf(dsf::RecurrenceOp recurrence) {
  Signature signature;
  signature.name = recurrence.getSymName().str();
  signature.reverse = recurrence.getReverse();
  for (Operation &op : recurrence.getBody().getOps()) {
    if (isLocal(&op))
      continue;
    if (auto dim = dyn_cast<dsf::DimOp>(op))
      signature.dims.push_back(makeDim(dim));
    else if (isa<dsf::InOp, dsf::ParamOp, dsf::StateOp, dsf::OutOp>(op))
      signature.fields.push_back(makeField(recurrence, dsf::FieldOp(&op)));
  }
  return signature;
}
