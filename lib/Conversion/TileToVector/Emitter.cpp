//===- Emitter.cpp - Compute a tile at one position -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Loops and levels
//===----------------------------------------------------------------------===//

void Emitter::insertAt(unsigned level) {
  if (levels[level].inner)
    builder.setInsertionPoint(levels[level].inner);
  else
    builder.setInsertionPointToEnd(levels[level].block);
}

OpBuilder &Emitter::innermost() {
  insertAt(levels.size() - 1);
  return builder;
}

OpBuilder &Emitter::outermost() {
  insertAt(0);
  return builder;
}

scf::ForOp Emitter::openLoop(int64_t start, int64_t count, int64_t step,
                             ValueRange carried) {
  innermost();
  auto loop =
      scf::ForOp::create(builder, loc, constant(start), constant(start + count),
                         constant(step), carried);
  // Without carried values the builder has made the terminator.
  loop.getBody()->clear();
  levels.back().inner = loop;
  levels.push_back({loop.getBody(), nullptr});
  valueLevels[loop.getInductionVar()] = levels.size() - 1;
  return loop;
}

void Emitter::closeLoop(ValueRange results) {
  innermost();
  scf::YieldOp::create(builder, loc, results);
  unsigned closed = levels.size() - 1;
  levels.pop_back();
  levels.back().inner = nullptr;
  for (auto it = memo.begin(); it != memo.end();)
    it = it->second.second >= closed ? memo.erase(it) : std::next(it);
}

unsigned Emitter::levelOf(ArrayRef<Subscript> at) const {
  unsigned level = 0;
  for (const Subscript &subscript : at) {
    level = std::max(level, valueLevels.lookup(subscript.base));
    if (subscript.lanes)
      level = std::max(level, valueLevels.lookup(subscript.lanes));
  }
  return level;
}

void Emitter::define(Value tile, ArrayRef<Subscript> at, Value value) {
  memo[{tile.getAsOpaquePointer(), llvm::to_vector<4>(at)}] = {
      value, levels.size() - 1};
}

Value Emitter::constant(int64_t value) { return memory.constant(value); }

Value Emitter::splat(Value value) {
  return isa<VectorType>(value.getType()) ? value : memory.splat(value);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Storage Emitter::storageOf(Value ref, Value tile, Value time,
                           std::optional<uint64_t> lanes,
                           std::optional<uint64_t> part) {
  auto type = cast<tile::RefType>(ref.getType());
  const Frame::Reference &reference = frame.references.find(ref)->second;
  auto complex = dyn_cast<ComplexType>(type.getElementType());
  Storage storage;
  storage.element = complex ? complex.getElementType() : type.getElementType();
  storage.pointer = reference.base;
  storage.streams = reference.streams;
  if (time)
    storage.pointer = frame.stepAddresses.at(
        {ref.getAsOpaquePointer(), time.getAsOpaquePointer()});
  int64_t stride = complex ? 2 : 1;
  storage.strides.resize(type.getShape().size());
  for (int64_t axis = storage.strides.size() - 1; axis >= 0; --axis) {
    storage.strides[axis] = stride;
    stride *= type.getShape()[axis];
  }
  auto offsetBy = [&](Value offset) {
    storage.pointer = LLVM::GEPOp::create(
        builder, loc, storage.pointer.getType(), storage.element,
        storage.pointer, ArrayRef<LLVM::GEPArg>{offset});
  };
  if (part && *part)
    offsetBy(constant(1));
  if (lanes) {
    offsetBy(memory.multiply(frame.laneOffset, storage.strides[*lanes]));
    // Blocks that divide the tensor have no edge.
    int64_t size = type.getShape()[*lanes];
    if (size % shapeOf(tile)[*lanes] != 0) {
      storage.edgeAxis = *lanes;
      storage.edge = builder.createOrFold<arith::SubIOp>(loc, constant(size),
                                                         frame.laneOffset);
    }
  }
  return storage;
}

Value Emitter::emitLoad(tile::LoadOp op, ArrayRef<Subscript> at) {
  Storage storage = storageOf(op.getRef(), op.getResult(), op.getTime(),
                              op.getLanes(), op.getPart());
  return memory.load(storage, at);
}

void Emitter::store(Value value, const Storage &storage,
                    ArrayRef<Subscript> at) {
  innermost();
  memory.store(value, storage, at);
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

Value Emitter::emit(Value tile, ArrayRef<Subscript> at) {
  Key key{tile.getAsOpaquePointer(), llvm::to_vector<4>(at)};
  auto known = memo.find(key);
  if (known != memo.end())
    return known->second.first;
  unsigned level = levelOf(at);
  Value value;
  auto kept = frame.storage.find(tile);
  if (kept != frame.storage.end()) {
    insertAt(level);
    value = memory.load(kept->second, at);
  } else {
    assert(tile.getDefiningOp() && "a state without storage");
    value = emitOp(tile.getDefiningOp(), at);
  }
  memo[key] = {value, level};
  return value;
}

Value Emitter::emitOp(Operation *op, ArrayRef<Subscript> at) {
  unsigned level = levelOf(at);
  insertAt(level);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](tile::LoadOp load) { return emitLoad(load, at); })
      .Case([&](tile::AccessOp access) { return emitAccess(access, at); })
      .Case([&](tile::ShiftOp shift) { return emitShift(shift, at); })
      .Case([&](tile::IotaOp iota) { return emitIota(iota, at); })
      .Case([&](tile::RealOp real) {
        return toFloat(frame.indices.find(real.getIndex())->second,
                       elementOf(real.getResult()));
      })
      .Case([&](arith::ConstantOp constant) { return emitConstant(constant); })
      .Default([&](Operation *) { return emitPointwise(op, at); });
}

