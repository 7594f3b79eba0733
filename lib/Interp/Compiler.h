//===- Compiler.h - From a recurrence to a list of actions ------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_INTERP_COMPILER_H
#define LRC_LIB_INTERP_COMPILER_H

#include "lib/Interp/Kernels.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <deque>

namespace lrc::interp {

/// What a declaration holds during a step.
struct Field {
  Cell current;
  /// States only: the value after the step.
  Cell next;
};

/// Turns regions into actions. Cells keep their addresses.
class Compiler {
public:
  Compiler(dsf::RecurrenceOp recurrence, int64_t head, int64_t heads);

  /// Appends the actions of a phase.
  void compilePhase(mlir::Block &block);
  /// Appends the actions that set `state` to what its init region yields.
  void compileInit(dsf::StateOp state);
  /// Appends the actions that compute what is returned for `state`, which has a
  /// final region; the cell holds it afterwards.
  Cell &compileFinal(dsf::StateOp state);

  Field &getField(llvm::StringRef name) { return fields.find(name)->second; }
  /// The index of the step, read by dsf.time.
  void setTime(int64_t step) { time.reals.front() = step; }

  /// What to do before the first step, in every step, and after the last.
  std::vector<Action> once;
  std::vector<Action> everyStep;
  std::vector<Action> last;

private:
  void compileOps(mlir::Block &block);
  void compileRegion(mlir::Region &region, dsf::StateOp state, Cell &target,
                     std::vector<Action> &actions);
  void compileOp(mlir::Operation *op);
  void compileGet(dsf::GetOp get);
  void compileSet(dsf::SetOp set);
  void compileRead(dsf::ReadOp read);
  void compilePack(dsf::PackOp pack);
  void compileIndex(dsf::IndexOp index);
  void compileBinary(dsf::BinaryOp binary);
  void compileSelect(dsf::SelectOp select);

  Cell &cellOf(mlir::Value value) { return *cells.at(value); }
  Cell &addCell(int64_t size, dsf::Kind kind);
  /// A new cell for the result of an op with these operands.
  Cell &addResult(mlir::Operation *op, llvm::ArrayRef<Cell *> operands);
  Cell &addScalar(mlir::Operation *op, double value);
  /// `cell`, or a complex copy of it.
  Cell &widen(Cell &cell, bool toComplex);
  void append(const Cell &target, Action action);

  /// Where actions go that belong to no phase.
  std::vector<Action> *outside = nullptr;
  llvm::StringMap<Field> fields;
  std::deque<Cell> storage;
  llvm::DenseMap<mlir::Value, Cell *> cells;
  Cell time;
  double head;
  double heads;
};

} // namespace lrc::interp

#endif // LRC_LIB_INTERP_COMPILER_H
