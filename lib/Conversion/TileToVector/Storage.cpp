//===- Storage.cpp - Where tiles lie in memory ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace lrc;

/// 16-bit floats move as integers: every target can load, mask and gather
/// those.
static Type memoryType(Type element) {
  if (element.getIntOrFloatBitWidth() == 16)
    return IntegerType::get(element.getContext(), 16);
  return element;
}

static unsigned alignmentOf(Type element) {
  return element.getIntOrFloatBitWidth() / 8;
}

/// Of consecutive lanes.
static unsigned vectorAlignment(const Storage &storage, int64_t width) {
  int64_t element = alignmentOf(storage.element);
  int64_t whole = int64_t(llvm::bit_floor(uint64_t(width))) * element;
  return std::clamp<int64_t>(storage.alignment, element, whole);
}

Value MemoryEmitter::constant(int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI64IntegerAttr(value));
}

Value MemoryEmitter::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}

Value MemoryEmitter::multiply(Value a, int64_t factor) {
  if (factor == 1)
    return a;
  auto type = dyn_cast<VectorType>(a.getType());
  Value by = constant(factor);
  if (type)
    by = vector::BroadcastOp::create(builder, loc, type, by);
  return builder.createOrFold<arith::MulIOp>(loc, a, by);
}

Value MemoryEmitter::splat(Value scalar) {
  return vector::BroadcastOp::create(
      builder, loc, VectorType::get(width, scalar.getType()), scalar);
}

Value MemoryEmitter::iota() {
  SmallVector<int64_t> values(width);
  for (int64_t lane = 0; lane < width; ++lane)
    values[lane] = lane;
  auto type = VectorType::get(width, builder.getI64Type());
  return arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, ArrayRef<int64_t>(values)));
}

Value MemoryEmitter::lanesOf(const Subscript &subscript) {
  if (subscript.lanes)
    return subscript.lanes;
  Value base = splat(subscript.base);
  return subscript.vector ? add(base, iota()) : base;
}

MemoryEmitter::Address MemoryEmitter::addressOf(const Storage &storage,
                                                ArrayRef<Subscript> at) {
  Address address;
  Value scalar = constant(storage.offset);
  bool consecutive = false;
  auto times = [&](Value a, Value b) {
    return builder.createOrFold<arith::MulIOp>(loc, a, b);
  };
  auto addLanes = [&](Value offsets) {
    address.offsets = address.offsets ? add(address.offsets, offsets) : offsets;
  };
  unsigned vectorAxes = llvm::count_if(
      at, [](const Subscript &subscript) { return subscript.isVector(); });
  for (auto [axis, subscript] : llvm::enumerate(at)) {
    int64_t stride = storage.strides[axis];
    if (axis == 0 && storage.rowStride) {
      if (subscript.isVector()) {
        addLanes(times(lanesOf(subscript), splat(storage.rowStride)));
        continue;
      }
      scalar = add(scalar, times(subscript.base, storage.rowStride));
      continue;
    }
    if (subscript.lanes) {
      addLanes(multiply(subscript.lanes, stride));
      continue;
    }
    scalar = add(scalar, multiply(subscript.base, stride));
    if (subscript.vector) {
      if (stride == 1 && vectorAxes == 1)
        consecutive = true;
      else
        addLanes(multiply(iota(), stride));
    }
  }
  address.vector = consecutive || address.offsets;
  address.pointer = LLVM::GEPOp::create(
      builder, loc, storage.pointer.getType(), memoryType(storage.element),
      storage.pointer, ArrayRef<LLVM::GEPArg>{scalar});
  return address;
}

/// Lanes that exist in the loop and in the tensor.
Value MemoryEmitter::maskOf(const Storage &storage, ArrayRef<Subscript> at) {
  if (storage.edgeAxis < 0 || !at[storage.edgeAxis].isVector())
    return mask;
  Value inside =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt,
                            lanesOf(at[storage.edgeAxis]), splat(storage.edge));
  return mask ? arith::AndIOp::create(builder, loc, inside, mask) : inside;
}

