//===- Prefetch.cpp - Ask for the rows of later steps ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/Prefetch.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lrc;

/// Longer rows are found by the processor itself.
static constexpr int64_t mostRowBytes = 2048;
/// Rows ahead, and what they may take of the caches.
static constexpr int64_t mostSteps = 8, stepBytes = 8 << 10;
static constexpr int64_t chunkBytes = 128 << 10;

/// 0 where the step of a load or store is not simply that of the loop.
template <typename OpT> static int64_t directionOf(OpT op, Value index) {
  if (op.getRows())
    return op.getBackwards() ? -1 : 1;
  Value time = op.getTime();
  if (time == index)
    return 1;
  auto difference = time.getDefiningOp<arith::SubIOp>();
  return difference && difference.getRhs() == index ? -1 : 0;
}

static Value tileOf(tile::LoadOp load) { return load.getResult(); }
static Value tileOf(tile::StoreOp store) { return store.getTile(); }

template <typename OpT> void RowsAhead::addRow(OpT op, scf::ForOp loop) {
  if (!op.getTime())
    return;
  ArrayRef<int64_t> tile = shapeOf(tileOf(op));
  Row row{op.getRef(),
          op.getTime(),
          WorkItem::elementBytes(op.getRef()),
          0,
          directionOf(op, loop.getInductionVar()),
          op.getRows() ? tile[0] : 0,
          isa<tile::StoreOp>(op)};
  ArrayRef<int64_t> shape = op.getRef().getType().getShape();
  bool isCut = op.getLanes() && *op.getLanes() == 0;
  for (int64_t size : isCut ? shape.drop_front() : shape)
    row.bytes *= size;
  if (isCut) {
    row.laneBytes = row.bytes;
    row.bytes *= tile[op.getRows() ? 1 : 0];
  }
  bool isKnown = llvm::any_of(
      rows, [&](const Row &other) { return other.ref == row.ref; });
  if (row.direction && row.bytes <= mostRowBytes && !isKnown)
    rows.push_back(row);
}

RowsAhead::RowsAhead(scf::ForOp loop) {
  for (auto load : loop.getBody()->getOps<tile::LoadOp>())
    addRow(load, loop);
  int64_t chunk = 0;
  for (const Row &row : rows)
    chunk = std::max(chunk, row.rows);
  if (chunk == 0)
    return;
  for (auto store : loop.getBody()->getOps<tile::StoreOp>())
    addRow(store, loop);
  int64_t bytes = 0;
  for (const Row &row : rows)
    bytes += row.bytes;
  // What a chunk reads in its first row only is near the next one's.
  llvm::erase_if(rows, [&](const Row &row) {
    return row.rows == 0 || chunk * bytes > chunkBytes;
  });
}

/// Asks for the row of a step, an i64.
void RowsAhead::prefetchRow(const Row &row, Value step, const Frame &frame,
                            WorkItem &item, OpBuilder &builder) const {
  Location loc = row.ref.getLoc();
  Value address = item.addressAt(frame.references.at(row.ref), row.ref, step);
  auto offsetBy = [&](LLVM::GEPArg bytes) -> Value {
    return LLVM::GEPOp::create(builder, loc, address.getType(),
                               builder.getI8Type(), address,
                               ArrayRef<LLVM::GEPArg>{bytes});
  };
  if (row.laneBytes) {
    Value size = arith::ConstantIntOp::create(builder, loc, row.laneBytes, 64);
    Value offset = arith::MulIOp::create(builder, loc, frame.laneOffset, size);
    address = offsetBy(offset);
  }
  // Beyond the last step there may be no memory: a prefetch does not mind.
  for (int64_t line = 0; line < row.bytes; line += cacheLineBytes)
    LLVM::Prefetch::create(builder, loc, offsetBy(int32_t(line)),
                           /*rw=*/row.isWritten, /*hint=*/2, /*cache=*/1);
}

void RowsAhead::emit(int64_t part, int64_t parts, const Frame &frame,
                     WorkItem &item, OpBuilder &builder) const {
  if (rows.empty())
    return;
  Location loc = rows.front().ref.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, loc, value, 64);
  };
  auto prefetch = [&](const Row &row, Value ahead) {
    Value by =
        arith::MulIOp::create(builder, loc, ahead, constant(row.direction));
    Value now = frame.indices.find(row.time)->second;
    prefetchRow(row, arith::AddIOp::create(builder, loc, now, by), frame, item,
                builder);
  };
  int64_t chunk = rows.front().rows;
  if (chunk == 0) {
    int64_t bytes = 0;
    for (const Row &row : rows)
      bytes += row.bytes;
    int64_t steps = std::clamp<int64_t>(stepBytes / bytes, 1, mostSteps);
    for (const Row &row : rows)
      prefetch(row, constant(steps));
    return;
  }
  int64_t first = chunk * part / parts, last = chunk * (part + 1) / parts;
  if (first == last)
    return;
  auto next = scf::ForOp::create(builder, loc, constant(chunk + first),
                                 constant(chunk + last), constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(next.getBody());
  for (const Row &row : rows)
    prefetch(row, next.getInductionVar());
}
