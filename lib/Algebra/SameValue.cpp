//===- SameValue.cpp - Equality up to names of index variables ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/SameValue.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Beyond this, expressions are taken for different ones.
static constexpr unsigned maxDepth = 500;

bool SameValue::pair(StringAttr a, StringAttr b) {
  StringAttr &there = names[a];
  StringAttr &back = inverse[b];
  if (!there && !back) {
    there = b;
    back = a;
  }
  return there == b && back == a;
}

/// The labels of values that are computed in the same way stand in the same
/// order.
bool SameValue::pairLabels(Value a, Value b) {
  auto first = dyn_cast<ValueType>(a.getType());
  auto second = dyn_cast<ValueType>(b.getType());
  if (!first || !second)
    return a.getType() == b.getType();
  if (first.getExtents() != second.getExtents() ||
      first.getKind() != second.getKind())
    return false;
  return llvm::all_of(llvm::zip_equal(first.getLabels(), second.getLabels()),
                      [&](auto labels) {
                        return pair(std::get<0>(labels), std::get<1>(labels));
                      });
}

/// Attributes that name labels are the same when those are paired.
bool SameValue::haveSameAttributes(Operation *a, Operation *b) {
  auto labelsOf = [](Operation *op) -> ArrayAttr {
    if (auto reduce = dyn_cast<ReduceOp>(op))
      return reduce.getLabels();
    if (auto pack = dyn_cast<PackOp>(op))
      return pack.getLabels();
    return {};
  };
  ArrayAttr first = labelsOf(a);
  ArrayAttr second = labelsOf(b);
  if (!first)
    return a->getAttrDictionary() == b->getAttrDictionary();
  if (auto reduce = dyn_cast<ReduceOp>(a))
    if (reduce.getFn() != cast<ReduceOp>(b).getFn())
      return false;
  return first.size() == second.size() &&
         llvm::all_of(llvm::zip_equal(first.getAsRange<StringAttr>(),
                                      second.getAsRange<StringAttr>()),
                      [&](auto labels) {
                        return pair(std::get<0>(labels), std::get<1>(labels));
                      });
}

/// What was packed under other labels is the packed value under new names.
bool SameValue::isSameRelabelled(const Relabelling &a, Value b, bool swapped) {
  PackOp pack = a.pack;
  SameValue inner;
  if (swapped ? !inner.isSame(b, pack.getValue())
              : !inner.isSame(pack.getValue(), b))
    return false;
  auto type = cast<ValueType>(pack.getValue().getType());
  return llvm::all_of(type.getLabels(), [&](StringAttr label) {
    StringAttr outer = a.rename(label);
    if (!outer)
      return false;
    return swapped ? pair(inner.inverse.lookup(label), outer)
                   : pair(outer, inner.names.lookup(label));
  });
}

bool SameValue::isSame(Value a, Value b) {
  if (a != b && depth < maxDepth) {
    auto isPacked = [](Value value) { return Relabelling::match(value); };
    ++depth;
    std::optional<Relabelling> first = isPacked(a);
    std::optional<Relabelling> second = first ? std::nullopt : isPacked(b);
    bool same = (first && isSameRelabelled(*first, b, false)) ||
                (second && isSameRelabelled(*second, a, true));
    --depth;
    if (same || first || second)
      return same;
  }
  if (!pairLabels(a, b))
    return false;
  Operation *first = a.getDefiningOp();
  Operation *second = b.getDefiningOp();
  if (!first || !second || first->getName() != second->getName() ||
      first->getNumOperands() != second->getNumOperands())
    return a == b;
  if (!proven.insert({a, b}).second)
    return true;
  if (depth >= maxDepth)
    return false;
  ++depth;
  bool same = haveSameAttributes(first, second);
  for (auto [x, y] :
       llvm::zip_equal(first->getOperands(), second->getOperands()))
    same = same && isSame(x, y);
  --depth;
  return same;
}
