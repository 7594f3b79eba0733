//===- InverseNest.cpp - Invert matrices in memory ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Gauss-Jordan elimination, as in lib/Interp/Inverse.cpp: what makes the matrix
// the identity makes the inverse of the identity.
//
//   for each column c
//     p = the row from c on with the largest |M[p,c]|
//     exchange rows p and c, and divide the new row c by its element c
//     subtract M[r,c] times row c from each other row r
//
// It runs once for a sequence and head, so it is plain loops over scalars.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/InverseNest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lrc;

namespace {

class InverseEmitter {
public:
  InverseEmitter(OpBuilder &builder, Location loc, const Storage &matrix,
                 const Storage &inverse, int64_t size)
      : builder(builder), loc(loc), memory(builder, loc),
        sides{matrix, inverse}, zero(memory.constant(0)),
        one(memory.constant(1)), size(memory.constant(size)) {}

  /// Opens loops over the leading axes `shape`, then inverts a matrix.
  void emitBatch(ArrayRef<int64_t> shape);

private:
  using Body = llvm::function_ref<void(Value)>;

  void forEach(Value end, Body body);
  Value load(const Storage &side, Value row, Value column);
  void store(Value value, const Storage &side, Value row, Value column);
  SmallVector<Subscript> at(Value row, Value column) const;

  void emitIdentity();
  void emitColumn(Value column);
  Value emitPivot(Value column);
  void emitExchange(Value pivot, Value column);
  void emitElimination(Value row, Value column);

  OpBuilder &builder;
  Location loc;
  MemoryEmitter memory;
  /// The matrix and the inverse.
  Storage sides[2];
  Value zero, one, size;
  SmallVector<Subscript> batch;
};

} // namespace

void InverseEmitter::forEach(Value end, Body body) {
  auto loop = scf::ForOp::create(builder, loc, zero, end, one);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

SmallVector<Subscript> InverseEmitter::at(Value row, Value column) const {
  SmallVector<Subscript> subscripts(batch);
  subscripts.emplace_back().base = row;
  subscripts.emplace_back().base = column;
  return subscripts;
}

Value InverseEmitter::load(const Storage &side, Value row, Value column) {
  return memory.load(side, at(row, column));
}

void InverseEmitter::store(Value value, const Storage &side, Value row,
                           Value column) {
  memory.store(value, side, at(row, column));
}

void InverseEmitter::emitIdentity() {
  forEach(size, [&](Value row) {
    forEach(size, [&](Value column) {
      Value same = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                         row, column);
      Value element =
          arith::UIToFPOp::create(builder, loc, sides[1].element, same);
      store(element, sides[1], row, column);
    });
  });
}

/// The row from `column` on with the largest element.
Value InverseEmitter::emitPivot(Value column) {
  auto magnitude = [&](Value row) -> Value {
    return math::AbsFOp::create(builder, loc, load(sides[0], row, column));
  };
  Value first = magnitude(column);
  auto loop = scf::ForOp::create(builder, loc, column, size, one,
                                 ValueRange{column, first});
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value row = loop.getInductionVar();
  Value found = magnitude(row);
  Value larger = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT,
                                       found, loop.getRegionIterArg(1));
  auto choose = [&](Value now, unsigned before) -> Value {
    return arith::SelectOp::create(builder, loc, larger, now,
                                   loop.getRegionIterArg(before));
  };
  scf::YieldOp::create(builder, loc, {choose(row, 0), choose(found, 1)});
  return loop.getResult(0);
}

void InverseEmitter::emitExchange(Value pivot, Value column) {
  Value unit = arith::ConstantOp::create(
      builder, loc, builder.getFloatAttr(sides[0].element, 1));
  Value scale =
      arith::DivFOp::create(builder, loc, unit, load(sides[0], pivot, column));
  forEach(size, [&](Value j) {
    for (const Storage &side : sides) {
      Value chosen = load(side, pivot, j);
      Value other = load(side, column, j);
      store(other, side, pivot, j);
      store(arith::MulFOp::create(builder, loc, chosen, scale), side, column,
            j);
    }
  });
}

void InverseEmitter::emitElimination(Value row, Value column) {
  Value factor = load(sides[0], row, column);
  forEach(size, [&](Value j) {
    for (const Storage &side : sides) {
      Value product =
          arith::MulFOp::create(builder, loc, factor, load(side, column, j));
      Value rest =
          arith::SubFOp::create(builder, loc, load(side, row, j), product);
      store(rest, side, row, j);
    }
  });
}

void InverseEmitter::emitColumn(Value column) {
  emitExchange(emitPivot(column), column);
  forEach(size, [&](Value row) {
    Value other = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                        row, column);
    auto branch = scf::IfOp::create(builder, loc, other);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(branch.thenBlock()->getTerminator());
    emitElimination(row, column);
  });
}

void InverseEmitter::emitBatch(ArrayRef<int64_t> shape) {
  if (shape.empty()) {
    emitIdentity();
    return forEach(size, [&](Value column) { emitColumn(column); });
  }
  forEach(memory.constant(shape.front()), [&](Value index) {
    batch.emplace_back().base = index;
    emitBatch(shape.drop_front());
    batch.pop_back();
  });
}

void lrc::emitInverse(OpBuilder &builder, Location loc, const Storage &matrix,
                      const Storage &inverse, ArrayRef<int64_t> shape) {
  InverseEmitter(builder, loc, matrix, inverse, shape.back())
      .emitBatch(shape.drop_back(2));
}
