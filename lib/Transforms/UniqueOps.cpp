//===- UniqueOps.cpp - Ops of a step, each made once ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/UniqueOps.h"

#include "mlir/IR/OperationSupport.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// `op` was made last: what equals it stands above.
Value UniqueOps::unique(Operation *op) {
  for (Operation *other : op->getOperand(0).getUsers()) {
    if (other == op || other->getBlock() != op->getBlock() ||
        !OperationEquivalence::isEquivalentTo(
            other, op, OperationEquivalence::IgnoreLocations))
      continue;
    op->erase();
    return other->getResult(0);
  }
  return op->getResult(0);
}

Value UniqueOps::number(double value) {
  Value &known = numbers[llvm::bit_cast<uint64_t>(value)];
  if (!known)
    known = ConstantOp::create(builder, loc, builder.getF64FloatAttr(value));
  return known;
}

Value UniqueOps::get(FieldOp field) {
  Value &known = arrays[field.getName()];
  if (!known)
    known = GetOp::create(builder, loc, field.getType(), field.getName());
  return known;
}

Value UniqueOps::unary(UnaryKind fn, Value x) {
  return unique(UnaryOp::create(builder, loc, fn, x));
}

Value UniqueOps::binary(BinaryKind fn, Value a, Value b) {
  return unique(BinaryOp::create(builder, loc, fn, a, b));
}

Value UniqueOps::select(Value condition, Value a, Value b) {
  return unique(SelectOp::create(builder, loc, condition, a, b));
}

Value UniqueOps::reduce(ReduceKind fn, Value x, ArrayRef<Attribute> labels) {
  return unique(
      ReduceOp::create(builder, loc, fn, x, builder.getArrayAttr(labels)));
}

Value UniqueOps::pack(Value value) {
  auto type = cast<ValueType>(value.getType());
  SmallVector<Attribute> labels(type.getLabels().begin(),
                                type.getLabels().end());
  auto array =
      ArrayType::get(builder.getContext(), type.getExtents(), type.getKind());
  return unique(
      PackOp::create(builder, loc, array, value, builder.getArrayAttr(labels)));
}

Value UniqueOps::read(Value array, ArrayRef<AffineExpr> exprs, ValueType like) {
  SmallVector<StringAttr> labels;
  SmallVector<Attribute> extents;
  SmallVector<AffineExpr> dims;
  for (unsigned dim = 0; dim < like.getLabels().size(); ++dim) {
    bool occurs = llvm::any_of(
        exprs, [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); });
    dims.push_back(occurs ? builder.getAffineDimExpr(labels.size())
                          : builder.getAffineConstantExpr(0));
    if (!occurs)
      continue;
    labels.push_back(like.getLabels()[dim]);
    extents.push_back(like.getExtents()[dim]);
  }
  auto type = ValueType::get(builder.getContext(), labels, extents,
                             cast<PositionalType>(array.getType()).getKind());
  AffineMap map =
      AffineMap::get(like.getLabels().size(), 0, exprs, builder.getContext())
          .replaceDimsAndSymbols(dims, {}, labels.size(), 0);
  // What was packed under these labels needs no array.
  if (auto pack = array.getDefiningOp<PackOp>())
    if (map.isIdentity() && pack.getValue().getType() == type &&
        llvm::equal(pack.getLabels().getAsRange<StringAttr>(), labels))
      return pack.getValue();
  return unique(ReadOp::create(builder, loc, type, array, ValueRange(),
                               AffineMapAttr::get(map)));
}

static bool isOne(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && constant.getValue().convertToDouble() == 1;
}

Value UniqueOps::multiply(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  if (isOne(a) || isOne(b))
    return isOne(a) ? b : a;
  return binary(BinaryKind::Mul, a, b);
}

Value UniqueOps::add(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return binary(BinaryKind::Add, a, b);
}
