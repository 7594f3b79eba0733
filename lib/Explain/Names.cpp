//===- Names.cpp - Names for the parts of a step --------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Names.h"

#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

static llvm::DenseSet<Operation *> findNeeded(ArrayRef<Value> roots) {
  llvm::DenseSet<Operation *> needed;
  SmallVector<Value> worklist(roots);
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (op && needed.insert(op).second)
      llvm::append_range(worklist, op->getOperands());
  }
  return needed;
}

void lrc::nameNextStates(Notation &notation, Block &phase) {
  auto recurrence = phase.getParentOp()->getParentOfType<RecurrenceOp>();
  for (SetOp set : phase.getOps<SetOp>()) {
    Value value = set.getValue();
    bool isState = isa<StateOp>(recurrence.lookupSymbol(set.getField()));
    size_t rank = cast<ValueType>(value.getType()).getLabels().size();
    if (!isState || notation.hasName(value) || set.getLabels().size() != rank ||
        isa<ReadOp, ConstantOp>(value.getDefiningOp()))
      continue;
    bool text = notation.getStyle() == Style::Text;
    notation.setName(value, (set.getField() + (text ? "'" : "")).str(),
                     set.getLabels());
  }
}

std::vector<Value> lrc::nameAsWritten(Notation &notation, Block &phase,
                                      ArrayRef<Value> roots) {
  llvm::DenseSet<Operation *> needed = findNeeded(roots);
  llvm::StringMap<unsigned> counts, seen;
  std::vector<Value> named;
  for (Operation &op : phase) {
    if (!needed.contains(&op) || op.getNumResults() != 1 ||
        isa<ReadOp, ConstantOp>(op) ||
        !isa<ValueType>(op.getResult(0).getType()))
      continue;
    StringRef name = findSourceName(op.getResult(0));
    // What defines a state is printed as that.
    if (name.empty() || llvm::is_contained(roots, op.getResult(0)))
      continue;
    ++counts[name];
    named.push_back(op.getResult(0));
  }
  for (Value value : named) {
    StringRef name = findSourceName(value);
    bool isState =
        llvm::any_of(phase.getParentOp()
                         ->getParentOfType<RecurrenceOp>()
                         .getBody()
                         .getOps<StateOp>(),
                     [&](StateOp state) { return state.getSymName() == name; });
    if (counts[name] == 1 && !isState) {
      notation.setName(value, name);
      continue;
    }
    std::string number = std::to_string(++seen[name]);
    bool text = notation.getStyle() == Style::Text;
    notation.setName(value, text ? (name + "." + number).str() : name.str(),
                     text ? "" : number);
  }
  return named;
}

/// Named values on which none of `states` has a part.
static std::vector<Value>
findStateless(Block &phase, const llvm::DenseSet<Operation *> &needed,
              const llvm::StringSet<> &states) {
  llvm::DenseSet<Operation *> stateful;
  std::vector<Value> found;
  for (Operation &op : phase) {
    auto get = dyn_cast<GetOp>(op);
    bool isState = get && states.contains(get.getField());
    bool depends = llvm::any_of(op.getOperands(), [&](Value operand) {
      return stateful.contains(operand.getDefiningOp());
    });
    if (isState || depends)
      stateful.insert(&op);
    else if (needed.contains(&op) && op.getNumResults() == 1 &&
             !isa<ReadOp, ConstantOp>(op) &&
             isa<ValueType>(op.getResult(0).getType()) &&
             !findSourceName(op.getResult(0)).empty())
      found.push_back(op.getResult(0));
  }
  return found;
}

std::vector<Value> lrc::nameStateless(Notation &notation, Block &form,
                                      ArrayRef<Value> roots, Block &written) {
  auto recurrence = written.getParentOp()->getParentOfType<RecurrenceOp>();
  Notation plain(notation.getStyle(), recurrence, written);
  llvm::DenseSet<Operation *> all;
  for (Operation &op : written)
    all.insert(&op);
  // Only what reads these was rewritten.
  llvm::StringSet<> states;
  for (EvolveOp evolve : form.getOps<EvolveOp>())
    states.insert(evolve.getField());
  // Names that mean two things mean none.
  llvm::StringMap<std::string> meanings;
  for (Value value : findStateless(written, all, states)) {
    auto [it, isNew] =
        meanings.try_emplace(findSourceName(value), plain.print(value));
    if (!isNew)
      it->second = "";
  }
  std::vector<Value> found = findStateless(form, findNeeded(roots), states);
  std::vector<std::string> texts;
  for (Value value : found)
    texts.push_back(plain.print(value));
  std::vector<Value> named;
  for (auto [value, text] : llvm::zip_equal(found, texts)) {
    StringRef name = findSourceName(value);
    auto meaning = meanings.find(name);
    if (meaning == meanings.end() || meaning->second != text ||
        notation.hasName(value))
      continue;
    notation.setName(value, name);
    named.push_back(value);
  }
  return named;
}

FreshNames::FreshNames(RecurrenceOp recurrence) {
  for (Operation &op : recurrence.getBody().getOps())
    if (FieldOp::classof(&op))
      taken.insert(FieldOp(&op).getName());
}

std::string FreshNames::make(StringRef like) {
  std::string name = like.str();
  while (!taken.insert(name).second)
    name += "'";
  return name;
}

std::optional<StateSum> lrc::matchStateSum(Value value) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getFn() != ReduceKind::Sum)
    return std::nullopt;
  auto readOf = [](Value operand) {
    auto read = operand.getDefiningOp<ReadOp>();
    auto get = read ? read.getSource().getDefiningOp<GetOp>() : GetOp();
    return get && isa<StateType>(get.getType()) ? read : ReadOp();
  };
  if (ReadOp read = readOf(reduce.getOperand()))
    return StateSum{{}, read};
  auto product = reduce.getOperand().getDefiningOp<BinaryOp>();
  if (!product || product.getFn() != BinaryKind::Mul)
    return std::nullopt;
  if (ReadOp read = readOf(product.getRhs()))
    return StateSum{product.getLhs(), read};
  if (ReadOp read = readOf(product.getLhs()))
    return StateSum{product.getRhs(), read};
  return std::nullopt;
}

std::vector<ReduceOp> lrc::findStateSums(Block &phase, ArrayRef<Value> roots) {
  llvm::DenseSet<Operation *> needed = findNeeded(roots);
  std::vector<ReduceOp> sums;
  for (ReduceOp reduce : phase.getOps<ReduceOp>())
    if (needed.contains(reduce) && matchStateSum(reduce.getResult()))
      sums.push_back(reduce);
  return sums;
}
