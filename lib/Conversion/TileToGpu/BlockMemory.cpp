//===- BlockMemory.cpp - Memory of a block of threads ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/BlockMemory.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lrc;

Value BlockMemory::allocate(OpBuilder &entry, Location loc, int64_t bytes,
                            const Lifetime &lifetime, bool mustBeShared) {
  auto type = LLVM::LLVMPointerType::get(entry.getContext());
  auto pointer = LLVM::PoisonOp::create(entry, loc, type);
  bytes = llvm::alignTo(std::max<int64_t>(bytes, 1), alignment);
  buffers.push_back({pointer, bytes, lifetime, mustBeShared, {}});
  return pointer;
}

void BlockMemory::vacate(Value pointer, const Lifetime &time) {
  for (Buffer &buffer : buffers)
    if (buffer.pointer->getResult(0) == pointer)
      buffer.vacant.push_back(time);
}

bool BlockMemory::Buffer::isNeededIn(const Lifetime &time) const {
  return lifetime.overlaps(time) &&
         llvm::none_of(vacant, [&](const Lifetime &vacancy) {
           return vacancy.contains(time);
         });
}

/// The lowest place that no other buffer has at the same time; -1 if none is.
int64_t BlockMemory::findOffset(const Buffer &buffer, int64_t limit) const {
  int64_t offset = 0;
  bool moved = true;
  while (moved) {
    moved = false;
    for (const Buffer &other : buffers)
      if (other.offset >= 0 && other.isNeededIn(buffer.lifetime) &&
          buffer.isNeededIn(other.lifetime) &&
          offset < other.offset + other.bytes &&
          other.offset < offset + buffer.bytes) {
        offset = other.offset + other.bytes;
        moved = true;
      }
  }
  return offset + buffer.bytes <= limit ? offset : -1;
}

bool BlockMemory::place(Value shared, Value scratch, int64_t sharedLimit) {
  // Small buffers first: what does not fit then is one of the largest.
  bool fits = true;
  std::vector<Buffer *> order;
  for (Buffer &buffer : buffers)
    order.push_back(&buffer);
  llvm::sort(order, [](const Buffer *a, const Buffer *b) {
    return std::tuple(!a->mustBeShared, a->bytes, a) <
           std::tuple(!b->mustBeShared, b->bytes, b);
  });
  for (Buffer *buffer : order) {
    OpBuilder builder(buffer->pointer);
    buffer->offset = findOffset(*buffer, sharedLimit);
    bool isShared = buffer->offset >= 0;
    fits &= isShared || !buffer->mustBeShared;
    loopScratch |= !isShared && buffer->lifetime.last != INT64_MAX;
    int64_t offset = isShared ? buffer->offset : scratchBytes;
    if (isShared)
      sharedBytes = std::max(sharedBytes, offset + buffer->bytes);
    else
      scratchBytes += buffer->bytes;
    Value pointer = LLVM::GEPOp::create(
        builder, buffer->pointer->getLoc(),
        buffer->pointer->getResult(0).getType(), builder.getI8Type(),
        isShared ? shared : scratch,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
    buffer->pointer->getResult(0).replaceAllUsesWith(pointer);
    buffer->pointer->erase();
  }
  buffers.clear();
  return fits;
}