Value Emitter::emitConstant(arith::ConstantOp op) {
  auto elements = cast<DenseElementsAttr>(op.getValue());
  assert(elements.isSplat() && "tiles of distinct constants are not made");
  return arith::ConstantOp::create(builder, loc,
                                   elements.getSplatValue<TypedAttr>());
}

Value Emitter::toFloat(Value index, Type element) {
  Type type = element;
  if (auto vector = dyn_cast<VectorType>(index.getType()))
    type = VectorType::get(vector.getShape(), element);
  return arith::SIToFPOp::create(builder, loc, type, index);
}

Value Emitter::emitIota(tile::IotaOp op, ArrayRef<Subscript> at) {
  Value index = at[0].isVector() ? memory.lanesOf(at[0]) : at[0].base;
  if (op.getLanes()) {
    Value offset = frame.laneOffset;
    index = memory.add(index, at[0].isVector() ? splat(offset) : offset);
  }
  return toFloat(index, elementOf(op.getResult()));
}

/// The operation on scalars or, when an operand is a vector, on vectors.
Value Emitter::emitPointwise(Operation *op, ArrayRef<Subscript> at) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(emit(operand, at));
  bool anyVector = llvm::any_of(
      operands, [](Value v) { return isa<VectorType>(v.getType()); });
  insertAt(levelOf(at));
  if (anyVector)
    for (Value &operand : operands)
      operand = splat(operand);
  Type type = elementOf(op->getResult(0));
  if (anyVector)
    type = VectorType::get(getWidth(), type);
  OperationState state(loc, op->getName(), operands, type);
  state.addAttributes(op->getAttrs());
  return builder.create(state)->getResult(0);
}

/// Row 0 is the new row, row m is row m - 1 of the past.
Value Emitter::emitShift(tile::ShiftOp op, ArrayRef<Subscript> at) {
  Value row = emit(op.getRow(), at.drop_front());
  AffineExpr m = getAffineDimExpr(0, op.getContext());
  // The clamp of m - 1 to 0 is written as an index that never goes below.
  Subscript previous = evaluate(m - 1, at);
  insertAt(levelOf(at));
  bool isVector = at[0].isVector();
  Value index = isVector ? memory.lanesOf(at[0]) : at[0].base;
  Value zero = isVector ? splat(constant(0)) : constant(0);
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        index, zero);
  Subscript clamped;
  Value raw = isVector ? memory.lanesOf(previous) : previous.base;
  Value bounded = arith::MaxSIOp::create(builder, loc, raw, zero);
  (isVector ? clamped.lanes : clamped.base) = bounded;
  valueLevels[bounded] = levelOf(at);
  SmallVector<Subscript> source{clamped};
  llvm::append_range(source, at.drop_front());
  Value past = emit(op.getPast(), source);
  insertAt(levelOf(at));
  if (isVector || isa<VectorType>(past.getType()) ||
      isa<VectorType>(row.getType())) {
    past = splat(past);
    row = splat(row);
  }
  return arith::SelectOp::create(builder, loc, isFirst, row, past);
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

Value Emitter::emitAccess(tile::AccessOp op, ArrayRef<Subscript> at) {
  SmallVector<Subscript> source;
  for (AffineExpr expr : op.getMap().getResults())
    source.push_back(evaluate(expr, at));
  return emit(op.getSource(), source);
}

Value Emitter::evaluateBinary(AffineBinaryOpExpr expr, Value lhs, Value rhs) {
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return builder.createOrFold<arith::AddIOp>(loc, lhs, rhs);
  case AffineExprKind::Mul:
    return builder.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  case AffineExprKind::FloorDiv:
    return builder.createOrFold<arith::FloorDivSIOp>(loc, lhs, rhs);
  case AffineExprKind::CeilDiv:
    return builder.createOrFold<arith::CeilDivSIOp>(loc, lhs, rhs);
  case AffineExprKind::Mod: {
    // Of a positive divisor, and never negative.
    Value quotient = builder.createOrFold<arith::FloorDivSIOp>(loc, lhs, rhs);
    Value product = builder.createOrFold<arith::MulIOp>(loc, quotient, rhs);
    return builder.createOrFold<arith::SubIOp>(loc, lhs, product);
  }
  default:
    llvm_unreachable("not a binary affine expression");
  }
}

Subscript Emitter::evaluate(AffineExpr expr, ArrayRef<Subscript> at) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return at[dim.getPosition()];
  Subscript result;
  if (auto number = dyn_cast<AffineConstantExpr>(expr)) {
    insertAt(0);
    result.base = constant(number.getValue());
    return result;
  }
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Subscript lhs = evaluate(binary.getLHS(), at);
  Subscript rhs = evaluate(binary.getRHS(), at);
  unsigned level = levelOf({lhs, rhs});
  insertAt(level);
  if (lhs.isVector() || rhs.isVector()) {
    result.lanes =
        evaluateBinary(binary, memory.lanesOf(lhs), memory.lanesOf(rhs));
    valueLevels[result.lanes] = level;
    return result;
  }
  result.base = evaluateBinary(binary, lhs.base, rhs.base);
  valueLevels[result.base] = level;
  return result;
}
