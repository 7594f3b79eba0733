//===- ChunkEquations.cpp - What a chunk computes, derived ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/ChunkEquations.h"

#include "lib/Analysis/Ranges.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

ChunkEquations::ChunkEquations(RecurrenceOp recurrence, FormOp form,
                               Block &written)
    : recurrence(recurrence), block(form.getBody().front()),
      groups(recurrence, block), notation(Style::Latex, recurrence, block),
      fresh(recurrence) {
  earlier = notation.makeLabel("s");
  between = fresh.make("tau") == "tau" ? "\\tau" : "\\ell";
  collect();
  nameNextStates(notation, block);
  nameParts(written);
}

//===----------------------------------------------------------------------===//
// What the form has
//===----------------------------------------------------------------------===//

static std::string joinParts(ArrayRef<std::string> parts, StringRef separator) {
  std::string text;
  for (const std::string &part : parts)
    if (!part.empty())
      text += (text.empty() ? "" : separator.str()) + part;
  return text;
}

/// name_{indices}^{(above)}
static std::string symbol(StringRef name, StringRef above,
                          ArrayRef<std::string> indices) {
  std::string text = Notation::toLatex(name);
  if (!indices.empty())
    text += "_{" + joinParts(indices, ",") + "}";
  return above.empty() ? text : text + "^{(" + above.str() + ")}";
}

