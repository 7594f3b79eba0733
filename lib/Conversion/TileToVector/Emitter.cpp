//===- Emitter.cpp - Compute a tile at one position -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Emitter.h"

#include "lib/Conversion/TileToVector/LaneOrder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SaveAndRestore.h"

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
  return openLoopTo(start, constant(start + count), step, carried);
}

scf::ForOp Emitter::openLoopTo(int64_t start, Value end, int64_t step,
                               ValueRange carried) {
  innermost();
  auto loop = scf::ForOp::create(builder, loc, constant(start), end,
                                 constant(step), carried);
  // Without carried values the builder has made the terminator.
  loop.getBody()->clear();
  levels.back().inner = loop;
  levels.push_back({loop.getBody(), nullptr});
  valueLevels[loop.getInductionVar()] = levels.size() - 1;
  return loop;
}

void Emitter::openGuard(Value condition) {
  innermost();
  auto branch = scf::IfOp::create(builder, loc, condition);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  levels.back().inner = branch;
  levels.push_back({inside, nullptr});
  guards.push_back(levels.size() - 1);
}

void Emitter::closeLoop(ValueRange results) {
  innermost();
  scf::YieldOp::create(builder, loc, results);
  unsigned closed = levels.size() - 1;
  if (!guards.empty() && guards.back() == closed)
    guards.pop_back();
  levels.pop_back();
  levels.back().inner = nullptr;
  for (auto it = memo.begin(); it != memo.end();)
    it = it->second.second >= closed ? memo.erase(it) : std::next(it);
}

unsigned Emitter::levelOf(ArrayRef<Subscript> at) const {
  unsigned level = floor;
  if (!guards.empty())
    level = std::max(level, guards.back());
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
                           std::optional<uint64_t> part, bool rows,
                           bool backwards) {
  auto type = cast<tile::RefType>(ref.getType());
  const Frame::Reference &reference = frame.references.find(ref)->second;
  auto complex = dyn_cast<ComplexType>(type.getElementType());
  Storage storage;
  storage.element = complex ? complex.getElementType() : type.getElementType();
  storage.pointer = reference.base;
  storage.streams = reference.streams;
  storage.alignment = reference.alignment;
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
    if (size % shapeOf(tile)[*lanes + rows] != 0) {
      storage.edgeAxis = *lanes + rows;
      storage.edge = builder.createOrFold<arith::SubIOp>(loc, constant(size),
                                                         frame.laneOffset);
    }
  }
  if (rows) {
    storage.strides.insert(storage.strides.begin(), 0);
    storage.rowStride = memory.multiply(reference.timeStride, complex ? 2 : 1);
    if (backwards)
      storage.rowStride = builder.createOrFold<arith::SubIOp>(
          loc, constant(0), storage.rowStride);
  }
  return storage;
}

Value Emitter::emitLoad(tile::LoadOp op, ArrayRef<Subscript> at) {
  return memory.load(storageOf(op, op.getResult()), at);
}

Value Emitter::load(const Storage &storage, ArrayRef<Subscript> at) {
  innermost();
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
  bool inScan = isa<tile::ScanOp>(tile.getParentBlock()->getParentOp());
  llvm::SaveAndRestore restore(floor, inScan ? scanLevel : 0);
  unsigned level = levelOf(at);
  Value value;
  auto kept = frame.storage.find(tile);
  if (kept != frame.storage.end()) {
    insertAt(level);
    value = widen(memory.load(kept->second, at), elementOf(tile));
  } else if (auto argument = dyn_cast<BlockArgument>(tile)) {
    value = emitScanArgument(argument, at);
  } else {
    value = emitOp(tile.getDefiningOp(), at);
  }
  memo[key] = {value, level};
  return value;
}

/// A tile may be kept in fewer bits than it is computed with.
Value Emitter::widen(Value value, Type element) {
  auto vector = dyn_cast<VectorType>(value.getType());
  Type kept = vector ? vector.getElementType() : value.getType();
  if (kept == element)
    return value;
  return arith::ExtFOp::create(
      builder, loc, vector ? Type(vector.clone(element)) : element, value);
}

Value Emitter::emitOp(Operation *op, ArrayRef<Subscript> at) {
  unsigned level = levelOf(at);
  insertAt(level);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case([&](tile::LoadOp load) { return emitLoad(load, at); })
      .Case([&](tile::AccessOp access) { return emitAccess(access, at); })
      .Case([&](tile::ShiftOp shift) { return emitShift(shift, at); })
      .Case([&](tile::PreviousOp rows) { return emitPrevious(rows, at); })
      .Case([&](tile::WindowOp window) { return emitWindow(window, at); })
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
  SmallVector<Subscript> source{clampToZero(evaluate(m - 1, at))};
  llvm::append_range(source, at.drop_front());
  Value past = emit(op.getPast(), source);
  return choose(arith::CmpIPredicate::eq, at[0], row, past, at);
}

Subscript Emitter::clampToZero(const Subscript &subscript) {
  insertAt(levelOf(subscript));
  Subscript clamped;
  bool isVector = subscript.isVector();
  Value raw = isVector ? memory.lanesOf(subscript) : subscript.base;
  Value zero = isVector ? splat(constant(0)) : constant(0);
  Value bounded = arith::MaxSIOp::create(builder, loc, raw, zero);
  (isVector ? clamped.lanes : clamped.base) = bounded;
  valueLevels[bounded] = levelOf(subscript);
  return clamped;
}

