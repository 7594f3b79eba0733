//===- Explain.cpp - The derived equations of a recurrence ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Explain.h"

#include "lib/Algebra/Classify.h"
#include "lib/Analysis/Pointwise.h"
#include "lib/Explain/ChunkEquations.h"
#include "lib/Transforms/Linearize.h"
#include "lib/Transforms/Tidy.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

/// "q_t \in \mathbb{R}^{K}"
static std::string spellMember(FieldOp field, bool varies) {
  std::string text = Notation::toLatex(field.getName());
  if (varies)
    text += "_t";
  text += " \\in \\mathbb{" +
          std::string(field.getType().getKind() == Kind::Complex ? "C" : "R") +
          "}";
  SmallVector<std::string> sizes;
  for (Attribute extent : field.getType().getExtents()) {
    std::string size = formatExtent(extent);
    sizes.push_back(isa<FlatSymbolRefAttr>(extent) ? Notation::toLatex(size)
                                                   : size);
  }
  return sizes.empty() ? text
                       : text + "^{" + llvm::join(sizes, " \\times ") + "}";
}

static void addSymbols(RecurrenceOp source, Document &document) {
  auto list = [&](auto tag, StringRef title, bool varies) {
    SmallVector<std::string> members;
    for (auto op : source.getBody().getOps<decltype(tag)>())
      members.push_back("$" + spellMember(FieldOp(op), varies) + "$");
    if (!members.empty())
      document.paragraph(
          (title + ": " + llvm::join(members, ", ") + ".").str());
  };
  list(InOp(), "Inputs of step $t$", true);
  list(ParamOp(), "Parameters, the same for all steps", false);
  list(StateOp(), "States", true);
  list(OutOp(), "Outputs", true);
}

//===----------------------------------------------------------------------===//
// The step
//===----------------------------------------------------------------------===//

static Equation spellSet(SetOp set, Notation &notation) {
  SmallVector<std::string> labels;
  for (auto label : set.getLabels().getAsRange<StringAttr>())
    labels.push_back(label.str());
  std::string left = notation.printField(set.getField(), labels, true);
  if (!notation.hasName(set.getValue()))
    return {left, notation.print(set.getValue())};
  // A state's own next value is not its definition.
  if (notation.printName(set.getValue()) != left)
    return {left, notation.print(set.getValue())};
  Notation::Unnamed unnamed(notation, set.getValue());
  return {left, notation.print(set.getValue())};
}

/// What the source wrote, in its order.
static void addStep(RecurrenceOp recurrence, Block &block, Document &document) {
  Notation notation(Style::Latex, recurrence, block);
  SmallVector<Value> roots;
  llvm::DenseMap<Value, SetOp> sets;
  SmallVector<SetOp> last;
  for (SetOp set : block.getOps<SetOp>()) {
    roots.push_back(set.getValue());
    bool isState = isa<StateOp>(recurrence.lookupSymbol(set.getField()));
    if (!isState || !sets.try_emplace(set.getValue(), set).second)
      last.push_back(set);
  }
  nameNextStates(notation, block);
  std::vector<Value> named = nameAsWritten(notation, block, roots);
  std::vector<Equation> list;
  for (Operation &op : block)
    for (Value value : op.getResults()) {
      if (SetOp set = sets.lookup(value)) {
        list.push_back(spellSet(set, notation));
      } else if (llvm::is_contained(named, value)) {
        std::string left = notation.printName(value);
        Notation::Unnamed unnamed(notation, value);
        list.push_back({left, notation.print(value)});
      }
    }
  for (SetOp set : last)
    list.push_back(spellSet(set, notation));
  document.section("The step");
  document.equations(list);
}

//===----------------------------------------------------------------------===//
// States that are scanned
//===----------------------------------------------------------------------===//

static std::string spellStates(const StateGroups::Group &group) {
  SmallVector<std::string> names;
  for (StateOp state : group)
    names.push_back("$" + Notation::toLatex(state.getSymName()) + "$");
  return llvm::join(names, ", ");
}

