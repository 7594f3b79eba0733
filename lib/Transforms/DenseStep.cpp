//===- DenseStep.cpp - One matrix for all steps ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/DenseStep.h"

#include "lib/Algebra/PseudoValues.h"
#include "lib/Analysis/DenseUpdate.h"
#include "lib/Transforms/AffineStep.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
class DenseStep {
public:
  DenseStep(RecurrenceOp recurrence, Block &form,
            const StateGroups::Group &group)
      : recurrence(recurrence), form(form), group(group), state(group.front()),
        builder(recurrence.getContext()) {}

  bool run(std::string &reason);

private:
  bool addContraction(ReduceOp sum, Value coefficient);
  bool addDiagonal(const AffineValue &value);
  Value renameColumn(Value weight, StringAttr from);
  void define(Value rest);

  RecurrenceOp recurrence;
  Block &form;
  const StateGroups::Group &group;
  StateOp state;
  OpBuilder builder;
  SetOp set;
  SmallVector<StringAttr> labels;
  /// The matrix so far, its axis, and the label of its columns.
  Value matrix;
  int64_t axis = -1;
  StringAttr column;
};
} // namespace

/// `weight` with the label of this matrix's columns instead of `from`.
Value DenseStep::renameColumn(Value weight, StringAttr from) {
  auto type = weight ? cast<ValueType>(weight.getType()) : ValueType();
  if (!weight || from == column || type.getPosition(from) < 0)
    return weight;
  SmallVector<StringAttr> renamed(type.getLabels());
  SmallVector<Attribute> names(renamed.begin(), renamed.end());
  renamed[type.getPosition(from)] = column;
  Location loc = weight.getLoc();
  Value array = PackOp::create(
      builder, loc,
      ArrayType::get(builder.getContext(), type.getExtents(), type.getKind()),
      weight, builder.getArrayAttr(names));
  return ReadOp::create(
      builder, loc,
      ValueType::get(builder.getContext(), renamed, type.getExtents(),
                     type.getKind()),
      array, ValueRange(),
      AffineMapAttr::get(builder.getMultiDimIdentityMap(renamed.size())));
}

/// coefficient * sum[m] weight * h[.., m, ..]
bool DenseStep::addContraction(ReduceOp sum, Value coefficient) {
  Value read = sum.getOperand();
  Value weight;
  auto readsState = [&](Value value) {
    auto op = value.getDefiningOp<ReadOp>();
    auto get = op ? op.getSource().getDefiningOp<GetOp>() : GetOp();
    return get && get.getField() == state.getSymName();
  };
  if (auto product = read.getDefiningOp<BinaryOp>()) {
    std::tie(weight, read) = std::pair(product.getLhs(), product.getRhs());
    if (!readsState(read))
      std::swap(weight, read);
  }
  auto label = cast<StringAttr>(sum.getLabels()[0]);
  std::optional<int64_t> mixed;
  if (readsState(read) && sum.getLabels().size() == 1)
    mixed = findMixedAxis(read.getDefiningOp<ReadOp>(), labels, label);
  if (!mixed || (axis >= 0 && axis != *mixed))
    return false;
  axis = *mixed;
  if (!column)
    column = label;
  Arithmetic arithmetic(builder, sum.getLoc());
  Value part = arithmetic.multiply(renameColumn(weight, label), coefficient);
  if (!part)
    part = arithmetic.number(1);
  matrix = arithmetic.add(matrix, part);
  return true;
}

/// The old state times a number for each position: the matrix's diagonal.
bool DenseStep::addDiagonal(const AffineValue &value) {
  for (const StateTerm &term : value.terms) {
    if (term.labels != labels)
      return false;
    Arithmetic arithmetic(builder, set.getLoc());
    Attribute extent = FieldOp(state).getType().getExtents()[axis];
    auto indexOf = [&](StringAttr label) -> Value {
      return IndexOp::create(
          builder, set.getLoc(),
          ValueType::get(builder.getContext(), label, extent, Kind::Real));
    };
    Value onDiagonal = BinaryOp::create(builder, set.getLoc(), BinaryKind::Eq,
                                        indexOf(labels[axis]), indexOf(column));
    Value one = term.coefficient ? term.coefficient : arithmetic.number(1);
    matrix = arithmetic.add(matrix, arithmetic.select(onDiagonal, one, {}));
  }
  return true;
}

/// set @h, sum[m] matrix * h[.., m, ..] + rest
void DenseStep::define(Value rest) {
  Location loc = set.getLoc();
  PositionalType type = FieldOp(state).getType();
  Value array = GetOp::create(builder, loc, type, state.getSymName());
  SmallVector<StringAttr> columns = labels;
  columns[axis] = column;
  Value read = ReadOp::create(
      builder, loc,
      ValueType::get(builder.getContext(), columns, type.getExtents(),
                     type.getKind()),
      array, ValueRange(),
      AffineMapAttr::get(builder.getMultiDimIdentityMap(columns.size())));
  Value product = BinaryOp::create(builder, loc, BinaryKind::Mul, matrix, read);
  Value sum = ReduceOp::create(builder, loc, ReduceKind::Sum, product,
                               builder.getArrayAttr(column));
  Value next = Arithmetic(builder, loc).add(sum, rest);
  // Whoever reads the new state elsewhere in the step reads this one.
  Value old = set.getValue();
  bool sameLabels = old.getType() == next.getType();
  set.getValueMutable().assign(next);
  if (sameLabels)
    old.replaceUsesWithIf(next, [&](OpOperand &use) {
      return use.getOwner()->getBlock() == next.getParentBlock() &&
             next.getDefiningOp()->isBeforeInBlock(use.getOwner());
    });
}

bool DenseStep::run(std::string &reason) {
  AffineStep step(recurrence, form, group, AffineStep::Scope::Definitions);
  if (!step.run())
    return false;
  StateGroups groups(recurrence, form);
  set = cast<SetOp>(groups.getDefinition(state));
  labels = llvm::to_vector(set.getLabels().getAsRange<StringAttr>());
  AffineValue value = step.getValue(set.getValue());
  // Where the first one reads the new state.
  Operation *first = set;
  for (Operation *user : set.getValue().getUsers())
    if (user->isBeforeInBlock(first))
      first = user;
  builder.setInsertionPoint(first);
  std::optional<PseudoValue> sums;
  if (value.offset)
    sums = expandPseudoValue(builder, value.offset, groups, group);
  if (!sums || sums->terms.empty())
    return false;
  for (auto [sum, coefficient] : sums->terms)
    if (!addContraction(sum.getDefiningOp<ReduceOp>(), coefficient))
      return false;
  if (!addDiagonal(value))
    return false;
  if (!isTimeInvariant(matrix)) {
    reason = ("the step mixes the axes of state " + state.getSymName() +
              " densely, by a matrix that differs from step to step")
                 .str();
    return false;
  }
  define(sums->offset);
  return true;
}

bool lrc::makeDense(RecurrenceOp recurrence, Block &form,
                    const StateGroups::Group &group, std::string &reason) {
  return group.size() == 1 && DenseStep(recurrence, form, group).run(reason);
}
