//===- OperatorClass.h - The structure of a transition ----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is known about a map from the old state to a value of the step: a class
// is a set of maps, and classes are ordered by inclusion. They form a lattice
// that is closed under sum and composition. A linear map is D + U W^T: D is
// diagonal, U W^T has a rank, which is infinite for dense maps.
//
// The axes of a state are its *keys*, which the step contracts, and its
// *values*, along which the state is a batch of vectors.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_ALGEBRA_OPERATORCLASS_H
#define LRC_LIB_ALGEBRA_OPERATORCLASS_H

#include "llvm/ADT/SmallVector.h"

#include <string>

namespace lrc {

/// What a diagonal varies along. Zero < Identity < Scalar < Keys, Values <
/// Product < Elementwise.
enum class Diagonal {
  Zero,
  Identity,
  Scalar,
  Keys,
  Values,
  Product, // a[i] b[j]
  Elementwise,
};

/// What a map varies with from step to step.
enum class Variation {
  Constant, // with nothing
  Indexed,  // with the index of the step
  Input,    // with what is read at the step
};

/// Over which arithmetic a map is affine. Linear maps of rank 0 are also in
/// Clamped; the identity is in all.
enum class Ring {
  Linear,    // a h + b
  MaxPlus,   // max(h + a, b)
  MinPlus,   // min(h + a, b)
  LogPlus,   // log(exp(h + a) + exp(b))
  Clamped,   // max(l, min(u, a h + b)): closed under composition
  Nonlinear, // none; `diagonal` and `rank` are those of the Jacobian
};

class OperatorClass {
public:
  static constexpr unsigned dense = ~0u;

  /// The zero map: a value that does not depend on the state.
  OperatorClass() = default;
  OperatorClass(Diagonal diagonal, unsigned rank = 0,
                Variation variation = Variation::Constant, bool complex = false,
                Ring ring = Ring::Linear);

  static OperatorClass zero() { return {}; }
  static OperatorClass identity() { return OperatorClass(Diagonal::Identity); }
  static OperatorClass makeDense() {
    return OperatorClass(Diagonal::Elementwise, dense);
  }

  Diagonal getDiagonal() const { return diagonal; }
  unsigned getRank() const { return rank; }
  Variation getVariation() const { return variation; }
  bool isComplex() const { return complex; }
  Ring getRing() const { return ring; }

  bool isZero() const { return diagonal == Diagonal::Zero && rank == 0; }
  bool isLinear() const { return ring == Ring::Linear; }
  bool isDense() const { return rank == dense; }
  /// Linear, with a decay that separates and, when the state is read back, does
  /// not vary along the values: what chunks of matrix products can run.
  bool isDiagonalPlusLowRank() const;

  bool operator==(const OperatorClass &other) const;
  bool operator!=(const OperatorClass &other) const {
    return !(*this == other);
  }
  /// Inclusion.
  bool operator<=(const OperatorClass &other) const;

  /// The smallest class that includes both.
  static OperatorClass join(OperatorClass a, OperatorClass b);
  /// f(S) + g(S).
  friend OperatorClass operator+(OperatorClass a, OperatorClass b);
  /// f(g(S)).
  friend OperatorClass operator*(OperatorClass f, OperatorClass g);

  /// The same map, but over another arithmetic.
  OperatorClass withRing(Ring ring) const;
  OperatorClass withVariation(Variation other) const;

  /// "identity + rank 1, varies with the input, real". `oneKind`: all axes of
  /// the state are keys, or none is, and nobody need say which.
  std::string spell(bool oneKind = false) const;
  /// The same without variation and kind of numbers.
  std::string spellStructure(bool oneKind = false) const;

private:
  void normalize();

  Diagonal diagonal = Diagonal::Zero;
  unsigned rank = 0;
  Variation variation = Variation::Constant;
  bool complex = false;
  Ring ring = Ring::Linear;
};

bool isBelow(Diagonal a, Diagonal b);
Diagonal join(Diagonal a, Diagonal b);
Diagonal addDiagonals(Diagonal a, Diagonal b);
Diagonal multiplyDiagonals(Diagonal a, Diagonal b);
Ring joinRings(Ring a, Ring b);

/// Maps between several states: block (to, from) takes `from` to `to`.
class BlockClass {
public:
  explicit BlockClass(unsigned size) : size(size), blocks(size * size) {}

  static BlockClass identity(unsigned size);

  unsigned getSize() const { return size; }
  OperatorClass &at(unsigned to, unsigned from) {
    return blocks[to * size + from];
  }
  const OperatorClass &at(unsigned to, unsigned from) const {
    return blocks[to * size + from];
  }

  bool operator==(const BlockClass &other) const {
    return size == other.size && blocks == other.blocks;
  }
  bool operator<=(const BlockClass &other) const;
  friend BlockClass operator+(const BlockClass &a, const BlockClass &b);
  friend BlockClass operator*(const BlockClass &f, const BlockClass &g);

  /// The least class that includes every block.
  OperatorClass join() const;
  /// Whether states enter each other's next values.
  bool isCoupled() const;

private:
  unsigned size;
  llvm::SmallVector<OperatorClass> blocks;
};

} // namespace lrc

#endif // LRC_LIB_ALGEBRA_OPERATORCLASS_H
