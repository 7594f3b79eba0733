//===- DsfVerify.cpp - Constraints of dsf ops -----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each check carries the number of its constraint in dialects/Dsf/README.md;
// test/Dialect/Dsf/invalid.mlir has a negative test of that name.
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/DsfVerify.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// FieldOp
//===----------------------------------------------------------------------===//

bool FieldOp::classof(Operation *op) {
  return isa<InOp, ParamOp, StateOp, OutOp, SignalOp>(op);
}

StringRef FieldOp::getName() { return SymbolTable::getSymbolName(*this); }

PositionalType FieldOp::getType() {
  auto type = (*this)->getAttrOfType<TypeAttr>("type");
  return cast<PositionalType>(type.getValue());
}

TypeAttr FieldOp::getStorageAttr() {
  return (*this)->getAttrOfType<TypeAttr>("storage");
}

Type FieldOp::getStorage() {
  if (TypeAttr storage = getStorageAttr())
    return storage.getValue();
  Type f32 = Float32Type::get(getContext());
  return getType().getKind() == Kind::Complex ? ComplexType::get(f32) : f32;
}

Attribute FieldOp::getRange() { return (*this)->getAttr("range"); }

bool lrc::dsf::isStorageFor(Kind kind, Type storage) {
  if (auto complex = dyn_cast<ComplexType>(storage))
    return kind == Kind::Complex &&
           isa<Float32Type, Float64Type>(complex.getElementType());
  return kind == Kind::Real &&
         isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(storage);
}

template <typename TypeT> static LogicalResult verifyField(Operation *op) {
  Type type = op->getAttrOfType<TypeAttr>("type").getValue();
  // field_c1
  if (!isa<TypeT>(type))
    return op->emitOpError("expected a type of !dsf.")
           << TypeT::getMnemonic() << ", got " << type;
  Kind kind = cast<PositionalType>(type).getKind();
  // field_c2
  if (kind == Kind::Bool && !isa<SignalOp>(op))
    return op->emitOpError("expected real or complex numbers, got bool");
  // field_c3
  if (auto storage = op->getAttrOfType<TypeAttr>("storage"))
    if (!isStorageFor(kind, storage.getValue()))
      return op->emitOpError("expected a storage type for ")
             << stringifyKind(kind) << " numbers, got " << storage.getValue();
  // field_c4
  if (op->getAttr("range") && kind != Kind::Real)
    return op->emitOpError("expected a range on real numbers only");
  return success();
}

LogicalResult InOp::verify() { return verifyField<ArrayType>(*this); }
LogicalResult OutOp::verify() { return verifyField<ArrayType>(*this); }
LogicalResult SignalOp::verify() { return verifyField<ArrayType>(*this); }
LogicalResult ParamOp::verify() { return verifyField<ParamType>(*this); }

LogicalResult StateOp::verify() {
  // state_c1
  if (getHidden() && getLocal())
    return emitOpError("expected hidden or local, got both");
  // state_c2
  if (getLocal() && (getStorage() || getRange() || !getFinal().empty()))
    return emitOpError("expected no storage, range or final region of what no "
                       "caller sees");
  return verifyField<StateType>(*this);
}

LogicalResult DimOp::verify() {
  // dim_c1
  if (getDefaultSize() && int64_t(*getDefaultSize()) < 1)
    return emitOpError("expected a default size of at least 1");
  if (!getDerived())
    return success();
  // dim_c2
  if (getDefaultSize())
    return emitOpError("expected a default or a derivation, got both");
  AffineMap map = *getDerived();
  // dim_c3
  if (map.getNumDims() != 0 || map.getNumResults() != 1 ||
      map.getNumSymbols() != (getOf() ? getOf()->size() : 0))
    return emitOpError("expected a map with one result and a symbol for each "
                       "dim it is made of");
  return success();
}

//===----------------------------------------------------------------------===//
// default, init and final regions
//===----------------------------------------------------------------------===//

LogicalResult lrc::dsf::verifyLabels(Operation *op, ValueType value,
                                     ArrayAttr labels, PositionalType type) {
  if (!labels || labels.size() != type.getExtents().size())
    return op->emitOpError("expected ")
           << type.getExtents().size() << " labels for " << type;
  llvm::SmallDenseSet<StringAttr> seen;
  for (auto [label, extent] :
       llvm::zip_equal(labels.getAsRange<StringAttr>(), type.getExtents())) {
    if (!seen.insert(label).second)
      return op->emitOpError("expected distinct labels, got ")
             << label << " twice";
    int64_t position = value.getPosition(label);
    if (position >= 0 && value.getExtents()[position] != extent)
      return op->emitOpError("label ")
             << label << " has extent "
             << formatExtent(value.getExtents()[position])
             << ", but the axis has extent " << formatExtent(extent);
  }
  for (StringAttr label : value.getLabels())
    if (!seen.contains(label))
      return op->emitOpError("value has a label ")
             << label << " that the array lacks";
  if (value.getKind() != type.getKind() &&
      !(value.getKind() == Kind::Real && type.getKind() == Kind::Complex))
    return op->emitOpError("expected ")
           << stringifyKind(type.getKind()) << " values, got "
           << stringifyKind(value.getKind());
  return success();
}

