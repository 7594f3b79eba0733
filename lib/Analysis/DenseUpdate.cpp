//===- DenseUpdate.cpp - One matrix for all steps -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/DenseUpdate.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

bool lrc::isTimeInvariant(Value value) {
  SmallVector<Value> worklist{value};
  llvm::DenseSet<Value> visited;
  while (!worklist.empty()) {
    Value next = worklist.pop_back_val();
    if (!visited.insert(next).second)
      continue;
    Operation *op = next.getDefiningOp();
    if (isa<TimeOp>(op))
      return false;
    if (auto get = dyn_cast<GetOp>(op);
        get && !isa<ParamOp>(SymbolTable::lookupNearestSymbolFrom(
                   op, get.getFieldAttr())))
      return false;
    llvm::append_range(worklist, op->getOperands());
  }
  return true;
}

std::optional<int64_t> lrc::findMixedAxis(ReadOp read,
                                          ArrayRef<StringAttr> labels,
                                          StringAttr column) {
  auto type = cast<PositionalType>(read.getSource().getType());
  if (read.getMap().getNumResults() != labels.size() ||
      llvm::is_contained(labels, column))
    return std::nullopt;
  std::optional<int64_t> mixed;
  for (auto [axis, expr] : llvm::enumerate(read.getMap().getResults())) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || read.getType().getExtents()[dim.getPosition()] !=
                    type.getExtents()[axis])
      return std::nullopt;
    StringAttr label = read.getType().getLabels()[dim.getPosition()];
    if (label == column && !mixed)
      mixed = axis;
    else if (label != labels[axis])
      return std::nullopt;
  }
  return mixed;
}

/// sum[column] matrix * read, of the old value of `state`.
static std::optional<DenseUpdate> matchSum(Value value, StateOp state,
                                           ArrayRef<StringAttr> labels) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  auto product =
      reduce ? reduce.getOperand().getDefiningOp<BinaryOp>() : BinaryOp();
  if (!product || reduce.getFn() != ReduceKind::Sum ||
      reduce.getLabels().size() != 1 || product.getFn() != BinaryKind::Mul)
    return std::nullopt;
  DenseUpdate update;
  update.sum = reduce;
  update.column = cast<StringAttr>(reduce.getLabels()[0]);
  for (auto [matrix, other] : {std::pair(product.getLhs(), product.getRhs()),
                               std::pair(product.getRhs(), product.getLhs())}) {
    auto read = other.getDefiningOp<ReadOp>();
    auto get = read ? read.getSource().getDefiningOp<GetOp>() : GetOp();
    if (!get || get.getNext() || get.getField() != state.getSymName() ||
        !isTimeInvariant(matrix))
      continue;
    std::optional<int64_t> axis = findMixedAxis(read, labels, update.column);
    if (!axis)
      return std::nullopt;
    update.axis = *axis;
    update.matrix = matrix;
    return update;
  }
  return std::nullopt;
}

std::optional<DenseUpdate> lrc::matchDense(const StateGroups &groups,
                                           const StateGroups::Group &group) {
  StateOp state = group.front();
  auto set = dyn_cast_or_null<SetOp>(groups.getDefinition(state));
  if (group.size() != 1 || !set ||
      FieldOp(state).getType().getKind() != Kind::Real)
    return std::nullopt;
  SmallVector<StringAttr> labels(set.getLabels().getAsRange<StringAttr>());
  Value sum = set.getValue();
  Value rest;
  if (auto add = sum.getDefiningOp<BinaryOp>();
      add && add.getFn() == BinaryKind::Add) {
    std::tie(sum, rest) = std::pair(add.getLhs(), add.getRhs());
    if (!groups.dependsOn(sum, group))
      std::swap(sum, rest);
    if (groups.dependsOn(rest, group))
      return std::nullopt;
  }
  std::optional<DenseUpdate> update = matchSum(sum, state, labels);
  if (!update)
    return std::nullopt;
  update->rest = rest;
  for (StringAttr label : cast<ValueType>(update->matrix.getType()).getLabels())
    if (label != update->column && !llvm::is_contained(labels, label))
      return std::nullopt;
  return update;
}
