//===- Scale.cpp - Numbers kept as mantissa and logarithm -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Transforms/Scale.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

//===----------------------------------------------------------------------===//
// Scale
//===----------------------------------------------------------------------===//

void Scale::add(Value atom, double coefficient) {
  for (auto it = atoms.begin(); it != atoms.end(); ++it) {
    if (it->value != atom)
      continue;
    it->coefficient += coefficient;
    if (it->coefficient == 0)
      atoms.erase(it);
    return;
  }
  atoms.push_back({atom, coefficient});
}

void Scale::add(const Scale &other, double factor) {
  // `other` may be this scale.
  SmallVector<Atom> others(other.getAtoms());
  for (const Atom &atom : others)
    add(atom.value, factor * atom.coefficient);
}

double Scale::getCoefficient(Value atom) const {
  for (const Atom &known : atoms)
    if (known.value == atom)
      return known.coefficient;
  return 0;
}

bool Scale::operator==(const Scale &other) const {
  return atoms.size() == other.atoms.size() &&
         llvm::all_of(atoms, [&](const Atom &atom) {
           return other.getCoefficient(atom.value) == atom.coefficient;
         });
}

static void flattenInto(Scale &scale, Value value, double sign,
                        unsigned depth) {
  constexpr unsigned maxDepth = 50;
  auto unary = value.getDefiningOp<UnaryOp>();
  if (unary && unary.getFn() == UnaryKind::Neg && depth < maxDepth)
    return flattenInto(scale, unary.getOperand(), -sign, depth + 1);
  auto binary = value.getDefiningOp<BinaryOp>();
  if (!binary || depth >= maxDepth ||
      (binary.getFn() != BinaryKind::Add && binary.getFn() != BinaryKind::Sub))
    return scale.add(value, sign);
  flattenInto(scale, binary.getLhs(), sign, depth + 1);
  flattenInto(scale, binary.getRhs(),
              binary.getFn() == BinaryKind::Sub ? -sign : sign, depth + 1);
}

Scale lrc::flatten(Value value) {
  Scale scale;
  flattenInto(scale, value, 1, 0);
  return scale;
}

//===----------------------------------------------------------------------===//
// Exponents
//===----------------------------------------------------------------------===//

/// sum + coefficient * atom; a null sum is 0.
static Value addAtom(UniqueOps &ops, Value sum, const Scale::Atom &atom) {
  bool isSubtracted = sum && atom.coefficient < 0;
  double factor = isSubtracted ? -atom.coefficient : atom.coefficient;
  Value product = factor == 1    ? atom.value
                  : factor == -1 ? ops.unary(UnaryKind::Neg, atom.value)
                                 : ops.binary(BinaryKind::Mul,
                                              ops.number(factor), atom.value);
  if (!sum)
    return product;
  return ops.binary(isSubtracted ? BinaryKind::Sub : BinaryKind::Add, sum,
                    product);
}

Value ScaleMath::sumOf(const Scale &scale) {
  Value sum;
  for (const Scale::Atom &atom : scale.getAtoms())
    sum = addAtom(ops, sum, atom);
  return sum ? sum : ops.number(0);
}

/// Whether all labels of `part` are among those of `whole`.
static bool hasLabelsOf(Value whole, Value part) {
  auto type = cast<ValueType>(whole.getType());
  return llvm::all_of(
      cast<ValueType>(part.getType()).getLabels(),
      [&](StringAttr label) { return type.getPosition(label) >= 0; });
}

/// factor * product, where the factor goes to the smaller part of an outer
/// product that has its labels.
static Value multiplyInto(UniqueOps &ops, Value factor, Value product) {
  auto op = product ? product.getDefiningOp<BinaryOp>() : BinaryOp();
  if (!op || op.getFn() != BinaryKind::Mul)
    return ops.multiply(factor, product);
  Value lhs = op.getLhs();
  Value rhs = op.getRhs();
  if (hasLabelsOf(lhs, product) || hasLabelsOf(rhs, product))
    return ops.multiply(factor, product);
  if (hasLabelsOf(lhs, factor))
    return ops.multiply(multiplyInto(ops, factor, lhs), rhs);
  if (hasLabelsOf(rhs, factor))
    return ops.multiply(lhs, multiplyInto(ops, factor, rhs));
  return ops.multiply(factor, product);
}

/// Whether a value depends on inputs or states.
static bool varies(Value value) {
  SmallVector<Value> worklist{value};
  llvm::DenseSet<Value> visited;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val().getDefiningOp();
    if (auto get = dyn_cast<GetOp>(op))
      if (!isa<ParamType>(get.getType()))
        return true;
    for (Value operand : op->getOperands())
      if (visited.insert(operand).second)
        worklist.push_back(operand);
  }
  return false;
}