/// Whether a default, init or final region of `field` may read `target`.
static bool isReadable(Operation *field, Operation *target, bool isFinal) {
  if (isFinal)
    return isa_and_present<ParamOp, StateOp>(target);
  bool isKnown = isa_and_present<ParamOp>(target) ||
                 (isa_and_present<StateOp>(target) && isa<StateOp>(field));
  return isKnown && target != field && target->isBeforeInBlock(field);
}

/// A region that computes parameter `field`, or the start or the result of
/// state `field`.
static LogicalResult verifyInit(Operation *field, Region &region,
                                bool isFinal = false) {
  if (region.empty())
    return success();
  // init_c1
  auto yield = region.front().empty()
                   ? YieldOp()
                   : dyn_cast<YieldOp>(region.front().back());
  if (!yield || yield.getValues().size() != 1 ||
      !isa<ValueType>(yield.getValues().front().getType()))
    return field->emitOpError(
        "expected its region to end in dsf.yield of one value");
  for (Operation &op : region.front()) {
    // init_c2
    if (isa<TimeOp, SetOp, ForOp, ShiftOp>(op))
      return op.emitOpError("does not belong in a default, init or final "
                            "region");
    auto get = dyn_cast<GetOp>(op);
    if (!get)
      continue;
    // init_c3
    Operation *target =
        SymbolTable::lookupSymbolIn(field->getParentOp(), get.getFieldAttr());
    if (!isReadable(field, target, isFinal))
      return op.emitOpError(isFinal ? "expected a parameter or a state, got "
                                    : "expected a parameter, or the start of a "
                                      "state, that is declared earlier, got ")
             << get.getFieldAttr();
    // get_c4
    if (get.getType() != FieldOp(target).getType())
      return get.emitOpError("expected the declared type ")
             << FieldOp(target).getType() << ", got " << get.getType();
  }
  // init_c4
  return verifyLabels(yield,
                      cast<ValueType>(yield.getValues().front().getType()),
                      yield.getLabelsAttr(), FieldOp(field).getType());
}

LogicalResult ParamOp::verifyRegions() { return verifyInit(*this, getInit()); }

LogicalResult StateOp::verifyRegions() {
  if (failed(verifyInit(*this, getInit())))
    return failure();
  return verifyInit(*this, getFinal(), /*isFinal=*/true);
}

//===----------------------------------------------------------------------===//
// Ops inside a phase
//===----------------------------------------------------------------------===//

/// Whether a label of extent `label` may be the whole subscript of an axis. It
/// has the axis' extent as it is written; x[i + r] at r = 0 may have less.
static bool coversAxis(Attribute label, Attribute axis) {
  auto labelSize = dyn_cast<IntegerAttr>(label);
  auto axisSize = dyn_cast<IntegerAttr>(axis);
  if (labelSize && axisSize)
    return labelSize.getInt() <= axisSize.getInt();
  return label == axis;
}

LogicalResult ReadOp::verify() {
  auto source = cast<PositionalType>(getSource().getType());
  ValueType type = getType();
  AffineMap map = getMap();
  // read_c1
  if (map.getNumResults() != source.getExtents().size())
    return emitOpError("expected ")
           << source.getExtents().size() << " subscripts, got "
           << map.getNumResults();
  // read_c2
  if (map.getNumDims() != type.getLabels().size() ||
      map.getNumSymbols() != getSymbols().size())
    return emitOpError("expected a map of ")
           << type.getLabels().size() << " labels and " << getSymbols().size()
           << " symbols";
  // read_c3
  if (source.getKind() != type.getKind())
    return emitOpError("expected ")
           << stringifyKind(source.getKind()) << " values, got "
           << stringifyKind(type.getKind());
  for (auto [expr, extent] :
       llvm::zip_equal(map.getResults(), source.getExtents())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    // read_c4
    if (dim && !coversAxis(type.getExtents()[dim.getPosition()], extent))
      return emitOpError("label ")
             << type.getLabels()[dim.getPosition()] << " has extent "
             << formatExtent(type.getExtents()[dim.getPosition()])
             << ", but the axis has extent " << formatExtent(extent);
  }
  return success();
}

LogicalResult SetOp::verify() {
  // set_c3
  if (!isPhase((*this)->getParentOp()))
    return emitOpError("expected directly in a phase");
  return success();
}

