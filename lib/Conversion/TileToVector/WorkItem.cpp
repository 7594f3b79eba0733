//===- WorkItem.cpp - The function and its loop over work items -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/WorkItem.h"

#include "lrc-c/kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cstddef>

using namespace mlir;
using namespace lrc;

/// More than this on a thread's stack would not be polite.
constexpr int64_t maxStackBytes = 256 * 1024;
constexpr int64_t bufferAlignment = 64;
/// An output of this size does not stay in the caches until it is read.
constexpr int64_t streamingBytes = 32 * 1024 * 1024;

Value WorkItem::constant(int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI64IntegerAttr(value));
}

Value WorkItem::loadField(Value pointer, int64_t offset, Type type) {
  Value address = LLVM::GEPOp::create(
      builder, loc, pointer.getType(), builder.getI8Type(), pointer,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  return LLVM::LoadOp::create(builder, loc, type, address, /*alignment=*/8);
}

Value WorkItem::i64Field(Value pointer, int64_t offset) {
  return loadField(pointer, offset, builder.getI64Type());
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

LLVM::LLVMFuncOp WorkItem::declare(StringRef name, Type result,
                                   ArrayRef<Type> arguments) {
  auto module = kernel->getParentOfType<ModuleOp>();
  if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(name))
    return known;
  OpBuilder top = OpBuilder::atBlockBegin(module.getBody());
  return LLVM::LLVMFuncOp::create(
      top, loc, name, LLVM::LLVMFunctionType::get(result, arguments));
}

Value WorkItem::allocate(int64_t bytes) {
  // Before the loop over items, so that one buffer serves all of them.
  OpBuilder::InsertionGuard guard(builder);
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  bytes = llvm::alignTo(std::max<int64_t>(bytes, 1), bufferAlignment);
  if (stackBytes + bytes <= maxStackBytes) {
    stackBytes += bytes;
    builder.setInsertionPointToStart(&function.getBody().front());
    return LLVM::AllocaOp::create(builder, loc, pointer, builder.getI8Type(),
                                  constant(bytes), bufferAlignment);
  }
  builder.setInsertionPoint(loop);
  Type i64 = builder.getI64Type();
  LLVM::LLVMFuncOp allocator = declare("aligned_alloc", pointer, {i64, i64});
  Value buffer = LLVM::CallOp::create(
                     builder, loc, allocator,
                     ValueRange{constant(bufferAlignment), constant(bytes)})
                     .getResult();
  heap.push_back(buffer);
  return buffer;
}

void WorkItem::copy(Value to, Value from, int64_t bytes) {
  LLVM::MemcpyOp::create(builder, loc, to, from, constant(bytes),
                         /*isVolatile=*/false);
}

Value WorkItem::isGiven(Value data) {
  Value null = LLVM::ZeroOp::create(builder, loc, data.getType());
  return LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne, data,
                              null);
}

//===----------------------------------------------------------------------===//
// The item
//===----------------------------------------------------------------------===//

/// item = (sequence * heads + head) * blocks + block
void WorkItem::findItem(Value index) {
  int64_t blocks = kernel.getBlocks();
  Value pair = index;
  block = constant(0);
  if (blocks > 1) {
    pair = arith::DivSIOp::create(builder, loc, index, constant(blocks));
    block = arith::RemSIOp::create(builder, loc, index, constant(blocks));
    firstBlock = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       block, constant(0));
  }
  batch = arith::DivSIOp::create(builder, loc, pair, heads);
  head = arith::RemSIOp::create(builder, loc, pair, heads);
}