Value Emitter::choose(arith::CmpIPredicate test, const Subscript &index,
                      Value number, Value other, ArrayRef<Subscript> at) {
  insertAt(levelOf(at));
  bool isVector = index.isVector();
  Value zero = isVector ? splat(constant(0)) : constant(0);
  Value holds = arith::CmpIOp::create(
      builder, loc, test, isVector ? memory.lanesOf(index) : index.base, zero);
  if (isVector || isa<VectorType>(number.getType()) ||
      isa<VectorType>(other.getType())) {
    number = splat(number);
    other = splat(other);
  }
  return arith::SelectOp::create(builder, loc, holds, number, other);
}

/// Row 0 is the first row, row c is row c - 1.
Value Emitter::emitPrevious(tile::PreviousOp op, ArrayRef<Subscript> at) {
  Value first = emit(op.getInit(), at.drop_front());
  AffineExpr c = getAffineDimExpr(0, op.getContext());
  SmallVector<Subscript> source{clampToZero(evaluate(c - 1, at))};
  llvm::append_range(source, at.drop_front());
  Value rest = emit(op.getRows(), source);
  return choose(arith::CmpIPredicate::eq, at[0], first, rest, at);
}

/// Position m after row c: row c - m, or what was there before the chunk.
Value Emitter::emitWindow(tile::WindowOp op, ArrayRef<Subscript> at) {
  AffineExpr c = getAffineDimExpr(0, op.getContext());
  AffineExpr m = getAffineDimExpr(1, op.getContext());
  Subscript age = evaluate(c - m, at);
  SmallVector<Subscript> source{clampToZero(age)};
  llvm::append_range(source, at.drop_front(2));
  Value now = emit(op.getRows(), source);
  source[0] = clampToZero(evaluate(m - c - 1, at));
  Value before = emit(op.getPast(), source);
  return choose(arith::CmpIPredicate::sge, age, now, before, at);
}

/// A row that a scan is at. Its states are defined beforehand.
Value Emitter::emitScanArgument(BlockArgument argument,
                                ArrayRef<Subscript> at) {
  auto scan = cast<tile::ScanOp>(argument.getOwner()->getParentOp());
  unsigned row = argument.getArgNumber() - scan.getInits().size();
  assert(row < scan.getRows().size() && "a state without a value");
  SmallVector<Subscript> source{scanRow};
  llvm::append_range(source, at);
  return emit(scan.getRows()[row], source);
}

//===----------------------------------------------------------------------===//
// Subscripts
//===----------------------------------------------------------------------===//

/// A vector whose lanes repeat or reorder neighbours, such as those of pairs:
/// the neighbours as one vector, shuffled. Null where it is something else.
Value Emitter::emitReordered(tile::AccessOp op, ArrayRef<Subscript> at) {
  AffineMap map = op.getMap();
  int64_t width = getWidth();
  auto lanes = llvm::find_if(
      at, [](const Subscript &subscript) { return subscript.isVector(); });
  if (width == 1 || getMask() || lanes == at.end() || !lanes->vector ||
      llvm::count_if(at, [](const Subscript &s) { return s.isVector(); }) != 1)
    return {};
  unsigned dim = lanes - at.begin();
  SmallVector<Subscript> source;
  std::optional<LaneOrder> order;
  for (AffineExpr expr : map.getResults()) {
    if (!expr.isFunctionOfDim(dim)) {
      source.push_back(evaluate(expr, at));
      continue;
    }
    // What is read as it lies needs no shuffle.
    if (order || isa<AffineDimExpr>(expr))
      return {};
    for (unsigned other = 0; other < map.getNumDims(); ++other)
      if (other != dim && expr.isFunctionOfDim(other))
        return {};
    order = orderOf(expr, dim, map.getNumDims(), width);
    if (!order)
      return {};
    int64_t count = order->count();
    // Whole vectors at multiples of their width, side by side.
    bool isWhole = count > 1 && llvm::isPowerOf2_64(count) && count <= width &&
                   order->stride == count && order->first % count == 0;
    if (!isWhole)
      return {};
    unsigned level = levelOf(*lanes);
    insertAt(level);
    Subscript first;
    first.base = lanes->base;
    if (int64_t ratio = width / count; ratio > 1)
      first.base = builder.createOrFold<arith::DivUIOp>(loc, first.base,
                                                        constant(ratio));
    first.base = memory.add(first.base, constant(order->first));
    valueLevels[first.base] = level;
    first.vector = true;
    source.push_back(first);
  }
  if (!order)
    return {};
  setVector(order->count(), {});
  Value whole = emit(op.getSource(), source);
  setVector(width, {});
  insertAt(levelOf(at));
  return isa<VectorType>(whole.getType())
             ? vector::ShuffleOp::create(builder, loc, whole, whole,
                                         order->elements)
             : whole;
}

Value Emitter::emitAccess(tile::AccessOp op, ArrayRef<Subscript> at) {
  if (Value reordered = emitReordered(op, at))
    return reordered;
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

Subscript Emitter::number(int64_t value) {
  insertAt(0);
  Subscript result;
  result.base = constant(value);
  return result;
}

void Emitter::forgetScanRow() {
  for (auto it = memo.begin(); it != memo.end();) {
    Value tile = Value::getFromOpaquePointer(it->first.first);
    bool inScan = isa<tile::ScanOp>(tile.getParentBlock()->getParentOp());
    it = inScan ? memo.erase(it) : std::next(it);
  }
}

Subscript Emitter::offset(const Subscript &subscript, int64_t by) {
  if (by == 0)
    return subscript;
  Subscript result = subscript;
  unsigned level = levelOf(subscript);
  insertAt(level);
  result.base = memory.add(subscript.base, constant(by));
  valueLevels[result.base] = level;
  return result;
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
