//===- Tropical.cpp - States that are affine over a semiring --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Tropical.h"

#include "lib/Analysis/Pointwise.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
/// Finds, for each value, by how much the state is shifted in it.
class Finder {
public:
  Finder(OpBuilder &builder, const StateGroups &groups,
         const StateGroups::Group &group, BinaryKind combine)
      : builder(builder), groups(groups), group(group), combine(combine) {}

  /// Whether `value` is (S + shift) # offset; a null shift is 0.
  bool run(Value value, Value &shift) {
    Operation *op = value.getDefiningOp();
    Arithmetic arithmetic(builder, op->getLoc());
    if (auto read = dyn_cast<ReadOp>(op)) {
      if (auto pack = read.getSource().getDefiningOp<PackOp>())
        return run(pack.getValue(), shift);
      shift = {};
      return true;
    }
    auto binary = dyn_cast<BinaryOp>(op);
    if (!binary)
      return false;
    bool left = groups.dependsOn(binary.getLhs(), group);
    bool right = groups.dependsOn(binary.getRhs(), group);
    if (left && right)
      return false;
    Value dependent = left ? binary.getLhs() : binary.getRhs();
    Value known = left ? binary.getRhs() : binary.getLhs();
    if (!run(dependent, shift))
      return false;
    // (S + a) # b + c = (S + a + c) # (b + c)
    if (binary.getFn() == BinaryKind::Add)
      shift = arithmetic.add(shift, known);
    else if (binary.getFn() == BinaryKind::Sub && left)
      shift = arithmetic.add(shift, arithmetic.negate(known));
    else
      return binary.getFn() == combine;
    return true;
  }

private:
  OpBuilder &builder;
  const StateGroups &groups;
  const StateGroups::Group &group;
  BinaryKind combine;
};
} // namespace

std::optional<TropicalStep>
lrc::findTropicalStep(OpBuilder &builder, const StateGroups &groups,
                      const StateGroups::Group &group) {
  if (group.size() != 1 || !isPointwise(groups, group))
    return std::nullopt;
  Value value = cast<SetOp>(groups.getDefinition(group.front())).getValue();
  if (!groups.dependsOn(value, group))
    return std::nullopt;
  for (BinaryKind combine :
       {BinaryKind::Max, BinaryKind::Min, BinaryKind::LogAddExp}) {
    TropicalStep step{combine, {}};
    if (Finder(builder, groups, group, combine).run(value, step.shift))
      return step;
  }
  return std::nullopt;
}
