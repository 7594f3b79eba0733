//===- Report.cpp - What is known about a recurrence, in words ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Explain/Report.h"

#include "lib/Explain/Names.h"
#include "lib/Transforms/Tidy.h"

#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static std::string spellBound(double value) {
  if (std::isinf(value))
    return value < 0 ? "-inf" : "inf";
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.4g", value);
  return text == "-0" ? "0" : text;
}

static std::string spellInterval(Interval interval) {
  if (interval.isPoint())
    return "{" + spellBound(interval.lower) + "}";
  std::string text = std::isinf(interval.lower) ? "(" : "[";
  text += spellBound(interval.lower) + ", " + spellBound(interval.upper);
  return text + (std::isinf(interval.upper) ? ")" : "]");
}

std::string lrc::spellSpectrum(const Spectrum &spectrum) {
  if (spectrum.real)
    return "real, in " + spellInterval(spectrum.values);
  if (std::isinf(spectrum.modulus.upper))
    return "no bound follows from the declared ranges";
  return "absolute values in " + spellInterval(spectrum.modulus);
}

/// An expression that fits on a line.
static std::string shorten(std::string text) {
  constexpr size_t most = 72;
  return text.size() <= most ? text : text.substr(0, most - 3) + "...";
}

/// Which expressions make a block what it is.
static std::string spellCauses(const OperatorClass &cls,
                               const ClassCauses &causes, StringRef to,
                               StringRef from, Notation &notation) {
  std::string self = from.str();
  if (cls.isZero())
    return "the next " + to.str() + " does not depend on " + self;
  auto quote = [&](Operation *op) {
    if (!op || op->getNumResults() != 1)
      return std::string();
    return ": " + shorten(notation.print(op->getResult(0)));
  };
  if (!cls.isLinear() && causes.nonlinear)
    return "the step " + causes.how + " " + self + quote(causes.nonlinear);
  if (cls.isDense())
    return "the step " + causes.how + " " + self + quote(causes.dense);
  SmallVector<std::string> parts;
  if (cls.getDiagonal() == Diagonal::Identity)
    parts.push_back(self + " enters its next value unchanged");
  if (!causes.decays.empty() && cls.getDiagonal() != Diagonal::Zero) {
    SmallVector<std::string> decays;
    for (Value decay : causes.decays)
      decays.push_back(shorten(notation.print(decay)));
    parts.push_back(self + " is multiplied by " + llvm::join(decays, " and "));
  } else if (cls.getDiagonal() == Diagonal::Scalar) {
    parts.push_back(self + " is multiplied by a constant");
  }
  for (Operation *sum : causes.contractions)
    parts.push_back("what is read from it is written back" + quote(sum));
  return llvm::join(parts, "; ");
}

//===----------------------------------------------------------------------===//
// The transition in index notation
//===----------------------------------------------------------------------===//

static bool hasLabels(const Product &product) {
  auto labelled = [](Value value) {
    return !cast<ValueType>(value.getType()).getLabels().empty();
  };
  return llvm::any_of(product.factors, labelled) ||
         llvm::any_of(product.divisors, labelled);
}

/// "I - (beta * k[i]) (k[i])^T"
static std::string spellFactor(const TransitionFactor &factor,
                               Notation &notation) {
  std::string text;
  auto append = [&](double sign, const std::string &term) {
    text += text.empty() ? (sign < 0 ? "-" : "") : (sign < 0 ? " - " : " + ");
    text += term;
  };
  for (const Product &product : factor.decays) {
    double sign = 1;
    std::string term = notation.print(product, sign);
    if (hasLabels(product))
      append(sign, "diag(" + term + ")");
    else if (factor.ranks.empty() && factor.decays.size() == 1)
      append(sign, term);
    else
      append(sign, product.isOne() ? "I" : term + " * I");
  }
  for (const RankOne &rank : factor.ranks) {
    double along = 1, weight = 1;
    std::string u = notation.print(rank.along, along);
    std::string w = notation.print(rank.weight, weight);
    append(along * weight, "(" + u + ") (" + w + ")^T");
  }
  return text;
}

static std::string spellLambda(const TransitionFactors &factors,
                               Notation &notation) {
  if (factors.empty())
    return "I";
  SmallVector<std::string> texts;
  for (const TransitionFactor &factor : llvm::reverse(factors)) {
    std::string text = spellFactor(factor, notation);
    bool isSum = factor.decays.size() + factor.ranks.size() > 1;
    texts.push_back(isSum && factors.size() > 1 ? "(" + text + ")" : text);
  }
  return llvm::join(texts, " ");
}

//===----------------------------------------------------------------------===//
// The step in index notation
//===----------------------------------------------------------------------===//

namespace {
/// Prints definitions of the normal form, or of the step.
class StepPrinter {
public:
  /// `written` is the step beside a form.
  StepPrinter(RecurrenceOp recurrence, Block &phase, Block *written = nullptr)
      : recurrence(recurrence), phase(phase),
        notation(Style::Text, recurrence, phase), names(recurrence) {
    nameNextStates(notation, phase);
    if (written)
      nameForm(*written);
    else
      definitions = nameAsWritten(notation, phase, roots());
  }

