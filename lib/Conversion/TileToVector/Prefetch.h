//===- Prefetch.h - Ask for the rows of later steps -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H

#include "lib/Conversion/TileToVector/Emitter.h"
#include "lib/Conversion/TileToVector/WorkItem.h"

namespace lrc {

/// What an iteration of a loop over time will load and store some steps later,
/// or in the next chunk. With heads between the rows of one sequence they do
/// not follow each other in memory, and a processor does not guess where the
/// next is. A chunk asks for them in parts, between its nests: all at once they
/// would wait for each other, and the nests for them.
class RowsAhead {
public:
  explicit RowsAhead(mlir::scf::ForOp loop);

  /// Asks for one of so many parts, at the builder, in an iteration of the loop
  /// that has been opened.
  void emit(int64_t part, int64_t parts, const Frame &frame, WorkItem &item,
            mlir::OpBuilder &builder) const;

private:
  /// A part of a tensor that a loop over time reads or writes in each step.
  struct Row {
    mlir::Value ref;
    mlir::Value time;
    /// Of the part, from the first lane of the item where it has lanes.
    int64_t bytes;
    /// Of a lane, where the part starts at the item's first lane; else 0.
    int64_t laneBytes;
    /// 1 or -1 as steps follow the loop or run against it.
    int64_t direction;
    /// Of a chunk; 0 where the loop goes step by step.
    int64_t rows;
    bool isWritten;
  };
  template <typename OpT> void addRow(OpT op, mlir::scf::ForOp loop);
  void prefetchRow(const Row &row, mlir::Value step, const Frame &frame,
                   WorkItem &item, mlir::OpBuilder &builder) const;

  llvm::SmallVector<Row> rows;
};

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H
