//===- Scale.h - Numbers kept as mantissa and logarithm ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SCALE_H
#define LRC_LIB_TRANSFORMS_SCALE_H

#include "lib/Algebra/SameValue.h"
#include "lib/Transforms/ScaleRanges.h"
#include "lib/Transforms/UniqueOps.h"

#include "llvm/ADT/DenseSet.h"

#include <optional>

namespace lrc {

/// A sum of values, the atoms, with coefficients: the logarithm of what a value
/// is scaled by. Without atoms it is 0.
class Scale {
public:
  struct Atom {
    mlir::Value value;
    double coefficient;
  };

  Scale() = default;
  explicit Scale(mlir::Value atom) { add(atom, 1); }

  void add(mlir::Value atom, double coefficient);
  void add(const Scale &other, double factor = 1);
  bool isZero() const { return atoms.empty(); }
  llvm::ArrayRef<Atom> getAtoms() const { return atoms; }
  /// The coefficient of an atom, or 0.
  double getCoefficient(mlir::Value atom) const;
  /// Equal sums, in whatever order.
  bool operator==(const Scale &other) const;

private:
  llvm::SmallVector<Atom, 2> atoms;
};

/// mantissa * exp(scale); a null mantissa is 1.
struct Term {
  mlir::Value mantissa;
  Scale scale;
};

/// A sum of terms with different scales; without terms it is 0.
using Terms = llvm::SmallVector<Term, 2>;

/// The terms in a sum: +, -, and what is not one of those.
Scale flatten(mlir::Value value);

/// Arithmetic on scaled numbers.
class ScaleMath {
public:
  ScaleMath(UniqueOps &ops, ScaleRanges &ranges) : ops(ops), ranges(ranges) {}

  UniqueOps &ops;
  ScaleRanges &ranges;

  /// What a maximum is at least: finite, so that a difference of two is never
  /// NaN, and so low that exp of its distance to any score is 0.
  static constexpr double lowest = -1e30;
  /// exp of what is within this is neither inf nor 0 in f32, and leaves room
  /// for sums.
  static constexpr double tame = 60;

  mlir::Value sumOf(const Scale &scale);
  /// mantissa * exp(scale - from): at most the mantissa when `from` is a
  /// maximum of scales among which `scale` is.
  mlir::Value weigh(mlir::Value mantissa, const Scale &scale, mlir::Value from);
  /// mantissa * exp(scale).
  mlir::Value realise(const Term &term);

  /// The largest of some scales, not below `lowest`.
  mlir::Value maxOf(llvm::ArrayRef<Scale> scales);
  /// The largest value of a scale along labels.
  mlir::Value maxAlong(const Scale &scale,
                       llvm::ArrayRef<mlir::Attribute> labels);
  Scale choose(mlir::Value condition, const Scale &a, const Scale &b);
  /// Says that an atom is not below `lowest`.
  void setFloored(mlir::Value atom) { floored.insert(atom); }
  /// Says it of an atom that is `other` under other labels.
  void setFlooredLike(mlir::Value atom, mlir::Value other) {
    if (floored.contains(other))
      floored.insert(atom);
  }

  void add(Terms &terms, Term term);
  void add(Terms &terms, const Terms &others);
  /// A sum of terms as one.
  Term collapse(const Terms &terms);
  Terms multiply(const Terms &a, const Terms &b);
  Terms divide(const Terms &a, const Terms &b);
  Terms select(mlir::Value condition, const Terms &a, const Terms &b);
  Terms reduce(const Terms &terms, dsf::ReduceOp op);
  /// Mantissas of two numbers at one scale.
  struct Pair {
    mlir::Value a, b;
    Scale scale;
  };
  Pair align(const Terms &a, const Terms &b);

  /// Whether exp(scale) is provably no larger than exp(tame).
  bool isBounded(const Scale &scale, unsigned depth = 0);
  ScaleInterval rangeOf(const Scale &scale);
  /// Whether the scales, to which the maximum of all of them was added, are
  /// what that maximum is made of: then it is subtracted already.
  bool areNormalised(llvm::ArrayRef<Scale> scales);

private:
  /// An atom that is one of some scales.
  struct Choice {
    llvm::SmallVector<Scale> scales;
    /// The largest of them; else any.
    bool isMaximum = false;
  };
  std::optional<Choice> choiceOf(mlir::Value atom);
  mlir::Value difference(mlir::Value a, mlir::Value b, mlir::Value from);
  bool isFloored(const Scale &scale);
  mlir::Value floor(mlir::Value maximum, llvm::ArrayRef<Scale> scales);
  Term reduceTerm(Term term, dsf::ReduceOp op);

  llvm::DenseMap<mlir::Value, Choice> choices;
  llvm::DenseSet<mlir::Value> floored;
  llvm::SmallVector<mlir::Value> maxima;
  /// Maxima along labels, and what they became with a floor.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> maximaAlong;
};

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SCALE_H