  std::vector<std::string> printState(StateOp state);
  std::vector<std::string> printOutputs();

private:
  SmallVector<Value> roots();
  void nameForm(Block &written);
  std::string printDefinition(Value value);
  void printNeeded(ArrayRef<Value> values, std::vector<std::string> &lines);
  std::string printEvolve(EvolveOp evolve);

  RecurrenceOp recurrence;
  Block &phase;
  Notation notation;
  FreshNames names;
  /// Named values, in order, and which of them were printed.
  std::vector<Value> definitions;
  llvm::DenseSet<Value> printed;
};
} // namespace

SmallVector<Value> StepPrinter::roots() {
  SmallVector<Value> values;
  for (Operation &op : phase)
    if (isa<SetOp, EvolveOp>(op))
      llvm::append_range(values, op.getOperands());
  return values;
}

/// Sums over states are r1, r2, ..; writes that are no plain products x1, ..
/// What the source named, and no state that evolves takes part in, is called
/// so.
void StepPrinter::nameForm(Block &written) {
  unsigned sums = 0, writes = 0;
  llvm::DenseSet<Value> named;
  for (Value value : nameStateless(notation, phase, roots(), written))
    named.insert(value);
  for (ReduceOp sum : findStateSums(phase, roots())) {
    notation.setName(sum.getResult(), names.make("r" + std::to_string(++sums)));
    named.insert(sum.getResult());
  }
  for (EvolveOp evolve : phase.getOps<EvolveOp>())
    for (Value write : evolve.getWrites()) {
      auto binary = write.getDefiningOp<BinaryOp>();
      bool isSum = binary && (binary.getFn() == BinaryKind::Add ||
                              binary.getFn() == BinaryKind::Sub);
      if (!isSum || !named.insert(write).second)
        continue;
      notation.setName(write, names.make("x" + std::to_string(++writes)));
    }
  for (Operation &op : phase)
    for (Value result : op.getResults())
      if (named.contains(result))
        definitions.push_back(result);
}

std::string StepPrinter::printDefinition(Value value) {
  if (!notation.hasName(value))
    return notation.print(value);
  Notation::Unnamed unnamed(notation, value);
  return notation.print(value);
}

/// Definitions of what `values` need; next values of states have their own.
void StepPrinter::printNeeded(ArrayRef<Value> values,
                              std::vector<std::string> &lines) {
  llvm::DenseSet<Value> needed, next;
  for (SetOp set : phase.getOps<SetOp>())
    if (isa<StateOp>(recurrence.lookupSymbol(set.getField())))
      next.insert(set.getValue());
  SmallVector<Value> worklist(values);
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || !needed.insert(value).second)
      continue;
    bool isOther = next.contains(value) && notation.hasName(value) &&
                   !llvm::is_contained(values, value);
    if (!isOther)
      llvm::append_range(worklist, op->getOperands());
  }
  for (Value value : definitions)
    if (needed.contains(value) && printed.insert(value).second)
      lines.push_back(notation.printName(value) + " = " +
                      printDefinition(value));
}

static std::string printLeft(StringRef field, ArrayAttr labels,
                             Notation &notation) {
  SmallVector<std::string> texts;
  for (auto label : labels.getAsRange<StringAttr>())
    texts.push_back(label.str());
  return notation.printField(field, texts, true);
}

std::string StepPrinter::printEvolve(EvolveOp evolve) {
  std::string state =
      printLeft(evolve.getField(), evolve.getLabels(), notation);
  std::string text =
      printLeft((evolve.getField() + "'").str(), evolve.getLabels(), notation) +
      " = ";
  std::string decay;
  for (Value value : {evolve.getDecay(), evolve.getValueDecay()})
    if (value)
      decay += notation.printFactor(value) + " * ";
  auto zero = evolve.getDecay() ? evolve.getDecay().getDefiningOp<ConstantOp>()
                                : ConstantOp();
  bool isZero = zero && zero.getValue().isZero();
  if (!isZero)
    text += decay + state;
  if (evolve.getCoupled())
    for (auto [name, coupling] :
         llvm::zip_equal(evolve.getCoupled()->getAsRange<FlatSymbolRefAttr>(),
                         evolve.getCouplings()))
      text += " + " + notation.printFactor(coupling) + " * " +
              printLeft(name.getValue(), evolve.getLabels(), notation);
  bool first = isZero && !evolve.getCoupled();
  for (auto [factor, write] :
       llvm::zip_equal(evolve.getFactors(), evolve.getWrites())) {
    text += first ? "" : " + ";
    first = false;
    std::string u = notation.printFactor(factor);
    std::string x = notation.printFactor(write);
    text += u == "1" ? x : x == "1" ? u : u + " * " + x;
  }
  return text;
}

