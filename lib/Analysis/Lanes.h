//===- Lanes.h - The axis along which a recurrence is parallel --*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An index variable along which nothing is reduced, in which every state is
// read and written pointwise, cuts the recurrence into independent ones: the
// value index j of linear attention, the channel d of a diagonal scan. Such an
// axis is cut into blocks and mapped to the lanes of vectors.
//
// The analysis unifies axes: the label of an operand with the same label of the
// result; an axis of a state with the labels under which it is read and
// written. A class of axes is parallel when no member is reduced or indexed by
// anything but a plain index variable, no value has it twice, and a state has
// it.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ANALYSIS_LANES_H
#define LRC_LIB_ANALYSIS_LANES_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/DenseMap.h"

namespace lrc {

class Lanes {
public:
  /// No axis.
  Lanes() = default;
  /// Analyses a specialised recurrence.
  explicit Lanes(dsf::RecurrenceOp recurrence);

  /// Size of the chosen axis; 0 when there is none.
  int64_t getExtent() const { return extent; }

  /// Position of the axis in a labelled value or an array, -1 without.
  int64_t getAxis(mlir::Value value) const;

  /// Position of the axis in a state, output or signal, -1 without.
  int64_t getAxis(mlir::Operation *field) const;

private:
  /// Axis `second` of a value or of a declaration.
  using Node = std::pair<const void *, int64_t>;

  unsigned find(unsigned id);
  unsigned idOf(Node node);
  void unify(Node a, Node b);
  void block(Node node);

  void visit(mlir::Operation *op);
  void visitRead(dsf::ReadOp op);
  void visitLabels(const void *array, mlir::Value value,
                   mlir::ArrayAttr labels);
  void visitPointwise(mlir::Operation *op);
  void blockRepeated(const void *owner, int64_t rank);
  void choose(dsf::RecurrenceOp recurrence);
  int64_t axisOf(const void *owner) const;

  llvm::DenseMap<Node, unsigned> ids;
  llvm::SmallVector<unsigned> parents;
  llvm::DenseMap<unsigned, bool> blocked;
  int64_t chosen = -1;
  int64_t extent = 0;
  llvm::DenseMap<const void *, int64_t> axes;
};

} // namespace lrc

#endif // LRC_LIB_ANALYSIS_LANES_H
