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

namespace {
/// The part of a row that a work item needs.
struct Row {
  tile::LoadOp load;
  int64_t bytes;
  /// Of a lane, where the part starts at the item's first lane; else 0.
  int64_t laneBytes;
  /// 1 or -1 as steps follow the loop or run against it.
  int64_t direction;
};
} // namespace

/// Longer rows are found by the processor itself.
static constexpr int64_t mostRowBytes = 2048;
/// Rows ahead, and what they may take of the caches.
static constexpr int64_t mostSteps = 8, stepBytes = 8 << 10;
static constexpr int64_t chunkBytes = 128 << 10;

/// 0 where the step of a load is not simply that of the loop.
static int64_t directionOf(tile::LoadOp load, Value index) {
  if (load.getRows())
    return load.getBackwards() ? -1 : 1;
  Value time = load.getTime();
  if (time == index)
    return 1;
  auto difference = time.getDefiningOp<arith::SubIOp>();
  return difference && difference.getRhs() == index ? -1 : 0;
}

static SmallVector<Row> findRows(scf::ForOp loop) {
  SmallVector<Row> rows;
  llvm::DenseSet<Value> seen;
  for (auto load : loop.getBody()->getOps<tile::LoadOp>()) {
    if (!load.getTime())
      continue;
    Row row{load, WorkItem::elementBytes(load.getRef()), 0,
            directionOf(load, loop.getInductionVar())};
    ArrayRef<int64_t> shape = load.getRef().getType().getShape();
    bool isCut = load.getLanes() && *load.getLanes() == 0;
    for (int64_t size : isCut ? shape.drop_front() : shape)
      row.bytes *= size;
    if (isCut) {
      row.laneBytes = row.bytes;
      row.bytes *= shapeOf(load.getResult())[load.getRows() ? 1 : 0];
    }
    if (row.direction && row.bytes <= mostRowBytes &&
        seen.insert(load.getRef()).second)
      rows.push_back(row);
  }
  return rows;
}

/// Asks for the row of a step, an i64.
static void prefetchRow(const Row &row, Value step, const Frame &frame,
                        WorkItem &item, OpBuilder &builder) {
  tile::LoadOp load = row.load;
  Location loc = load.getLoc();
  Value ref = load.getRef();
  Value address = item.addressAt(frame.references.at(ref), ref, step);
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
    LLVM::Prefetch::create(builder, loc, offsetBy(int32_t(line)), /*rw=*/0,
                           /*hint=*/2, /*cache=*/1);
}

void lrc::prefetchRows(scf::ForOp loop, const Frame &frame, WorkItem &item,
                       OpBuilder &builder) {
  SmallVector<Row> rows = findRows(loop);
  if (rows.empty())
    return;
  Location loc = loop.getLoc();
  int64_t bytes = 0, chunk = 1;
  for (Row &row : rows) {
    bytes += row.bytes;
    if (row.load.getRows())
      chunk = shapeOf(row.load.getResult())[0];
  }
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, loc, value, 64);
  };
  auto prefetch = [&](Row &row, Value ahead) {
    Value by =
        arith::MulIOp::create(builder, loc, ahead, constant(row.direction));
    Value now = frame.indices.find(row.load.getTime())->second;
    prefetchRow(row, arith::AddIOp::create(builder, loc, now, by), frame, item,
                builder);
  };
  if (chunk == 1) {
    int64_t steps = std::clamp<int64_t>(stepBytes / bytes, 1, mostSteps);
    for (Row &row : rows)
      prefetch(row, constant(steps));
    return;
  }
  if (chunk * bytes > chunkBytes)
    return;
  auto next = scf::ForOp::create(builder, loc, constant(chunk),
                                 constant(2 * chunk), constant(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(next.getBody());
  for (Row &row : rows)
    if (row.load.getRows())
      prefetch(row, next.getInductionVar());
}