/// How the maps of a stage compose.
static void addComposition(const GroupClass &cls, Document &document) {
  if (cls.blocks.getSize() > 1) {
    document.paragraph("The states depend on each other, position by "
                       "position: the rows of a chunk are run in their order, "
                       "for all positions at once.");
    return;
  }
  OperatorClass single = cls.blocks.at(0, 0);
  auto say = [&](StringRef map, StringRef left, StringRef right) {
    document.paragraph(("The step takes its old value $h$ to $" + map +
                        "$, and two such maps are one:")
                           .str());
    document.equations({{left.str(), right.str()}});
  };
  switch (single.getRing()) {
  case Ring::Linear:
    if (single.getDiagonal() == Diagonal::Zero)
      return;
    return say("a\\, h + b", "(a_2, b_2) \\circ (a_1, b_1)",
               "(a_2 a_1,\\; a_2 b_1 + b_2)");
  case Ring::MaxPlus:
    return say("\\max(h + a, b)", "(a_2, b_2) \\circ (a_1, b_1)",
               "(a_2 + a_1,\\; \\max(b_1 + a_2, b_2))");
  case Ring::MinPlus:
    return say("\\min(h + a, b)", "(a_2, b_2) \\circ (a_1, b_1)",
               "(a_2 + a_1,\\; \\min(b_1 + a_2, b_2))");
  case Ring::LogPlus:
    return say("\\log(e^{h + a} + e^{b})", "(a_2, b_2) \\circ (a_1, b_1)",
               "(a_2 + a_1,\\; \\log(e^{b_1 + a_2} + e^{b_2}))");
  case Ring::Clamped:
    document.paragraph(
        "The step takes its old value $h$ to $\\max(l, \\min(m, "
        "a\\, h + b))$. Such maps are closed under composition.");
    return;
  case Ring::Nonlinear:
    document.paragraph("No two of its maps are one of the same kind: the rows "
                       "of a chunk are run in their order.");
    return;
  }
}

/// The stages of a chunk that are no products of tiles.
static void addScans(RecurrenceOp recurrence, Block &block,
                     ArrayRef<GroupForm> forms, Document &document) {
  StateGroups groups(recurrence, block);
  bool isFirst = true;
  for (auto [index, group] : llvm::enumerate(groups.getGroups())) {
    if (forms[index].kind == GroupKind::Affine)
      continue;
    if (isFirst)
      document.section("Scans along time");
    isFirst = false;
    if (forms[index].kind == GroupKind::Shift) {
      document.paragraph(spellStates(group) +
                         " is a register: it holds what was before, and a "
                         "chunk reads a window of its own rows and of the "
                         "register at its start.");
      continue;
    }
    if (forms[index].kind == GroupKind::Dense) {
      document.paragraph(
          spellStates(group) +
          " is multiplied with the same matrix $A$ by every step, "
          "$h_{t+1} = A h_t + w_t$. Two steps are one step with $A^2$, "
          "$h_{t+2} = A^2 h_t + (A w_t + w_{t+1})$, and so on: the rows of a "
          "chunk are taken together in pairs, by products with "
          "$A, A^2, A^4, \\ldots$");
      continue;
    }
    document.paragraph(spellStates(group) +
                       ": no position depends on another one of its own "
                       "state, so that all positions are scanned at once.");
    addComposition(classify(recurrence, block, groups, group), document);
  }
}

//===----------------------------------------------------------------------===//
// The document
//===----------------------------------------------------------------------===//

void lrc::explain(RecurrenceOp recurrence, RecurrenceOp source,
                  Document &document) {
  document.title(source.getSymName());
  addSymbols(source, document);
  OwningOpRef<RecurrenceOp> whole = cast<RecurrenceOp>(recurrence->clone());
  tidy(*whole);
  StepOp step = whole->getPhase<StepOp>();
  if (!step)
    return;
  Block &block = step.getBody().front();
  addStep(*whole, block, document);
  if (recurrence.getReverse())
    document.paragraph("Time runs from the last step to the first.");
  OwningOpRef<RecurrenceOp> linear = cast<RecurrenceOp>(whole->clone());
  SmallVector<GroupForm> forms = linearize(*linear);
  FormOp form = linear->getPhase<FormOp>();
  if (!form) {
    document.section("No chunked form");
    for (const GroupForm &group : forms)
      if (group.kind == GroupKind::Sequential)
        document.paragraph("There is no chunked form: " + group.reason +
                           ". The steps run one after the other.");
    return;
  }
  addScans(*whole, block, forms, document);
  ChunkEquations equations(*linear, form, block);
  if (equations.isEmpty())
    return;
  equations.addNormalForm(document);
  equations.addChunk(document);
}
