//===- Spectrum.cpp - Eigenvalues, and what they can track ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/Spectrum.h"

#include "llvm/Support/ErrorHandling.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

namespace {
/// Bounds on one factor c I + u w^T of a transition.
struct FactorBounds {
  bool real = true;
  Interval values;
  Interval modulus;
  /// Whether it is symmetric, as long as its decay is a number.
  bool symmetric = true;
  bool hasRank = false;
};
} // namespace

static Bounds boundProduct(const Product &product, const Ranges &ranges) {
  Bounds result = Bounds::real(Interval::point(product.number));
  bool real = true;
  auto apply = [&](Bounds x, bool divide) {
    real &= x.im == Interval::point(0);
    result.re = divide ? result.re / x.re : result.re * x.re;
    result.modulus =
        divide ? result.modulus / x.modulus : result.modulus * x.modulus;
  };
  // What is bounded together as a difference, or a square, is one value.
  for (Value factor : product.factors)
    apply(ranges.get(factor), false);
  for (Value divisor : product.divisors)
    apply(ranges.get(divisor), true);
  if (!real)
    result.re = result.im = {};
  return result;
}

static bool hasLabels(const Product &product) {
  return llvm::any_of(product.factors, [](Value value) {
    return !cast<ValueType>(value.getType()).getLabels().empty();
  });
}

/// Bounds on sum_i u[i] w[i], and whether each product u[i] w[i] has its sign.
static Interval boundTrace(const RankOne &rank, const Ranges &ranges,
                           bool &oneSign) {
  SmallVector<Value> factors(rank.weight.factors);
  llvm::append_range(factors, rank.along.factors);
  double number = rank.weight.number * rank.along.number;
  ReduceOp sum = rank.contraction;
  auto type = cast<ValueType>(sum.getOperand().getType());
  SmallVector<StringAttr> labels(sum.getLabels().getAsRange<StringAttr>());
  int64_t count = 1;
  for (StringAttr label : labels)
    count *=
        cast<IntegerAttr>(type.getExtents()[type.getPosition(label)]).getInt();
  // `along` calls the keys by names of its own: every label that the weight's
  // vectors do not share is one.
  for (Value factor : rank.along.factors)
    for (StringAttr label : cast<ValueType>(factor.getType()).getLabels())
      if (!llvm::is_contained(sum.getType().getLabels(), label))
        labels.push_back(label);
  Interval trace =
      ranges.boundSum(factors, labels, count) * Interval::point(number);
  Interval scale = Interval::point(number);
  for (Value divisor : rank.along.divisors) {
    trace = trace / ranges.getReal(divisor);
    scale = scale / ranges.getReal(divisor);
  }
  // Pairs of equal vectors are squares; the rest must not change sign.
  while (!factors.empty()) {
    Value factor = factors.pop_back_val();
    auto same = llvm::find_if(
        factors, [&](Value other) { return isSameVector(factor, other); });
    if (same != factors.end())
      factors.erase(same);
    else
      scale = scale * ranges.getReal(factor);
  }
  oneSign = scale.isNonNegative() || scale.isNonPositive();
  return trace;
}

/// Eigenvalues of D + u w^T with D diagonal and real. When all u[i] w[i] have
/// one sign, it is similar to a symmetric matrix, and the trace of u w^T moves
/// the bounds of D to one side (Weyl).
static FactorBounds boundFactor(const TransitionFactor &factor,
                                const Ranges &ranges) {
  FactorBounds bounds;
  Interval decay = Interval::point(0);
  Interval modulus = Interval::point(0);
  bool diagonalVaries = false;
  for (const Product &product : factor.decays) {
    Bounds range = boundProduct(product, ranges);
    bounds.real &= range.im == Interval::point(0);
    decay = decay + range.re;
    modulus = factor.decays.size() == 1
                  ? range.modulus
                  : Interval{0, modulus.upper + range.modulus.upper};
    diagonalVaries |= hasLabels(product);
  }
  bounds.values = decay;
  bounds.modulus = bounds.real ? abs(decay) : modulus;
  if (factor.ranks.empty())
    return bounds;
  bounds.hasRank = true;
  bool oneSign = factor.ranks.size() == 1;
  Interval trace = boundTrace(factor.ranks.front(), ranges, oneSign);
  if (factor.ranks.size() > 1 || !bounds.real || (!oneSign && diagonalVaries)) {
    bounds.real = bounds.symmetric = false;
    bounds.values = {};
    bounds.modulus = {0, INFINITY};
    return bounds;
  }
  bounds.symmetric = oneSign && !diagonalVaries;
  bounds.values = {decay.lower + std::min(trace.lower, 0.0),
                   decay.upper + std::max(trace.upper, 0.0)};
  if (std::isnan(bounds.values.lower) || std::isnan(bounds.values.upper))
    bounds.values = {};
  bounds.modulus = abs(bounds.values);
  return bounds;
}