std::vector<std::string> StepPrinter::printState(StateOp state) {
  std::vector<std::string> lines;
  for (Operation &op : phase) {
    auto evolve = dyn_cast<EvolveOp>(op);
    auto set = dyn_cast<SetOp>(op);
    StringRef field = evolve ? evolve.getField()
                      : set  ? set.getField()
                             : StringRef();
    if (field != state.getSymName())
      continue;
    printNeeded(SmallVector<Value>(op.getOperands()), lines);
    lines.push_back(
        evolve ? printEvolve(evolve)
               : printLeft((field + "'").str(), set.getLabels(), notation) +
                     " = " + printDefinition(set.getValue()));
  }
  return lines;
}

std::vector<std::string> StepPrinter::printOutputs() {
  std::vector<std::string> lines;
  for (SetOp set : phase.getOps<SetOp>()) {
    if (!isa<OutOp>(recurrence.lookupSymbol(set.getField())))
      continue;
    printNeeded(set.getValue(), lines);
    lines.push_back(printLeft(set.getField(), set.getLabels(), notation) +
                    " = " + notation.print(set.getValue()));
  }
  return lines;
}

//===----------------------------------------------------------------------===//
// The report
//===----------------------------------------------------------------------===//

static StageReport makeStage(const StateGroups &groups,
                             const StateGroups::Group &group,
                             const GroupClass &cls, const Ranges &ranges,
                             Notation &notation) {
  StageReport stage;
  for (StateOp state : group)
    stage.states.push_back(state.getSymName().str());
  stage.cls = cls.blocks.join();
  unsigned size = group.size();
  SmallVector<std::string> reasons;
  bool oneKind = llvm::all_of(group, [&](StateOp state) {
    size_t rank = FieldOp(state).getType().getExtents().size();
    return cls.keys.empty() || cls.keys.size() == rank;
  });
  for (unsigned to = 0; to < size; ++to)
    for (unsigned from = 0; from < size; ++from) {
      const OperatorClass &block = cls.blocks.at(to, from);
      if (size > 1 && block.isZero())
        continue;
      std::string why =
          spellCauses(block, cls.causesOf(to, from), stage.states[to],
                      stage.states[from], notation);
      if (!llvm::is_contained(reasons, why))
        reasons.push_back(why);
      if (size > 1)
        stage.blocks.push_back(stage.states[to] + " <- " + stage.states[from] +
                               ": " + block.spellStructure(oneKind));
    }
  stage.classText = stage.cls.spell(oneKind);
  if (size > 1)
    stage.classText =
        std::to_string(size) + " coupled states: " + stage.classText;
  stage.why = llvm::join(reasons, "; ");
  // Of a dense map the "vectors" that a sum reads are matrices.
  std::optional<TransitionFactors> factors;
  if (stage.cls.isLinear() && !stage.cls.isDense())
    factors = factorize(groups, group);
  stage.spectrum = boundSpectrum(cls, ranges, factors);
  if (factors)
    stage.lambda = spellLambda(*factors, notation);
  stage.eigenvalues = stage.cls.isLinear() ? spellSpectrum(stage.spectrum) : "";
  std::tie(stage.tracking, stage.sentence) = findTracking(cls, stage.spectrum);
  return stage;
}

Report lrc::makeReport(RecurrenceOp recurrence) {
  Report report;
  OwningOpRef<RecurrenceOp> whole = cast<RecurrenceOp>(recurrence->clone());
  tidy(*whole);
  StepOp step = whole->getPhase<StepOp>();
  if (!step)
    return report;
  OwningOpRef<RecurrenceOp> linear = cast<RecurrenceOp>(whole->clone());
  SmallVector<GroupForm> forms = linearize(*linear);
  FormOp form = linear->getPhase<FormOp>();
  Block &block = step.getBody().front();
  Notation notation(Style::Text, *whole, block);
  // What stays as it was written is printed so.
  StepPrinter written(*whole, block);
  std::optional<StepPrinter> normal;
  if (form && !form.getBody().getOps<EvolveOp>().empty())
    normal.emplace(*linear, form.getBody().front(), &block);
  StateGroups groups(*whole, block);
  Ranges ranges(*whole, block);
  for (const StateGroups::Group &group : groups.getGroups()) {
    GroupClass cls = classify(*whole, block, groups, group);
    StageReport &stage = report.stages.emplace_back(
        makeStage(groups, group, cls, ranges, notation));
    for (const GroupForm &found : forms)
      if (llvm::is_contained(found.states, stage.states.front())) {
        stage.kind = found.kind;
        stage.limits = found.reason;
      }
    StepPrinter &printer =
        normal && stage.kind == GroupKind::Affine ? *normal : written;
    for (StateOp state : group)
      llvm::append_range(stage.step, printer.printState(state));
    report.tracking = std::max(report.tracking, stage.tracking);
  }
  // Without a stage that can do more, positions are all that is counted.
  bool onlyPositions =
      !report.stages.empty() &&
      llvm::all_of(report.stages, [](const StageReport &stage) {
        return stage.tracking == Tracking::LTI;
      });
  if (onlyPositions)
    report.tracking = Tracking::LTI;
  report.outputs = (normal ? *normal : written).printOutputs();
  return report;
}
