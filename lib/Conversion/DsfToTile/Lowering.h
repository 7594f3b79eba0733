//===- Lowering.h - A recurrence becomes a tile kernel ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H
#define LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H

#include "lib/Analysis/Lanes.h"
#include "lib/Conversion/DsfToTile/DsfToTile.h"
#include "lib/Conversion/DsfToTile/TileValue.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"

namespace lrc {

/// A field of the recurrence as kernel arguments.
struct Argument {
  dsf::FieldOp field;
  tile::Role role;
  mlir::Value ref;
};

class Lowering {
public:
  Lowering(dsf::RecurrenceOp recurrence, const BlockOptions &options)
      : recurrence(recurrence), options(options), lanes(recurrence),
        before(recurrence.getContext()), inside(recurrence.getContext()),
        tiles(before, inside, chooseCompute()) {}

  mlir::FailureOr<tile::KernelOp> run(llvm::StringRef symbol);

private:
  mlir::Type chooseCompute();
  void chooseWidth();
  tile::KernelOp makeKernel(llvm::StringRef symbol);
  void addArguments(tile::Role role, llvm::SmallVectorImpl<Argument> &list);

  int64_t sizeOf(mlir::Attribute extent) {
    return mlir::cast<mlir::IntegerAttr>(extent).getInt();
  }
  llvm::SmallVector<int64_t> shapeOf(llvm::ArrayRef<mlir::Attribute> extents,
                                     int64_t laneAxis);
  llvm::SmallVector<int64_t> shapeOf(mlir::Value value);

  TileValue load(Argument &argument, int64_t laneAxis, mlir::Value time);
  void store(Argument &argument, TileValue value, mlir::Value time);
  Argument &find(mlir::Operation *field, tile::Role role);

  mlir::FailureOr<TileValue> makeStart(dsf::StateOp state);
  mlir::LogicalResult makeStates();
  void setStates(mlir::ValueRange values);
  mlir::scf::ForOp openLoop();
  void closeLoop(mlir::scf::ForOp loop);
  mlir::LogicalResult lower(mlir::Operation *op);
  mlir::LogicalResult lowerGet(dsf::GetOp op);
  mlir::LogicalResult lowerRead(dsf::ReadOp op);
  mlir::LogicalResult lowerReduce(dsf::ReduceOp op);
  mlir::LogicalResult lowerShift(dsf::ShiftOp op);
  void lowerIndex(dsf::IndexOp op);
  void lowerSet(dsf::SetOp op);

  /// `value` with the axes `labels` out of which its own are a part. It is
  /// rounded before it is broadcast.
  TileValue place(mlir::Value value, bool uniform,
                  llvm::ArrayRef<mlir::StringAttr> labels,
                  llvm::ArrayRef<int64_t> shape);
  /// The operands of a pointwise op with the axes of its result.
  llvm::SmallVector<TileValue> placeOperands(mlir::Operation *op);
  TileValue real(mlir::Value index, bool inLoop);

  dsf::RecurrenceOp recurrence;
  BlockOptions options;
  Lanes lanes;
  int64_t width = 0;
  int64_t blocks = 1;
  mlir::OpBuilder before;
  mlir::OpBuilder inside;
  TileBuilder tiles;

  llvm::SmallVector<Argument> arguments;
  /// Labelled values and arrays.
  llvm::DenseMap<mlir::Value, TileValue> values;
  /// Arrays that are still in memory.
  llvm::DenseMap<mlir::Value, mlir::Operation *> fields;
  /// What states hold before the step, and what states, signals and outputs
  /// were set to.
  llvm::DenseMap<mlir::Operation *, TileValue> old;
  llvm::MapVector<mlir::Operation *, TileValue> next;
  llvm::DenseMap<std::pair<mlir::Operation *, int64_t>, TileValue> loads;
  /// Index of the step, and its position in memory.
  mlir::Value time;
  mlir::Value position;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_LOWERING_H
