//===- StepLowering.h - Ops of a step on tiles ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers dsf values to tiles, for one step at a time or for the rows of a
// chunk. With rows, the tile of a value that varies in time has one more,
// leading, axis than the value has labels; what is the same for all steps has
// no such axis, and gets one where it meets rows.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_DSFTOTILE_STEPLOWERING_H
#define LRC_LIB_CONVERSION_DSFTOTILE_STEPLOWERING_H

#include "dialects/Tile/Tile.h"
#include "lib/Analysis/Lanes.h"
#include "lib/Conversion/DsfToTile/TileValue.h"

#include "llvm/ADT/MapVector.h"

#include <functional>

namespace lrc {

/// A field of the recurrence as kernel arguments.
struct Argument {
  dsf::FieldOp field;
  tile::Role role;
  mlir::Value ref;
};

/// What all parts of a kernel share.
struct KernelFrame {
  explicit KernelFrame(dsf::RecurrenceOp recurrence)
      : recurrence(recurrence), lanes(recurrence) {}

  Argument &find(mlir::Operation *field, tile::Role role);
  /// Sizes, where the lanes are cut down to this item's block.
  llvm::SmallVector<int64_t> shapeOf(llvm::ArrayRef<mlir::Attribute> extents,
                                     int64_t laneAxis) const;
  llvm::SmallVector<int64_t> shapeOf(mlir::Value value) const;
  llvm::SmallVector<int64_t> shapeOf(mlir::Operation *field) const;

  dsf::RecurrenceOp recurrence;
  Lanes lanes;
  /// Lanes of a work item.
  int64_t width = 0;
  llvm::SmallVector<Argument> arguments;
  /// Type of arithmetic on inputs and states.
  mlir::Type compute;
};

/// The labels of a value, as attributes of an op name them.
llvm::SmallVector<mlir::StringAttr> labelsOf(mlir::ArrayAttr labels);

class StepLowering {
public:
  /// `rows` is the number of steps of a chunk; 0 for one step without an axis.
  StepLowering(KernelFrame &frame, mlir::OpBuilder before,
               mlir::OpBuilder inside, int64_t rows = 0)
      : frame(frame), before(before), inside(inside),
        tiles(this->before, this->inside, frame.compute), rows(rows) {}
  StepLowering(const StepLowering &) = delete;

  KernelFrame &frame;
  /// Before the loop over time, and in it.
  mlir::OpBuilder before;
  mlir::OpBuilder inside;
  TileBuilder tiles;
  const int64_t rows;

  /// Labelled values and arrays.
  llvm::DenseMap<mlir::Value, TileValue> values;
  /// What states hold before the step (before each row of the chunk), and what
  /// states, signals and outputs were set to.
  llvm::DenseMap<mlir::Operation *, TileValue> old;
  llvm::MapVector<mlir::Operation *, TileValue> next;
  /// Index of the step, and its position in memory, from which rows may go
  /// backwards.
  mlir::Value time;
  mlir::Value position;
  bool backwards = false;
  /// Called for a value that has no tile yet; true when it made one.
  std::function<bool(mlir::Value)> makeValue;

  /// Lowers one op, whose operands are lowered.
  mlir::LogicalResult lower(mlir::Operation *op);
  /// Lowers what a value needs, and the value.
  mlir::LogicalResult lowerValue(mlir::Value value);

  TileValue load(Argument &argument, int64_t laneAxis, mlir::Value at);
  void store(Argument &argument, TileValue value, mlir::Value at);

  /// `value` with the axes `labels` out of which its own are a part, and with
  /// rows if that is asked for or its tile has them. It is rounded before it is
  /// broadcast.
  TileValue place(mlir::Value value, bool uniform,
                  llvm::ArrayRef<mlir::StringAttr> labels,
                  llvm::ArrayRef<int64_t> shape, bool withRows = false);

  /// The tile of a value or array that is lowered, loaded if it is a field.
  TileValue valueOf(mlir::Value value);

  /// Whether the tile of a value or array has an axis of rows.
  bool hasRows(mlir::Value value) const;

private:
  mlir::LogicalResult lowerGet(dsf::GetOp op);
  mlir::LogicalResult lowerRead(dsf::ReadOp op);
  mlir::LogicalResult lowerReduce(dsf::ReduceOp op);
  bool lowerContraction(dsf::ReduceOp op);
  mlir::LogicalResult lowerShift(dsf::ShiftOp op);
  void lowerInverse(dsf::InverseOp op);
  void lowerIndex(dsf::IndexOp op);
  void lowerSet(dsf::SetOp op);
  void lowerTime(dsf::TimeOp op);
  TileValue loadField(mlir::Operation *field, int64_t axis);
  llvm::SmallVector<TileValue> placeOperands(mlir::Operation *op);
  TileValue real(mlir::Value index, bool inLoop);

  /// Arrays that are still in memory.
  llvm::DenseMap<mlir::Value, mlir::Operation *> fields;
  llvm::DenseMap<std::pair<mlir::Operation *, int64_t>, TileValue> loads;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_DSFTOTILE_STEPLOWERING_H