/// The address of each lane.
Value MemoryEmitter::pointersOf(const Address &address, Type memory) {
  auto type = VectorType::get(width, address.pointer.getType());
  return LLVM::GEPOp::create(builder, loc, type, memory, address.pointer,
                             ArrayRef<LLVM::GEPArg>{address.offsets});
}

static Value allLanes(OpBuilder &builder, Location loc, int64_t width) {
  auto type = VectorType::get(width, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc,
                                   DenseElementsAttr::get(type, true));
}

static Value zeros(OpBuilder &builder, Location loc, VectorType type) {
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

Value MemoryEmitter::load(const Storage &storage, ArrayRef<Subscript> at) {
  Address address = addressOf(storage, at);
  Type memory = memoryType(storage.element);
  unsigned alignment = alignmentOf(storage.element);
  if (!address.vector) {
    Value value =
        LLVM::LoadOp::create(builder, loc, memory, address.pointer, alignment);
    return memory == storage.element
               ? value
               : arith::BitcastOp::create(builder, loc, storage.element, value);
  }
  auto type = VectorType::get(width, memory);
  Value lanes = maskOf(storage, at);
  Value value;
  if (address.offsets)
    value = LLVM::masked_gather::create(
        builder, loc, type, pointersOf(address, memory),
        lanes ? lanes : allLanes(builder, loc, width),
        ValueRange{zeros(builder, loc, type)}, alignment);
  else if (lanes)
    value =
        LLVM::MaskedLoadOp::create(builder, loc, type, address.pointer, lanes,
                                   zeros(builder, loc, type), alignment);
  else
    value = LLVM::LoadOp::create(builder, loc, type, address.pointer,
                                 vectorAlignment(storage, width));
  if (memory == storage.element)
    return value;
  return arith::BitcastOp::create(
      builder, loc, VectorType::get(width, storage.element), value);
}

/// A store that bypasses the caches must write whole lines, at their start.
void MemoryEmitter::storeWhole(Value value, Value pointer,
                               const Storage &storage) {
  unsigned alignment = alignmentOf(storage.element);
  auto type = dyn_cast<VectorType>(value.getType());
  bool lines = type && type.getNumElements() * alignment % cacheLineBytes == 0;
  if (!storage.streams || !lines) {
    LLVM::StoreOp::create(builder, loc, value, pointer,
                          type ? vectorAlignment(storage, type.getNumElements())
                               : alignment);
    return;
  }
  scf::IfOp::create(
      builder, loc, storage.streams,
      [&](OpBuilder &inner, Location) {
        LLVM::StoreOp::create(inner, loc, value, pointer, cacheLineBytes,
                              /*isVolatile=*/false, /*isNonTemporal=*/true);
        scf::YieldOp::create(inner, loc);
      },
      [&](OpBuilder &inner, Location) {
        LLVM::StoreOp::create(inner, loc, value, pointer, alignment);
        scf::YieldOp::create(inner, loc);
      });
}

void MemoryEmitter::store(Value value, const Storage &storage,
                          ArrayRef<Subscript> at) {
  Address address = addressOf(storage, at);
  Type memory = memoryType(storage.element);
  unsigned alignment = alignmentOf(storage.element);
  if (address.vector && !isa<VectorType>(value.getType()))
    value = splat(value);
  if (memory != storage.element) {
    Type type = memory;
    if (address.vector)
      type = VectorType::get(width, memory);
    value = arith::BitcastOp::create(builder, loc, type, value);
  }
  Value lanes = address.vector ? maskOf(storage, at) : Value();
  if (address.offsets)
    LLVM::masked_scatter::create(
        builder, loc, value, pointersOf(address, memory),
        lanes ? lanes : allLanes(builder, loc, width), alignment);
  else if (lanes)
    LLVM::MaskedStoreOp::create(builder, loc, value, address.pointer, lanes,
                                alignment);
  else
    storeWhole(value, address.pointer, storage);
}