void ChunkEquations::collect() {
  for (EvolveOp op : block.getOps<EvolveOp>()) {
    State &state = states.emplace_back();
    state.op = op;
    state.name = op.getField().str();
    for (auto label : op.getLabels().getAsRange<StringAttr>()) {
      bool isKey = llvm::is_contained(op.getKeys(), Attribute(label));
      state.labels.push_back(label.str());
      (isKey ? state.keys : state.others).push_back(label.str());
    }
    auto labelsOf = [](Value value) -> std::optional<Strings> {
      if (!value)
        return std::nullopt;
      Strings labels;
      for (StringAttr label : cast<ValueType>(value.getType()).getLabels())
        labels.push_back(label.str());
      return labels;
    };
    state.decay = labelsOf(op.getDecay());
    state.valueDecay = labelsOf(op.getValueDecay());
  }
  auto find = [&](StringRef name) -> State * {
    for (State &state : states)
      if (state.name == name)
        return &state;
    return nullptr;
  };
  for (State &state : states)
    if (EvolveOp op = state.op; op.getCoupled())
      for (auto name : op.getCoupled()->getAsRange<FlatSymbolRefAttr>()) {
        state.coupled = true;
        if (State *other = find(name.getValue()))
          other->coupled = true;
      }
  SmallVector<Value> roots;
  for (Operation &op : block)
    if (isa<SetOp, EvolveOp>(op))
      llvm::append_range(roots, op.getOperands());
  for (ReduceOp sum : findStateSums(block, roots)) {
    StateSum match = *matchStateSum(sum.getResult());
    auto get = match.read.getSource().getDefiningOp<GetOp>();
    State *state = find(get.getField());
    if (!state)
      continue;
    Read &read = reads.emplace_back();
    read.sum = sum;
    read.state = state;
    read.weight = match.weight;
    for (auto [axis, expr] : llvm::enumerate(match.read.getMap().getResults()))
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        read.renames
            [match.read.getType().getLabels()[dim.getPosition()].getValue()] =
            state->labels[axis];
  }
  OpBuilder builder(recurrence.getContext());
  for (State &state : states) {
    EvolveOp op = state.op;
    for (auto [factor, write] :
         llvm::zip_equal(op.getFactors(), op.getWrites())) {
      Write &entry = writes.emplace_back();
      entry.state = &state;
      entry.factor = factor;
      entry.write = write;
    }
  }
  for (Write &write : writes)
    for (const StateGroups::Group &group : groups.getGroups())
      if (groups.dependsOn(write.write, group) &&
          llvm::any_of(group, [&](StateOp state) {
            return state.getSymName() == write.state->name;
          })) {
        builder.setInsertionPoint(write.state->op);
        write.pseudo = expandPseudoValue(builder, write.write, groups, group);
      }
  auto number = [](auto &list) {
    if (list.size() > 1)
      for (auto [index, entry] : llvm::enumerate(list))
        entry.number = std::to_string(index + 1);
  };
  number(reads);
  number(writes);
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// What needs no name: an input as it is, a number.
bool ChunkEquations::isPlain(Value value) {
  return notation.hasName(value) ||
         isa<ReadOp, ConstantOp>(value.getDefiningOp());
}

std::string ChunkEquations::nameOf(Value value, StringRef like,
                                   StringRef number) {
  if (!isPlain(value)) {
    notation.setName(value, like, number);
    parts.push_back(value);
  }
  return notation.printName(value);
}

void ChunkEquations::nameParts(Block &written) {
  SmallVector<Value> roots;
  for (Operation &op : block)
    if (isa<SetOp, EvolveOp>(op))
      llvm::append_range(roots, op.getOperands());
  parts = nameStateless(notation, block, roots, written);
  std::string alpha = fresh.make("alpha"), gamma = fresh.make("gamma"),
              u = fresh.make("u"), w = fresh.make("w"), r = fresh.make("r"),
              x = fresh.make("x");
  for (auto [index, state] : llvm::enumerate(states)) {
    EvolveOp op = state.op;
    std::string number =
        states.size() > 1 ? std::to_string(index + 1) : std::string();
    if (op.getDecay())
      nameOf(op.getDecay(), alpha, number);
    if (op.getValueDecay())
      nameOf(op.getValueDecay(), gamma, number);
  }
  for (Write &write : writes)
    nameOf(write.factor, u, write.number);
  for (Read &read : reads) {
    if (read.weight)
      nameOf(read.weight, w, read.number);
    nameOf(read.sum.getResult(), r, read.number);
  }
  for (Write &write : writes)
    nameOf(write.write, x, write.number);
  decayName = fresh.make("A");
  valueDecayName = fresh.make("B");
  matrixName = fresh.make("M");
  coupledName = fresh.make("E");
  // Definitions in the order of the form.
  std::vector<Value> sorted;
  for (Operation &op : block)
    for (Value result : op.getResults())
      if (llvm::is_contained(parts, result))
        sorted.push_back(result);
  parts = sorted;
}

//===----------------------------------------------------------------------===//
// The normal form
//===----------------------------------------------------------------------===//

static std::string times(std::initializer_list<std::string> factors) {
  SmallVector<std::string> list;
  for (const std::string &factor : factors)
    if (factor != "1")
      list.push_back(factor);
  std::string text = joinParts(list, "\\, ");
  return text.empty() ? "1" : text;
}

std::string ChunkEquations::stateAt(const State &state, StringRef row) const {
  Strings indices{row.str()};
  llvm::append_range(indices, state.labels);
  return symbol(state.name, "", indices);
}

std::string ChunkEquations::writeAt(const Write &write, StringRef row) {
  return notation.printFactor(write.write, row);
}

void ChunkEquations::addNormalForm(Document &document) {
  document.section("Normal form");
  std::vector<Equation> list;
  for (const State &state : states) {
    EvolveOp op = state.op;
    Strings terms;
    std::string decay =
        op.getDecay() ? notation.printFactor(op.getDecay()) : "1";
    if (decay != "0")
      terms.push_back(times(
          {decay,
           op.getValueDecay() ? notation.printFactor(op.getValueDecay()) : "1",
           stateAt(state, "t-1")}));
    if (op.getCoupled())
      for (auto [name, coupling] :
           llvm::zip_equal(op.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                           op.getCouplings()))
        for (const State &other : states)
          if (other.name == name.getValue())
            terms.push_back(
                times({notation.printFactor(coupling), stateAt(other, "t-1")}));
    for (Write &write : writes)
      if (write.state == &state)
        terms.push_back(
            times({notation.printFactor(write.factor), writeAt(write, "t")}));
    list.push_back({stateAt(state, "t"), joinParts(terms, " + ")});
  }
  document.equations(list);
  list.clear();
  for (Value part : parts) {
    std::string left = notation.printName(part);
    Notation::Unnamed unnamed(notation, part);
    list.push_back({left, notation.print(part)});
  }
  if (!list.empty())
    document.paragraph("with");
  document.equations(list);
}

//===----------------------------------------------------------------------===//
// Decays
//===----------------------------------------------------------------------===//

std::string ChunkEquations::cumulative(StringRef name, const State &state,
                                       ArrayRef<std::string> rows,
                                       ArrayRef<std::string> labels) const {
  Strings indices(rows);
  llvm::append_range(indices, labels);
  bool several = llvm::count_if(states, [](const State &other) {
                   return other.decay || other.valueDecay;
                 }) > 1;
  return symbol(name, several ? Notation::toLatex(state.name) : "", indices);
}

/// What a number written into `from` at rows[1], or there at the start, is
/// worth in `to` before rows[0].
std::string ChunkEquations::keyDecay(const State &to, const State &from,
                                     ArrayRef<std::string> rows) const {
  if (to.coupled)
    return symbol(coupledName,
                  Notation::toLatex(to.name) + Notation::toLatex(from.name),
                  rows);
  return to.decay ? cumulative(decayName, to, rows, *to.decay) : "1";
}

std::string ChunkEquations::valueDecay(const State &state,
                                       ArrayRef<std::string> rows) const {
  return state.valueDecay
             ? cumulative(valueDecayName, state, rows, *state.valueDecay)
             : "1";
}

void ChunkEquations::addDecays(Document &document) {
  std::vector<Equation> list;
  std::string s = earlier;
  for (const State &state : states) {
    EvolveOp op = state.op;
    auto add = [&](StringRef name, Value decay, const Strings &labels) {
      list.push_back({cumulative(name, state, {"t"}, labels),
                      "\\prod_{1 \\le " + between + " < t} " +
                          notation.printFactor(decay, between)});
      list.push_back({cumulative(name, state, {"t", s}, labels),
                      "\\prod_{" + s + " < " + between + " < t} " +
                          notation.printFactor(decay, between)});
    };
    if (state.decay && !state.coupled)
      add(decayName, op.getDecay(), *state.decay);
    if (state.valueDecay)
      add(valueDecayName, op.getValueDecay(), *state.valueDecay);
  }
  if (!list.empty())
    document.paragraph("Products of the decays before row $t$, and strictly "
                       "between the rows $" +
                       s + "$ and $t$:");
  document.equations(list);
  list.clear();
  // Coupled states have a matrix of numbers for a decay.
  for (const State &to : states)
    for (const State &from : states) {
      if (!to.coupled || !from.coupled)
        continue;
      EvolveOp op = to.op;
      Strings terms;
      auto add = [&](const std::string &coefficient, const State &middle) {
        if (coefficient != "0")
          terms.push_back(
              times({coefficient, keyDecay(middle, from, {"t", s})}));
      };
      add(op.getDecay() ? notation.printFactor(op.getDecay()) : "1", to);
      if (op.getCoupled())
        for (auto [name, coupling] :
             llvm::zip_equal(op.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                             op.getCouplings()))
          for (const State &middle : states)
            if (middle.name == name.getValue())
              add(notation.printFactor(coupling), middle);
      list.push_back({keyDecay(to, from, {"t+1", s}), joinParts(terms, " + "),
                      keyDecay(to, from, {s + "+1", s}) + " = " +
                          (&to == &from ? "1" : "0")});
    }
  if (!list.empty())
    document.paragraph("What a number written at row $" + s +
                       "$ is worth before row $t$; $" + s +
                       " = 0$ is the start of the chunk:");
  document.equations(list);
}

//===----------------------------------------------------------------------===//
// Matrices and reads
//===----------------------------------------------------------------------===//

std::string ChunkEquations::sumOver(ArrayRef<std::string> labels) const {
  return labels.empty() ? "" : "\\sum_{" + joinParts(labels, ",") + "} ";
}

bool ChunkEquations::meet(const Read &read, const Write &write) const {
  return read.state == write.state ||
         (read.state->coupled && write.state->coupled);
}

std::string ChunkEquations::matrix(const Read &read, const Write &write) const {
  SmallVector<std::string> numbers{read.number, write.number};
  return symbol(matrixName, joinParts(numbers, ","), {"t", earlier});
}

void ChunkEquations::addMatrices(Document &document) {
  std::vector<Equation> list;
  for (const Read &read : reads)
    for (const Write &write : writes) {
      if (!meet(read, write))
        continue;
      std::string weight =
          read.weight ? notation.printFactor(read.weight, "t", read.renames)
                      : "1";
      list.push_back(
          {matrix(read, write),
           sumOver(read.state->keys) +
               times({weight,
                      keyDecay(*read.state, *write.state, {"t", earlier}),
                      notation.printFactor(write.factor, earlier)}),
           earlier + " < t"});
    }
  if (list.empty())
    return;
  document.paragraph("The score of row $" + earlier + "$ in row $t$, 0 for $" +
                     earlier + " \\ge t$:");
  document.equations(list);
}

/// The part of a read that the state at the start of the chunk decides.
std::string ChunkEquations::readStart(const Read &read) {
  std::string weight =
      read.weight ? notation.printFactor(read.weight, "t", read.renames) : "1";
  Strings terms;
  for (const State &from : states) {
    bool counts = &from == read.state || (read.state->coupled && from.coupled);
    if (!counts)
      continue;
    Strings rows{"t"};
    if (read.state->coupled)
      rows.push_back("0");
    terms.push_back(times({valueDecay(*read.state, {"t"}),
                           sumOver(read.state->keys) +
                               times({weight, keyDecay(*read.state, from, rows),
                                      stateAt(from, "0")})}));
  }
  return joinParts(terms, " + ");
}

std::string ChunkEquations::readRows(const Read &read, bool withStart) {
  Strings terms;
  if (withStart)
    terms.push_back(readStart(read));
  for (const Write &write : writes)
    if (meet(read, write))
      terms.push_back(
          "\\sum_{" + earlier + " < t} " +
          times({matrix(read, write), valueDecay(*read.state, {"t", earlier}),
                 writeAt(write, earlier)}));
  return joinParts(terms, " + ");
}

//===----------------------------------------------------------------------===//
// The system, and the results
//===----------------------------------------------------------------------===//

/// x = sum of known parts + gamma (start + M x).
void ChunkEquations::addSystem(Document &document) {
  std::vector<Equation> list;
  llvm::DenseSet<Value> solved;
  for (Write &write : writes) {
    // Coupled states may be written the same.
    if (!write.pseudo || !solved.insert(write.write).second)
      continue;
    std::string leftText = writeAt(write, "t"), rightText;
    if (write.pseudo->offset)
      rightText = notation.print(write.pseudo->offset);
    for (auto [contraction, coefficient] : write.pseudo->terms) {
      auto read = llvm::find_if(reads, [&, value = contraction](Read &one) {
        return one.sum.getResult() == value;
      });
      if (read == reads.end())
        continue;
      Product product;
      if (coefficient)
        flattenProduct(coefficient, product.factors, product.number);
      double sign = 1;
      std::string gamma = notation.print(product, sign);
      for (const Write &other : writes)
        if (meet(*read, other))
          leftText += std::string(sign < 0 ? " + " : " - ") + "\\sum_{" +
                      earlier + " < t} " +
                      times({gamma, matrix(*read, other),
                             valueDecay(*read->state, {"t", earlier}),
                             writeAt(other, earlier)});
      std::string start = times({gamma, readStart(*read)});
      rightText += rightText.empty() ? (sign < 0 ? "-" : "")
                                     : (sign < 0 ? " - " : " + ");
      rightText += start;
    }
    list.push_back({leftText, rightText.empty() ? "0" : rightText});
  }
  if (list.empty())
    return;
  document.paragraph(
      "What is written depends on what is read. Put together, the rows of a "
      "chunk are a unit lower triangular system, which forward substitution "
      "solves:");
  document.equations(list);
}

void ChunkEquations::addResults(Document &document) {
  std::vector<Equation> list;
  for (Read &read : reads) {
    std::string left = notation.print(read.sum.getResult(), "t", read.renames);
    list.push_back({left, readRows(read, true)});
  }
  if (!list.empty())
    document.paragraph("All rows of what is read:");
  document.equations(list);
  list.clear();
  for (SetOp set : block.getOps<SetOp>()) {
    if (!isa<OutOp>(recurrence.lookupSymbol(set.getField())))
      continue;
    Strings labels;
    for (auto label : set.getLabels().getAsRange<StringAttr>())
      labels.push_back(label.str());
    list.push_back({notation.printField(set.getField(), labels, true),
                    notation.print(set.getValue())});
  }
  if (!list.empty())
    document.paragraph("The outputs:");
  document.equations(list);
  list.clear();
  std::string end = "C+1";
  for (const State &state : states) {
    Strings terms;
    for (const State &from : states) {
      bool counts = &from == &state || (state.coupled && from.coupled);
      if (!counts)
        continue;
      Strings rows{end};
      if (state.coupled)
        rows.push_back("0");
      EvolveOp op = state.op;
      if (op.getDecay() && !state.coupled &&
          notation.printFactor(op.getDecay()) == "0")
        continue;
      terms.push_back(times({keyDecay(state, from, rows),
                             valueDecay(state, {end}), stateAt(from, "0")}));
    }
    for (const Write &write : writes) {
      bool counts =
          write.state == &state || (state.coupled && write.state->coupled);
      if (counts)
        terms.push_back("\\sum_{" + earlier + "=1}^{C} " +
                        times({keyDecay(state, *write.state, {end, earlier}),
                               notation.printFactor(write.factor, earlier),
                               valueDecay(state, {end, earlier}),
                               writeAt(write, earlier)}));
    }
    list.push_back({stateAt(state, "C"), joinParts(terms, " + ")});
  }
  document.paragraph("The state that the next chunk starts from:");
  document.equations(list);
}

void ChunkEquations::addChunk(Document &document) {
  std::string names;
  for (const State &state : states)
    names +=
        (names.empty() ? "$" : ", $") + Notation::toLatex(state.name) + "_0$";
  document.section("A chunk of steps");
  document.paragraph(
      "Let the chunk have the steps $t = 1, \\dots, C$ and start "
      "from " +
      names + ".");
  addDecays(document);
  addMatrices(document);
  addSystem(document);
  addResults(document);
}
