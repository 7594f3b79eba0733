//===- StateGroups.cpp - Which states depend on which ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Analysis/StateGroups.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

StateGroups::StateGroups(RecurrenceOp recurrence, Block &phase)
    : recurrence(recurrence) {
  for (StateOp state : recurrence.getBody().getOps<StateOp>()) {
    numbers[state] = states.size();
    states.push_back(state);
  }
  findDependence(phase);
  order();
}

void StateGroups::findDependence(Block &phase) {
  for (Operation &op : phase) {
    llvm::BitVector bits(states.size());
    if (auto get = dyn_cast<GetOp>(op)) {
      auto it = numbers.find(recurrence.lookupSymbol(get.getField()));
      if (it != numbers.end())
        bits.set(it->second);
    }
    for (Value operand : op.getOperands())
      if (auto it = sources.find(operand); it != sources.end())
        bits |= it->second;
    for (Value result : op.getResults())
      sources[result] = bits;
    Operation *field = nullptr;
    if (auto set = dyn_cast<SetOp>(op))
      field = recurrence.lookupSymbol(set.getField());
    if (auto evolve = dyn_cast<EvolveOp>(op))
      field = recurrence.lookupSymbol(evolve.getField());
    if (isa_and_present<StateOp>(field))
      definitions[field] = &op;
  }
}

/// Transitive closure, then states by the number of states that they need:
/// whoever needs another group needs strictly more.
void StateGroups::order() {
  size_t count = states.size();
  std::vector<llvm::BitVector> needs(count, llvm::BitVector(count));
  for (auto [number, state] : llvm::enumerate(states)) {
    needs[number].set(number);
    for (Value operand : definitions.lookup(state)->getOperands())
      needs[number] |= sources.lookup(operand);
    auto evolve = dyn_cast<EvolveOp>(definitions.lookup(state));
    if (evolve && evolve.getCoupled())
      for (auto name : evolve.getCoupled()->getAsRange<FlatSymbolRefAttr>())
        needs[number].set(
            numbers.lookup(recurrence.lookupSymbol(name.getValue())));
  }
  for (size_t middle = 0; middle < count; ++middle)
    for (size_t from = 0; from < count; ++from)
      if (needs[from].test(middle))
        needs[from] |= needs[middle];
  auto sorted = llvm::to_vector(llvm::seq<unsigned>(0, count));
  llvm::sort(sorted, [&](unsigned a, unsigned b) {
    return std::pair(needs[a].count(), a) < std::pair(needs[b].count(), b);
  });
  llvm::BitVector placed(count);
  for (unsigned number : sorted) {
    if (placed.test(number))
      continue;
    Group &group = groups.emplace_back();
    for (unsigned other : sorted)
      if (needs[number].test(other) && needs[other].test(number)) {
        group.push_back(states[other]);
        placed.set(other);
      }
  }
}

bool StateGroups::dependsOn(Value value, const Group &group) const {
  auto it = sources.find(value);
  if (it == sources.end())
    return value.getDefiningOp() &&
           llvm::any_of(value.getDefiningOp()->getOperands(),
                        [&](Value operand) {
                          return dependsOn(operand, group);
                        });
  return llvm::any_of(group, [&](StateOp state) {
    return it->second.test(numbers.lookup(state));
  });
}