/// First step and number of steps of the sequence.
void WorkItem::findSequence() {
  Type i64 = builder.getI64Type();
  auto packed = scf::IfOp::create(builder, loc, TypeRange{i64, i64},
                                  isGiven(segments), /*withElse=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&packed.getThenRegion().front());
  Value address = LLVM::GEPOp::create(builder, loc, segments.getType(), i64,
                                      segments, ArrayRef<LLVM::GEPArg>{batch});
  Value first = i64Field(address, 0);
  Value last = i64Field(address, 8);
  Value count = arith::SubIOp::create(builder, loc, last, first);
  scf::YieldOp::create(builder, loc, ValueRange{first, count});
  builder.setInsertionPointToStart(&packed.getElseRegion().front());
  Value zero = constant(0);
  Value all = i64Field(call, offsetof(lrc_call, steps));
  scf::YieldOp::create(builder, loc, ValueRange{zero, all});
  start = packed.getResult(0);
  steps = packed.getResult(1);
}

void WorkItem::findOrigin() {
  Type i64 = builder.getI64Type();
  auto given = scf::IfOp::create(builder, loc, TypeRange{i64}, isGiven(origins),
                                 /*withElse=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&given.getThenRegion().front());
  Value address = LLVM::GEPOp::create(builder, loc, origins.getType(), i64,
                                      origins, ArrayRef<LLVM::GEPArg>{batch});
  scf::YieldOp::create(builder, loc, i64Field(address, 0));
  builder.setInsertionPointToStart(&given.getElseRegion().front());
  scf::YieldOp::create(builder, loc, constant(0));
  origin = given.getResult(0);
}

static Type storageElement(Value ref) {
  Type element = cast<tile::RefType>(ref.getType()).getElementType();
  if (auto complex = dyn_cast<ComplexType>(element))
    return complex.getElementType();
  return element;
}

int64_t WorkItem::elementBytes(Value ref) {
  Type element = cast<tile::RefType>(ref.getType()).getElementType();
  int64_t bytes = storageElement(ref).getIntOrFloatBitWidth() / 8;
  return isa<ComplexType>(element) ? 2 * bytes : bytes;
}

/// The slice of this head: its own where there are as many as heads, which
/// saves a division.
Value WorkItem::findSlice(Value slices) {
  Value isOwn = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                      slices, heads);
  auto branch = scf::IfOp::create(
      builder, loc, isOwn,
      [&](OpBuilder &inner, Location) {
        scf::YieldOp::create(inner, loc, head);
      },
      [&](OpBuilder &inner, Location) {
        Value shared = arith::MulIOp::create(inner, loc, head, slices);
        shared = arith::DivSIOp::create(inner, loc, shared, heads);
        scf::YieldOp::create(inner, loc, shared);
      });
  return branch.getResult(0);
}

Frame::Reference WorkItem::findTensor(unsigned argument) {
  int64_t offset = argument * int64_t(sizeof(lrc_tensor));
  auto field = [&](size_t inTensor) {
    return i64Field(tensors, offset + int64_t(inTensor));
  };
  Frame::Reference reference;
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  reference.data = toMemory(
      loadField(tensors, offset + offsetof(lrc_tensor, data), pointer));
  reference.timeStride = field(offsetof(lrc_tensor, stride_time));
  Value slice = findSlice(field(offsetof(lrc_tensor, slices)));
  Value elements = arith::MulIOp::create(
      builder, loc, slice, field(offsetof(lrc_tensor, stride_head)));
  // A packed sequence starts at a step of batch element 0.
  tile::Role role = kernel.getRole(argument);
  Value sequence = arith::MulIOp::create(
      builder, loc, batch, field(offsetof(lrc_tensor, stride_batch)));
  if (role == tile::Role::Input || role == tile::Role::Output) {
    Value packed =
        arith::MulIOp::create(builder, loc, start, reference.timeStride);
    sequence = arith::SelectOp::create(builder, loc, isGiven(segments), packed,
                                       sequence);
  }
  elements = arith::AddIOp::create(builder, loc, elements, sequence);
  Value ref = kernel.getBody().getArgument(argument);
  Value bytes = arith::MulIOp::create(builder, loc, elements,
                                      constant(elementBytes(ref)));
  reference.base =
      LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(),
                          reference.data, ArrayRef<LLVM::GEPArg>{bytes});
  return reference;
}

/// Outputs that outgrow the caches are written around them, which saves reading
/// the lines that are about to be overwritten. Vectors must then start at cache
/// lines at every step and block.
Value WorkItem::decideStreaming(const Frame::Reference &output, Value ref,
                                Value laneOffset) {
  auto times = [&](Value a, int64_t factor) -> Value {
    return arith::MulIOp::create(builder, loc, a, constant(factor));
  };
  int64_t bytes = elementBytes(ref);
  Value address =
      LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(), output.base);
  Value bits = arith::OrIOp::create(builder, loc, address,
                                    times(output.timeStride, bytes));
  bits = arith::OrIOp::create(builder, loc, bits, times(laneOffset, bytes));
  Value rest =
      arith::AndIOp::create(builder, loc, bits, constant(cacheLineBytes - 1));
  Value aligned = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        rest, constant(0));
  int64_t stepBytes = bytes;
  for (int64_t size : cast<tile::RefType>(ref.getType()).getShape())
    stepBytes *= size;
  Value total = arith::MulIOp::create(
      builder, loc, arith::MulIOp::create(builder, loc, steps, heads),
      i64Field(call, offsetof(lrc_call, batch)));
  Value large =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge,
                            times(total, stepBytes), constant(streamingBytes));
  return arith::AndIOp::create(builder, loc, aligned, large);
}

Value WorkItem::addressAt(const Frame::Reference &reference, Value ref,
                          Value time) {
  Value elements =
      arith::MulIOp::create(builder, loc, time, reference.timeStride);
  Value bytes = arith::MulIOp::create(builder, loc, elements,
                                      constant(elementBytes(ref)));
  return LLVM::GEPOp::create(builder, loc, reference.base.getType(),
                             builder.getI8Type(), reference.base,
                             ArrayRef<LLVM::GEPArg>{bytes});
}

//===----------------------------------------------------------------------===//
// Indices and loops over time
//===----------------------------------------------------------------------===//

/// Arithmetic on indices, in i64.
void WorkItem::lowerIndices(Block *block, Frame &frame) {
  auto at = [&](Value index) { return frame.indices.find(index)->second; };
  for (Operation &op : *block)
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](tile::OriginOp) { frame.indices[op.getResult(0)] = origin; })
        .Case([&](tile::StepsOp) { frame.indices[op.getResult(0)] = steps; })
        .Case([&](tile::HeadOp) { frame.indices[op.getResult(0)] = head; })
        .Case([&](tile::HeadsOp) { frame.indices[op.getResult(0)] = heads; })
        .Case([&](arith::ConstantIndexOp constant) {
          frame.indices[constant.getResult()] = arith::ConstantOp::create(
              builder, loc, builder.getI64IntegerAttr(constant.value()));
        })
        .Case<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::DivSIOp,
              arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::MinSIOp,
              arith::MaxSIOp>([&](auto binary) {
          if (binary.getType().isIndex())
            frame.indices[binary.getResult()] = decltype(binary)::create(
                builder, loc, at(binary.getLhs()), at(binary.getRhs()));
        });
}

void WorkItem::findAddresses(scf::ForOp loop, Frame &frame) {
  auto at = [&](Value index) { return frame.indices.find(index)->second; };
  Block *body = loop.getBody();
  lowerIndices(body, frame);
  body->walk([&](Operation *op) {
    Value ref;
    Value time;
    if (auto load = dyn_cast<tile::LoadOp>(op))
      std::tie(ref, time) = std::pair(load.getRef(), load.getTime());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      std::tie(ref, time) = std::pair(store.getRef(), store.getTime());
    if (!time)
      return;
    Value &address = frame.stepAddresses[{ref.getAsOpaquePointer(),
                                          time.getAsOpaquePointer()}];
    if (!address)
      address = addressAt(frame.references[ref], ref, at(time));
  });
}

/// The loop, with the indices and addresses of an iteration.
scf::ForOp WorkItem::openLoop(scf::ForOp loop, Frame &frame,
                              ValueRange carried) {
  auto at = [&](Value index) { return frame.indices.find(index)->second; };
  auto made =
      scf::ForOp::create(builder, loc, at(loop.getLowerBound()),
                         at(loop.getUpperBound()), at(loop.getStep()), carried);
  made.getBody()->clear();
  builder.setInsertionPointToEnd(made.getBody());
  frame.indices[loop.getInductionVar()] = made.getInductionVar();
  findAddresses(loop, frame);
  return made;
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// Lanes of a block: the size of any lane axis.
static int64_t findLaneWidth(const Plan &plan, tile::KernelOp kernel) {
  int64_t width = 0;
  kernel.getBody().walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (isTile(result) && plan.getLaneAxis(result) >= 0)
        width = shapeOf(result)[plan.getLaneAxis(result)];
  });
  return width;
}

void WorkItem::enterItem(Value index, const Plan &plan, Frame &frame) {
  findItem(index);
  findSequence();
  if (!kernel.getBody().getOps<tile::OriginOp>().empty())
    findOrigin();
  int64_t count = kernel.getBody().getNumArguments();
  for (int64_t argument = 0; argument < count; ++argument)
    frame.references[kernel.getBody().getArgument(argument)] =
        findTensor(argument);
  frame.laneOffset = arith::MulIOp::create(
      builder, loc, block, constant(findLaneWidth(plan, kernel)));
}

LLVM::LLVMFuncOp WorkItem::open(const Plan &plan, Frame &frame) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  Type i64 = builder.getI64Type();
  Type i32 = builder.getI32Type();
  function = LLVM::LLVMFuncOp::create(
      builder, loc, kernel.getSymName(),
      LLVM::LLVMFunctionType::get(i32, {pointer, i64, i64}));
  Block *entry = function.addEntryBlock(builder);
  builder.setInsertionPointToEnd(entry);
  call = entry->getArgument(0);
  heads = i64Field(call, offsetof(lrc_call, heads));
  segments = loadField(call, offsetof(lrc_call, segments), pointer);
  tensors = loadField(call, offsetof(lrc_call, tensors), pointer);
  origins = loadField(call, offsetof(lrc_call, origins), pointer);
  loop = scf::ForOp::create(builder, loc, entry->getArgument(1),
                            entry->getArgument(2), constant(1));
  loop.getBody()->clear();
  builder.setInsertionPointToEnd(loop.getBody());
  enterItem(loop.getInductionVar(), plan, frame);
  for (auto &[ref, reference] : frame.references)
    if (kernel.getRole(cast<BlockArgument>(ref).getArgNumber()) ==
        tile::Role::Output)
      reference.streams = decideStreaming(reference, ref, frame.laneOffset);
  return function;
}

/// Leaves with status 1 when a buffer could not be had: the loop over items
/// runs only when all were.
void WorkItem::checkAllocations() {
  builder.setInsertionPoint(loop);
  Value all;
  for (Value buffer : heap) {
    Value given = isGiven(buffer);
    all = all ? arith::AndIOp::create(builder, loc, all, given).getResult()
              : given;
  }
  Value end = arith::SelectOp::create(builder, loc, all, loop.getUpperBound(),
                                      loop.getLowerBound());
  loop.getUpperBoundMutable().assign(end);
  builder.setInsertionPointToEnd(loop->getBlock());
  LLVM::LLVMFuncOp release =
      declare("free", LLVM::LLVMVoidType::get(builder.getContext()),
              {LLVM::LLVMPointerType::get(builder.getContext())});
  for (Value buffer : heap)
    LLVM::CallOp::create(builder, loc, release, buffer);
  Value status = arith::SelectOp::create(
      builder, loc, all,
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0)),
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(1)));
  LLVM::ReturnOp::create(builder, loc, status);
}

void WorkItem::close() {
  builder.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(loop);
  // Stores around the caches are ordered by nothing else.
  LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::seq_cst, "");
  if (!heap.empty())
    return checkAllocations();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
  LLVM::ReturnOp::create(builder, loc, zero);
}