/// a + b - from, where `from` may be a + b itself, rounded: subtracted from the
/// larger one it leaves an exact number, and so does the sum with the smaller.
Value ScaleMath::difference(Value a, Value b, Value from) {
  if (!ranges.of(b).isWithin(1)) {
    Value isSmaller = ops.binary(BinaryKind::Lt, ops.unary(UnaryKind::Abs, a),
                                 ops.unary(UnaryKind::Abs, b));
    Value larger = ops.select(isSmaller, b, a);
    b = ops.select(isSmaller, a, b);
    a = larger;
  }
  return ops.binary(BinaryKind::Add, ops.binary(BinaryKind::Sub, a, from), b);
}

Value ScaleMath::weigh(Value mantissa, const Scale &scale, Value from) {
  Value exponent;
  if (scale.getCoefficient(from) != 0 || scale.isZero()) {
    Scale rest = scale;
    rest.add(from, -1);
    if (rest.isZero())
      return mantissa;
    exponent = sumOf(rest);
  } else {
    // What varies comes first: a score, then a bonus.
    SmallVector<Scale::Atom> atoms, constant;
    for (const Scale::Atom &atom : scale.getAtoms())
      (varies(atom.value) ? atoms : constant).push_back(atom);
    llvm::append_range(atoms, constant);
    Value first = addAtom(ops, {}, atoms.front());
    Value others;
    for (const Scale::Atom &atom : ArrayRef(atoms).drop_front())
      others = addAtom(ops, others, atom);
    exponent = others ? difference(first, others, from)
                      : ops.binary(BinaryKind::Sub, first, from);
  }
  return multiplyInto(ops, ops.unary(UnaryKind::Exp, exponent), mantissa);
}

Value ScaleMath::realise(const Term &term) {
  if (term.scale.isZero())
    return ops.orOne(term.mantissa);
  return multiplyInto(ops, ops.unary(UnaryKind::Exp, sumOf(term.scale)),
                      term.mantissa);
}

//===----------------------------------------------------------------------===//
// Maxima
//===----------------------------------------------------------------------===//

bool ScaleMath::isFloored(const Scale &scale) {
  if (scale.isZero())
    return true;
  const Scale::Atom &atom = scale.getAtoms().front();
  return scale.getAtoms().size() == 1 && atom.coefficient == 1 &&
         floored.contains(atom.value);
}

Value ScaleMath::floor(Value maximum, ArrayRef<Scale> scales) {
  if (llvm::none_of(scales, [&](const Scale &s) { return isFloored(s); }))
    maximum = ops.binary(BinaryKind::Max, maximum, ops.number(lowest));
  choices[maximum] = {SmallVector<Scale>(scales), /*isMaximum=*/true};
  floored.insert(maximum);
  return maximum;
}

Value ScaleMath::maxOf(ArrayRef<Scale> scales) {
  if (scales.size() == 1 && scales[0].getAtoms().size() == 1 &&
      isFloored(scales[0]))
    return scales[0].getAtoms().front().value;
  for (Value known : maxima) {
    ArrayRef<Scale> others = choices[known].scales;
    if (others.size() == scales.size() &&
        llvm::all_of(scales, [&](const Scale &scale) {
          return llvm::is_contained(others, scale);
        }))
      return known;
  }
  Value maximum;
  for (const Scale &scale : scales) {
    Value sum = sumOf(scale);
    maximum = maximum ? ops.binary(BinaryKind::Max, maximum, sum) : sum;
  }
  maxima.push_back(floor(maximum, scales));
  return maxima.back();
}

Value ScaleMath::maxAlong(const Scale &scale, ArrayRef<Attribute> labels) {
  Value maximum = ops.reduce(ReduceKind::Max, sumOf(scale), labels);
  // max_i m[i] and max_a m[a] are one number.
  for (auto [reduced, known] : maximaAlong) {
    SameValue names;
    if (reduced.getType() == maximum.getType() &&
        names.isSame(maximum, reduced) &&
        llvm::all_of(
            cast<ValueType>(maximum.getType()).getLabels(),
            [&](StringAttr label) { return names.rename(label) == label; }))
      return known;
  }
  maximaAlong.push_back({maximum, floor(maximum, {scale})});
  return maximaAlong.back().second;
}

