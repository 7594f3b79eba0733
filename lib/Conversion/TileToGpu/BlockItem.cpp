//===- BlockItem.cpp - A work item as a block of threads ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockItem.h"

#include "lrc-c/kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace lrc;

constexpr unsigned globalSpace = 1;
constexpr unsigned sharedSpace = 3;
/// What one access can be aligned to at best.
constexpr int64_t accessBytes = 16;

static Value castSpace(OpBuilder &builder, Location loc, Value pointer,
                       unsigned space) {
  auto type = LLVM::LLVMPointerType::get(builder.getContext(), space);
  return LLVM::AddrSpaceCastOp::create(builder, loc, type, pointer);
}

/// What is reached through `pointer` is in global memory.
Value BlockItem::toMemory(Value pointer) {
  return castSpace(builder, loc, castSpace(builder, loc, pointer, globalSpace),
                   0);
}

static int64_t bytesOf(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * bytesOf(complex.getElementType());
  return element.getIntOrFloatBitWidth() / 8;
}

void BlockItem::setAlignments(Frame &frame) {
  if (!shape.aligned)
    return;
  for (auto &[ref, reference] : frame.references) {
    auto type = cast<tile::RefType>(ref.getType());
    int64_t row = bytesOf(type.getElementType());
    if (!type.getShape().empty())
      row *= type.getShape().back();
    reference.alignment = std::min(accessBytes, row & -row);
  }
}

static LLVM::GlobalOp declareShared(ModuleOp module, Location loc) {
  constexpr StringLiteral name = "lrc_shared";
  if (auto known = module.lookupSymbol<LLVM::GlobalOp>(name))
    return known;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), 0);
  return LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/false,
                                LLVM::Linkage::External, name, Attribute(),
                                BlockMemory::alignment, sharedSpace);
}

LLVM::LLVMFuncOp BlockItem::open(const Plan &plan, Frame &frame) {
  LLVM::GlobalOp area = declareShared(kernel->getParentOfType<ModuleOp>(), loc);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  function = LLVM::LLVMFuncOp::create(
      builder, loc, kernel.getSymName(),
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(builder.getContext()),
                                  {pointer, pointer}));
  int64_t bytes = sizeof(lrc_call) +
                  kernel.getBody().getNumArguments() * sizeof(lrc_tensor);
  auto struct_ = LLVM::LLVMArrayType::get(builder.getI64Type(), bytes / 8);
  function.setArgAttr(0, "llvm.byval", TypeAttr::get(struct_));
  function.setArgAttr(0, "llvm.align", builder.getI64IntegerAttr(8));
  function.setArgAttr(0, "nvvm.grid_constant", builder.getUnitAttr());
  function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  function->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                    builder.getDenseI32ArrayAttr({int32_t(getThreads())}));
  builder.setInsertionPointToEnd(function.addEntryBlock(builder));
  call = function.getArgument(0);
  sharedBase =
      castSpace(builder, loc, LLVM::AddressOfOp::create(builder, loc, area), 0);
  Type i32 = builder.getI32Type();
  Type i64 = builder.getI64Type();
  thread = NVVM::ThreadIdXOp::create(builder, loc, i32);
  teamThread = thread;
  Value block32 = NVVM::BlockIdXOp::create(builder, loc, i32);
  Value index = arith::ExtUIOp::create(builder, loc, i64, block32);
  scratchBase = toMemory(function.getArgument(1));
  // Known when all buffers are.
  auto stride =
      arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
  buffersEnd = stride;
  Value scratchOffset = arith::MulIOp::create(builder, loc, index, stride);
  scratchBase =
      LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(),
                          scratchBase, ArrayRef<LLVM::GEPArg>{scratchOffset});
  heads = i64Field(call, offsetof(lrc_call, heads));
  segments = loadField(call, offsetof(lrc_call, segments), pointer);
  origins = loadField(call, offsetof(lrc_call, origins), pointer);
  tensors = LLVM::GEPOp::create(
      builder, loc, pointer, builder.getI8Type(), call,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(sizeof(lrc_call))});
  enterItem(index, plan, frame);
  setAlignments(frame);
  return function;
}

Value BlockItem::allocate(int64_t bytes, const Lifetime &lifetime,
                          bool mustBeShared) {
  OpBuilder entry(scratchBase.getContext());
  entry.setInsertionPointAfter(scratchBase.getDefiningOp());
  return memory.allocate(entry, loc, bytes, lifetime, mustBeShared);
}

//===----------------------------------------------------------------------===//
// Teams
//===----------------------------------------------------------------------===//

int64_t BlockItem::getThreads() const {
  switch (team) {
  case Team::All:
    return shape.threads + shape.preparers;
  case Team::Carriers:
    return shape.threads;
  case Team::Preparers:
    return shape.preparers;
  }
  llvm_unreachable("no other team");
}

int64_t BlockItem::getRegisters() const {
  constexpr int64_t ofMultiprocessor = 64 * 1024;
  constexpr int64_t most = 255;
  return std::min(most,
                  ofMultiprocessor / (std::max<int64_t>(shape.resident, 1) *
                                      (shape.threads + shape.preparers)));
}

/// Carriers are the first threads of a block.
void BlockItem::enter(Team entered) {
  team = entered;
  teamThread = thread;
  if (team == Team::Preparers)
    teamThread = arith::SubIOp::create(
        builder, loc, thread,
        arith::ConstantOp::create(builder, loc,
                                  builder.getI32IntegerAttr(shape.threads)));
}

Value BlockItem::isPreparer() {
  Value carriers = arith::ConstantOp::create(
      builder, loc, builder.getI32IntegerAttr(shape.threads));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::uge, thread,
                               carriers);
}

void BlockItem::barrier() {
  if (team == Team::All)
    return blockBarrier();
  emitBarrier(int64_t(team), getThreads());
}

void BlockItem::blockBarrier() {
  if (team == Team::All) {
    NVVM::Barrier0Op::create(builder, loc);
    return;
  }
  // Barrier 0 is for all threads at the same instruction.
  constexpr int64_t ofTeams = 3;
  emitBarrier(ofTeams, shape.threads + shape.preparers);
}

void BlockItem::emitBarrier(int64_t number, int64_t threads) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getI32IntegerAttr(value));
  };
  NVVM::BarrierOp::create(builder, loc, TypeRange(), constant(number),
                          constant(threads), NVVM::BarrierReductionAttr(),
                          Value());
}

GpuLayout BlockItem::close() {
  LLVM::ReturnOp::create(builder, loc, ValueRange{});
  bool fits = memory.place(sharedBase, scratchBase, shape.sharedBytes);
  // What is loaded ahead must not displace what is computed with.
  if (shape.prefetching != Prefetching::None && memory.spillsLoops())
    fits = false;
  fits &= hasRegisters;
  constexpr int64_t reservedBytes = 1024;
  if (shape.resident > 1 &&
      shape.resident * (memory.getSharedBytes() + reservedBytes) <=
          shape.sharedBytes + reservedBytes)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      builder.getI32IntegerAttr(shape.resident));
  auto stride = cast<arith::ConstantOp>(buffersEnd);
  stride.setValueAttr(
      OpBuilder(stride).getI64IntegerAttr(memory.getScratchBytes()));
  return {getThreads(), memory.getSharedBytes(), memory.getScratchBytes(), fits,
          hasTeams};
}