Spectrum lrc::boundSpectrum(const GroupClass &group, const Ranges &ranges,
                            const std::optional<TransitionFactors> &factors) {
  Spectrum spectrum;
  OperatorClass cls = group.blocks.join();
  if (!cls.isLinear() || (cls.isZero() && group.blocks.getSize() == 1)) {
    spectrum.real = cls.isZero();
    if (cls.isZero())
      spectrum.values = spectrum.modulus = Interval::point(0);
    return spectrum;
  }
  if (!factors)
    return spectrum;
  // What is diagonal commutes, so that its bounds multiply.
  FactorBounds diagonal;
  diagonal.values = diagonal.modulus = Interval::point(1);
  bool numbers = true;
  std::vector<FactorBounds> others;
  for (const TransitionFactor &factor : *factors) {
    FactorBounds bounds = boundFactor(factor, ranges);
    if (bounds.hasRank) {
      others.push_back(bounds);
      spectrum.reflections += bounds.real && bounds.values.lower < 0;
      continue;
    }
    diagonal.real &= bounds.real;
    diagonal.values = diagonal.values * bounds.values;
    diagonal.modulus = diagonal.modulus * bounds.modulus;
    numbers &= llvm::none_of(factor.decays, hasLabels);
  }
  spectrum.values = diagonal.values;
  spectrum.modulus = diagonal.modulus;
  spectrum.real = diagonal.real;
  spectrum.positive = diagonal.real && diagonal.values.isNonNegative();
  bool symmetric = true;
  for (const FactorBounds &bounds : others) {
    spectrum.values = spectrum.values * bounds.values;
    spectrum.modulus = {0, (spectrum.modulus * bounds.modulus).upper};
    spectrum.real &= bounds.real;
    symmetric &= bounds.symmetric;
    spectrum.positive &= bounds.symmetric && bounds.values.isNonNegative();
  }
  // A number commutes. A diagonal that is not negative times a symmetric matrix
  // is similar to a symmetric one, and so is a product of two positive ones.
  if (others.size() == 1)
    spectrum.real &= numbers || (symmetric && diagonal.values.isNonNegative());
  else if (others.size() > 1)
    spectrum.real &= numbers && spectrum.positive && others.size() == 2;
  if (spectrum.real)
    spectrum.modulus = abs(spectrum.values);
  return spectrum;
}

//===----------------------------------------------------------------------===//
// Tracking
//===----------------------------------------------------------------------===//

const char *lrc::spell(Tracking tracking) {
  switch (tracking) {
  case Tracking::LTI:
    return "TL";
  case Tracking::T0:
    return "T0";
  case Tracking::T1:
    return "T1";
  case Tracking::T2:
    return "T2";
  case Tracking::T3:
    return "T3";
  case Tracking::T4:
    return "T4";
  case Tracking::Unknown:
    return "-";
  }
  llvm_unreachable("unknown label");
}

static std::pair<Tracking, std::string>
trackNonlinear(const OperatorClass &cls) {
  switch (cls.getRing()) {
  case Ring::MaxPlus:
  case Ring::MinPlus:
  case Ring::LogPlus:
    if (cls.isDense())
      return {Tracking::T3, "matrices over this arithmetic include every "
                            "permutation: parity, counting and, with enough "
                            "layers, any regular language"};
    return {Tracking::T0, "the next state never falls when the state rises, "
                          "position by position: no parity, no counting"};
  case Ring::Clamped:
    return {Tracking::T1, "a clamped line either keeps or reverses order, "
                          "position by position: parity at most, no counting "
                          "modulo 3"};
  default:
    break;
  }
  if (cls.getRank() > 0)
    return {Tracking::T4, "a nonlinear step that mixes the positions of its "
                          "state can track any regular language"};
  return {Tracking::Unknown, "a nonlinear function of each position alone, "
                             "about which eigenvalues say nothing"};
}

static std::pair<Tracking, std::string> trackVarying(const OperatorClass &cls,
                                                     const Spectrum &spectrum) {
  if (spectrum.real && spectrum.values.isNonNegative())
    return {Tracking::T0, "every eigenvalue is real and not negative: no "
                          "parity, no counting modulo m"};
  if (spectrum.reflections >= 2)
    return {Tracking::T3,
            "a step is a product of " + std::to_string(spectrum.reflections) +
                " reflections, which permutes " +
                std::to_string(spectrum.reflections + 1) +
                " items: parity, counting modulo 3 and, with enough layers, "
                "any regular language"};
  if (spectrum.positive)
    return {Tracking::T0, "a product of positive contractions keeps no "
                          "direction that it does not fix: no parity, no "
                          "counting modulo m"};
  if (spectrum.real && cls.getRank() == 0)
    return {Tracking::T1, "eigenvalues are real and may be negative, and the "
                          "transition is diagonal: parity, but no counting "
                          "modulo 3, which needs a non-real one"};
  if (spectrum.real)
    return {Tracking::T1, "eigenvalues are real and may be negative: parity in "
                          "one layer; counting modulo 3 needs a non-real "
                          "eigenvalue, which two consecutive steps have, in "
                          "two layers"};
  if (cls.isDense())
    return {Tracking::T3, "the input decides a matrix without structure: "
                          "parity, counting and, with enough layers, any "
                          "regular language"};
  if (cls.getRank() == 0)
    return {Tracking::T2, "the input rotates the state: eigenvalues are not "
                          "real, so parity and counting modulo m"};
  return {Tracking::T2, "nothing keeps the eigenvalues real: parity and "
                        "counting modulo 3 are possible"};
}

std::pair<Tracking, std::string> lrc::findTracking(const GroupClass &group,
                                                   const Spectrum &spectrum) {
  OperatorClass cls = group.blocks.join();
  bool single = group.blocks.getSize() == 1;
  if (!cls.isLinear())
    return trackNonlinear(cls);
  if (cls.isZero())
    return {Tracking::T0, "the step before is forgotten"};
  if (single && cls == OperatorClass::identity())
    return {Tracking::T0, "every eigenvalue is 1, what was added stays: no "
                          "parity, no counting modulo m"};
  if (cls.getVariation() != Variation::Input)
    return {Tracking::LTI,
            "the transition does not depend on the input: it counts positions "
            "modulo m where an eigenvalue has absolute value 1, never symbols"};
  return trackVarying(cls, spectrum);
}