Scale ScaleMath::choose(Value condition, const Scale &a, const Scale &b) {
  if (a == b)
    return a;
  Value choice = ops.select(condition, sumOf(a), sumOf(b));
  choices[choice] = {{a, b}, /*isMaximum=*/false};
  return Scale(choice);
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

ScaleInterval ScaleMath::rangeOf(const Scale &scale) {
  ScaleInterval sum{0, 0};
  for (const Scale::Atom &atom : scale.getAtoms()) {
    ScaleInterval range = ranges.of(atom.value);
    double low = atom.coefficient * range.low;
    double high = atom.coefficient * range.high;
    sum.low += std::min(low, high);
    sum.high += std::max(low, high);
  }
  return sum;
}

/// What an atom may be, of those that this class made, and of a user's maxima.
std::optional<ScaleMath::Choice> ScaleMath::choiceOf(Value atom) {
  auto it = choices.find(atom);
  if (it != choices.end())
    return it->second;
  if (auto reduce = atom.getDefiningOp<ReduceOp>())
    if (reduce.getFn() == ReduceKind::Max)
      return Choice{{flatten(reduce.getOperand())}, true};
  // max(max(a, b), c) is one of three.
  Choice choice{{}, true};
  SmallVector<Value> worklist{atom};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    auto binary = value.getDefiningOp<BinaryOp>();
    if (binary && (binary.getFn() == BinaryKind::Max ||
                   binary.getFn() == BinaryKind::LogAddExp))
      llvm::append_range(worklist, binary->getOperands());
    else if (value != atom)
      choice.scales.push_back(flatten(value));
  }
  if (choice.scales.empty())
    return std::nullopt;
  return choice;
}

/// Whether a scale stands for the logarithm of 0.
static bool isLowest(const Scale &scale) {
  if (scale.getAtoms().size() != 1)
    return false;
  auto op = scale.getAtoms().front().value.getDefiningOp<ConstantOp>();
  return op && op.getValue().convertToDouble() <= ScaleMath::lowest;
}

bool ScaleMath::isBounded(const Scale &scale, unsigned depth) {
  if (rangeOf(scale).high <= tame)
    return true;
  constexpr unsigned maxDepth = 4;
  if (depth == maxDepth)
    return false;
  for (const Scale::Atom &atom : scale.getAtoms()) {
    std::optional<Choice> choice = choiceOf(atom.value);
    if (!choice)
      continue;
    auto isBoundedWith = [&](const Scale &other) {
      if (isLowest(other) && atom.coefficient > 0)
        return true;
      Scale replaced = scale;
      replaced.add(atom.value, -atom.coefficient);
      replaced.add(other, atom.coefficient);
      return isBounded(replaced, depth + 1);
    };
    // A maximum that is subtracted is no smaller than each of its operands.
    bool bounded = choice->isMaximum && atom.coefficient < 0
                       ? llvm::any_of(choice->scales, isBoundedWith)
                       : llvm::all_of(choice->scales, isBoundedWith);
    if (bounded)
      return true;
  }
  return false;
}

bool ScaleMath::areNormalised(ArrayRef<Scale> scales) {
  return llvm::any_of(scales.front().getAtoms(), [&](const Scale::Atom &atom) {
    std::optional<Choice> choice = choiceOf(atom.value);
    if (!choice || !choice->isMaximum || atom.coefficient != -1)
      return false;
    return llvm::all_of(scales, [&](Scale scale) {
      scale.add(atom.value, 1);
      return llvm::is_contained(choice->scales, scale);
    });
  });
}

//===----------------------------------------------------------------------===//
// Sums of terms
//===----------------------------------------------------------------------===//

void ScaleMath::add(Terms &terms, Term term) {
  for (Term &known : terms)
    if (known.scale == term.scale) {
      known.mantissa =
          ops.add(ops.orOne(known.mantissa), ops.orOne(term.mantissa));
      return;
    }
  terms.push_back(std::move(term));
}

void ScaleMath::add(Terms &terms, const Terms &others) {
  for (const Term &term : others)
    add(terms, term);
}

Term ScaleMath::collapse(const Terms &terms) {
  if (terms.empty())
    return {ops.number(0), {}};
  if (terms.size() == 1)
    return terms.front();
  SmallVector<Scale> scales;
  for (const Term &term : terms)
    scales.push_back(term.scale);
  Value maximum = maxOf(scales);
  Value sum;
  for (const Term &term : terms)
    sum = ops.add(sum, ops.orOne(weigh(term.mantissa, term.scale, maximum)));
  return {sum, Scale(maximum)};
}

