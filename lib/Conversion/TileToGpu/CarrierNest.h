//===- CarrierNest.h - Lanes of a chunk in registers of warps ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What depends on a state has lanes, and no lane needs another. A warp takes 16
// of them through a chunk: its part of a tile [n, lanes] lies in its registers
// as the results of tensor cores do, with lanes as rows,
//
//   result[lane, n] = sum over k of own[lane, k] other[n, k]
//
// Results become the operand `own` of the next product by rounding them: pairs
// of numbers are where the instruction expects them. So neither states nor what
// is made of them pass through shared memory, and no warp waits for another.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOGPU_CARRIERNEST_H
#define LRC_LIB_CONVERSION_TILETOGPU_CARRIERNEST_H

#include "lib/Conversion/TileToGpu/TensorCore.h"

namespace lrc {

class CarrierNest : MmaNest {
public:
  explicit CarrierNest(BlockContext &context);

  /// Two numbers in each value, see placeOf.
  using Values = llvm::SmallVector<mlir::Value>;

  /// Says that a tile is in registers.
  void define(mlir::Value tile, const Values &values);
  const Values &valuesOf(mlir::Value tile) const;

  /// Tiles that lie in memory.
  Values load(mlir::Value tile, const Storage &storage);
  void store(mlir::Value tile, const Values &values, const Storage &storage);

  /// Takes a bf16 tile with lanes from shared memory, unless it has.
  void take(mlir::Value tile);

  /// A product that a result is the sum of.
  struct Term {
    mlir::Value result;
    const OperandPair *operands;
  };
  /// Computes products with one tile in registers, of which emitProduct adds
  /// each to its sum: the tile is rounded once for all of them.
  void multiplyFirst(mlir::Value own, llvm::ArrayRef<Term> terms);

  void emitProduct(tile::ProductOp op, llvm::ArrayRef<OperandPair> operands,
                   mlir::Value init);
  void emitSolve(tile::SolveOp op, const OperandPair &operands,
                 const Storage &inverses);
  void emitPointwise(mlir::Value tile);
  void emitStore(tile::StoreOp op);

private:
  int64_t laneAxis(mlir::Value tile) const;
  int64_t countColumns(mlir::Value tile) const;
  llvm::SmallVector<Subscript> placeOf(mlir::Value tile, int64_t index);
  const Subscript &columnAt(int64_t tile);
  Fragment ownOperand(const OperandTile &operand, int64_t step);
  mlir::Value sumFactorAt(const OperandTile &operand, int64_t column);
  Fragment pack(llvm::ArrayRef<mlir::Value> values);
  Fragment pack(const Fragment &first, const Fragment &second);
  mlir::Value otherAddress(const MmaOperand &operand);
  void addTerm(const OperandTile &own, const OperandTile &other,
               llvm::MutableArrayRef<Fragment> sums);
  struct Factor;
  void addStep(const Factor &other, int64_t k, const Fragment &left,
               llvm::MutableArrayRef<Fragment> sums);
  Factor factorOf(const OperandTile &other);
  llvm::SmallVector<Fragment> zeros(mlir::Value result);
  void addScaled(mlir::Value result, const OperandPair &operands, bool fromZero,
                 llvm::MutableArrayRef<Fragment> sums);
  llvm::SmallVector<Fragment> startOf(mlir::Value result, mlir::Value init);
  void finish(mlir::Value tile, llvm::ArrayRef<Fragment> sums);
  void finish(mlir::Value tile, const Values &values);
  mlir::Value transpose(mlir::Value word);

  void widen(mlir::Value tile);
  mlir::Value extendTo(mlir::Value both, mlir::Type element);

  llvm::DenseMap<mlir::Value, Values> fragments;
  llvm::DenseSet<mlir::Value> taken;
  llvm::DenseMap<const OperandPair *, llvm::SmallVector<Fragment>> multiplied;
  /// i32: the first of the warp's lanes.
  mlir::Value firstLane;
  llvm::SmallVector<Subscript> rows, columns;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOGPU_CARRIERNEST_H