LogicalResult EvolveOp::verify() {
  // evolve_c9
  llvm::SmallDenseSet<Attribute> seen;
  for (Attribute label : getLabels())
    if (!seen.insert(label).second)
      return emitOpError("expected distinct labels, got ") << label << " twice";
  // evolve_c3
  for (Attribute key : getKeys())
    if (!llvm::is_contained(getLabels(), key))
      return emitOpError("expected keys among the labels, got ") << key;
  auto isKey = [&](StringAttr label) {
    return llvm::is_contained(getKeys(), Attribute(label));
  };
  auto verifyPart = [&](Value part, bool ofKeys) -> LogicalResult {
    for (StringAttr label : cast<ValueType>(part.getType()).getLabels())
      // evolve_c4
      if (!llvm::is_contained(getLabels(), Attribute(label)) ||
          isKey(label) != ofKeys)
        return emitOpError("expected ")
               << (ofKeys ? "decay and factors" : "value_decay and writes")
               << " to have " << (ofKeys ? "keys" : "other labels")
               << " only, got " << label;
    return success();
  };
  // evolve_c5
  if (getFactors().size() != getWrites().size())
    return emitOpError("expected a write for each factor");
  // evolve_c6
  if (getCouplings().size() != (getCoupled() ? getCoupled()->size() : 0))
    return emitOpError("expected a coupling for each coupled state");
  for (Value coupling : getCouplings())
    if (!cast<ValueType>(coupling.getType()).getLabels().empty())
      return emitOpError("expected couplings without labels, got ")
             << coupling.getType();
  for (Value factor : getFactors())
    if (failed(verifyPart(factor, true)))
      return failure();
  for (Value write : getWrites())
    if (failed(verifyPart(write, false)))
      return failure();
  if (getDecay() && failed(verifyPart(getDecay(), true)))
    return failure();
  if (getValueDecay() && failed(verifyPart(getValueDecay(), false)))
    return failure();
  return success();
}

LogicalResult YieldOp::verify() {
  // yield_c1
  if (!isa_and_present<ParamOp, StateOp, ForOp>((*this)->getParentOp()) ||
      getOperation() != &(*this)->getBlock()->back())
    return emitOpError("expected at the end of a default, init, final or "
                       "dsf.for region");
  return success();
}

LogicalResult PackOp::verify() {
  // pack_c1
  return verifyLabels(*this, getValue().getType(), getLabels(),
                      cast<PositionalType>(Type(getType())));
}

LogicalResult ShiftOp::verify() {
  auto past = cast<PositionalType>(getPast().getType());
  auto value = cast<PositionalType>(getValue().getType());
  // shift_c1
  if (past.getExtents().empty() ||
      past.getExtents().drop_front() != value.getExtents() ||
      past.getKind() != value.getKind())
    return emitOpError("expected a history of rows of type ") << value;
  // shift_c2
  if (getType().getExtents() != past.getExtents() ||
      getType().getKind() != past.getKind())
    return emitOpError("expected the extents and kind of the history");
  return success();
}

LogicalResult InverseOp::verify() {
  auto matrix = cast<PositionalType>(getMatrix().getType());
  ArrayRef<Attribute> extents = matrix.getExtents();
  // inverse_c1
  if (extents.size() < 2 || extents.back() != extents[extents.size() - 2])
    return emitOpError("expected a square matrix in the last two axes, got ")
           << matrix;
  // inverse_c2
  if (matrix.getKind() != Kind::Real)
    return emitOpError("expected a matrix of real numbers, got ") << matrix;
  // inverse_c3
  if (getType().getExtents() != extents || getType().getKind() != Kind::Real)
    return emitOpError("expected the extents and kind of the matrix");
  return success();
}

LogicalResult IndexOp::verify() {
  // index_c1
  if (getType().getLabels().size() != 1 || getType().getKind() != Kind::Real)
    return emitOpError("expected a real value with one label");
  return success();
}

LogicalResult ForOp::verify() {
  // for_c1
  if (getInits().size() != getNumResults())
    return emitOpError("expected a result for each carried array");
  for (auto [init, result] : llvm::zip_equal(getInits(), getResults())) {
    auto from = cast<PositionalType>(init.getType());
    auto to = cast<PositionalType>(result.getType());
    if (from.getExtents() != to.getExtents() || from.getKind() != to.getKind())
      return emitOpError("carries ") << from << " as " << to;
  }
  // for_c2
  if (auto count = dyn_cast<IntegerAttr>(getCount()))
    if (count.getInt() < 1)
      return emitOpError("expected a count of at least 1");
  return success();
}

LogicalResult ForOp::verifyRegions() {
  Block &block = getBody().front();
  SmallVector<Type> types{IndexType::get(getContext())};
  llvm::append_range(types, getResultTypes());
  // for_c3
  if (block.getArgumentTypes() != ArrayRef<Type>(types))
    return emitOpError("expected block arguments for the index and each "
                       "carried array");
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  // for_c4
  if (!yield || yield.getValues().getTypes() != getResultTypes())
    return emitOpError("expected its body to end in dsf.yield of the carried "
                       "arrays");
  return success();
}