Terms ScaleMath::multiply(const Terms &a, const Terms &b) {
  constexpr size_t maxTerms = 4;
  if (a.size() * b.size() > maxTerms)
    return multiply({collapse(a)}, {collapse(b)});
  Terms products;
  for (const Term &x : a)
    for (const Term &y : b) {
      Term product{ops.multiply(x.mantissa, y.mantissa), x.scale};
      product.scale.add(y.scale);
      add(products, product);
    }
  return products;
}

Terms ScaleMath::divide(const Terms &a, const Terms &b) {
  Term divisor = collapse(b);
  Value by = divisor.mantissa;
  auto quotient = [&](Value x) -> Value {
    return by ? ops.binary(BinaryKind::Div, ops.orOne(x), by) : x;
  };
  Terms result;
  if (divisor.scale.isZero()) {
    for (const Term &term : a)
      result.push_back({quotient(term.mantissa), term.scale});
    return result;
  }
  if (a.empty())
    return {};
  Term dividend = collapse(a);
  Term term{quotient(dividend.mantissa), dividend.scale};
  term.scale.add(divisor.scale, -1);
  if (!term.scale.isZero() && isBounded(term.scale))
    term = {realise(term), {}};
  return {term};
}

Terms ScaleMath::select(Value condition, const Terms &a, const Terms &b) {
  if (a.empty() && b.empty())
    return {};
  Scale none;
  none.add(ops.number(lowest), 1);
  Term x = a.empty() ? Term{ops.number(0), none} : collapse(a);
  Term y = b.empty() ? Term{ops.number(0), none} : collapse(b);
  // 0 has any scale.
  if (a.empty() && y.scale.isZero())
    x.scale = y.scale;
  if (b.empty() && x.scale.isZero())
    y.scale = x.scale;
  return {{ops.select(condition, ops.orOne(x.mantissa), ops.orOne(y.mantissa)),
           choose(condition, x.scale, y.scale)}};
}

ScaleMath::Pair ScaleMath::align(const Terms &a, const Terms &b) {
  Term x = collapse(a);
  Term y = collapse(b);
  if (a.empty())
    x.scale = y.scale;
  if (b.empty())
    y.scale = x.scale;
  if (x.scale == y.scale)
    return {ops.orOne(x.mantissa), ops.orOne(y.mantissa), x.scale};
  Value maximum = maxOf({x.scale, y.scale});
  return {ops.orOne(weigh(x.mantissa, x.scale, maximum)),
          ops.orOne(weigh(y.mantissa, y.scale, maximum)), Scale(maximum)};
}

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

/// Those of some labels that a value has.
static SmallVector<Attribute> labelsIn(Value value, ArrayAttr labels) {
  auto type = cast<ValueType>(value.getType());
  SmallVector<Attribute> present;
  for (auto label : labels.getAsRange<StringAttr>())
    if (type.getPosition(label) >= 0)
      present.push_back(label);
  return present;
}

/// sum_i mantissa[i] * exp(scale[i]) is a sum of numbers at the scale's largest
/// value along i.
Term ScaleMath::reduceTerm(Term term, ReduceOp op) {
  Scale along, outside;
  for (const Scale::Atom &atom : term.scale.getAtoms()) {
    bool varies = !labelsIn(atom.value, op.getLabels()).empty();
    (varies ? along : outside).add(atom.value, atom.coefficient);
  }
  if (!along.isZero()) {
    Value maximum = maxAlong(along, labelsIn(sumOf(along), op.getLabels()));
    term.mantissa = weigh(term.mantissa, along, maximum);
    outside.add(maximum, 1);
  }
  Value x = ops.orOne(term.mantissa);
  SmallVector<Attribute> present = labelsIn(x, op.getLabels());
  Value result = present.empty() ? x : ops.reduce(op.getFn(), x, present);
  double count = 1;
  ValueType type = op.getOperand().getType();
  for (auto label : op.getLabels().getAsRange<StringAttr>())
    if (!llvm::is_contained(present, Attribute(label)))
      count *= cast<IntegerAttr>(type.getExtents()[type.getPosition(label)])
                   .getInt();
  if (count != 1 && op.getFn() == ReduceKind::Sum)
    result = ops.multiply(ops.number(count), result);
  return {result, outside};
}

Terms ScaleMath::reduce(const Terms &terms, ReduceOp op) {
  Terms result;
  if (terms.empty())
    return result;
  if (op.getFn() != ReduceKind::Sum)
    return {reduceTerm(collapse(terms), op)};
  for (const Term &term : terms)
    add(result, reduceTerm(term, op));
  return result;
}
