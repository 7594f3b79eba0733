//===- OperatorClass.cpp - The structure of a transition ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Algebra/OperatorClass.h"

#include "llvm/Support/ErrorHandling.h"

#include <cassert>

using namespace lrc;

//===----------------------------------------------------------------------===//
// Diagonals
//===----------------------------------------------------------------------===//

bool lrc::isBelow(Diagonal a, Diagonal b) {
  if (a == Diagonal::Keys && b == Diagonal::Values)
    return false;
  return a <= b;
}

Diagonal lrc::join(Diagonal a, Diagonal b) {
  if (isBelow(a, b))
    return b;
  return isBelow(b, a) ? a : Diagonal::Product;
}

/// a[i] + b[j] is not a product of one of each.
Diagonal lrc::addDiagonals(Diagonal a, Diagonal b) {
  if (a == Diagonal::Zero || b == Diagonal::Zero)
    return a == Diagonal::Zero ? b : a;
  Diagonal sum = join(join(a, b), Diagonal::Scalar);
  return sum == Diagonal::Product ? Diagonal::Elementwise : sum;
}

Diagonal lrc::multiplyDiagonals(Diagonal a, Diagonal b) {
  if (a == Diagonal::Zero || b == Diagonal::Zero)
    return Diagonal::Zero;
  return join(a, b);
}

//===----------------------------------------------------------------------===//
// Rings
//===----------------------------------------------------------------------===//

/// Whether the maps of `a` are maps of `b` as well, given that they are of the
/// diagonal kind that Clamped asks for.
static bool isRingBelow(Ring a, Ring b) {
  if (a == b || b == Ring::Nonlinear)
    return true;
  return b == Ring::Clamped &&
         (a == Ring::Linear || a == Ring::MaxPlus || a == Ring::MinPlus);
}

Ring lrc::joinRings(Ring a, Ring b) {
  if (isRingBelow(a, b))
    return b;
  if (isRingBelow(b, a))
    return a;
  return isRingBelow(a, Ring::Clamped) && isRingBelow(b, Ring::Clamped)
             ? Ring::Clamped
             : Ring::Nonlinear;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

OperatorClass::OperatorClass(Diagonal diagonal, unsigned rank,
                             Variation variation, bool complex, Ring ring)
    : diagonal(diagonal), rank(rank), variation(variation), complex(complex),
      ring(ring) {
  normalize();
}

/// Each set of maps has one representation.
void OperatorClass::normalize() {
  if (rank == dense)
    diagonal = Diagonal::Elementwise;
  if (ring == Ring::Clamped && rank > 0)
    ring = Ring::Nonlinear;
  // A sum in MaxPlus is of shifted copies: scaling is not of that kind.
  bool shifts =
      ring == Ring::MaxPlus || ring == Ring::MinPlus || ring == Ring::LogPlus;
  if (shifts && rank == 0 && !isBelow(diagonal, Diagonal::Identity))
    ring = ring == Ring::LogPlus ? Ring::Nonlinear : Ring::Clamped;
  if (shifts && rank > 0 && rank != dense)
    *this = OperatorClass(diagonal, dense, variation, complex, ring);
  if (isZero())
    ring = Ring::Linear;
  if (ring == Ring::Linear && rank == 0 &&
      isBelow(diagonal, Diagonal::Identity)) {
    variation = Variation::Constant;
    complex = false;
  }
}

bool OperatorClass::isDiagonalPlusLowRank() const {
  if (!isLinear() || isDense())
    return false;
  return rank == 0 ? diagonal != Diagonal::Elementwise
                   : isBelow(diagonal, Diagonal::Keys);
}

bool OperatorClass::operator==(const OperatorClass &other) const {
  return diagonal == other.diagonal && rank == other.rank &&
         variation == other.variation && complex == other.complex &&
         ring == other.ring;
}

/// Whether the rings of the linear maps 0 and S -> S, which are in all of them.
static bool isInAllRings(const OperatorClass &a) {
  return a.isLinear() && a.getRank() == 0 &&
         isBelow(a.getDiagonal(), Diagonal::Identity);
}

bool OperatorClass::operator<=(const OperatorClass &other) const {
  if (!isBelow(diagonal, other.diagonal) || rank > other.rank ||
      variation > other.variation || complex > other.complex)
    return false;
  return isInAllRings(*this) || isRingBelow(ring, other.ring);
}

OperatorClass OperatorClass::join(OperatorClass a, OperatorClass b) {
  Ring ring = isInAllRings(a)   ? b.ring
              : isInAllRings(b) ? a.ring
                                : joinRings(a.ring, b.ring);
  return OperatorClass(
      lrc::join(a.diagonal, b.diagonal), std::max(a.rank, b.rank),
      std::max(a.variation, b.variation), a.complex || b.complex, ring);
}

static unsigned addRanks(unsigned a, unsigned b) {
  return a == OperatorClass::dense || b == OperatorClass::dense
             ? OperatorClass::dense
             : a + b;
}

OperatorClass lrc::operator+(OperatorClass a, OperatorClass b) {
  if (a.isZero() || b.isZero())
    return a.isZero() ? b : a;
  Ring ring = a.isLinear() && b.isLinear() ? Ring::Linear : Ring::Nonlinear;
  return OperatorClass(
      addDiagonals(a.diagonal, b.diagonal), addRanks(a.rank, b.rank),
      std::max(a.variation, b.variation), a.complex || b.complex, ring);
}

/// (D + U W^T)(E + V X^T) = D E + [D V + U (W^T V), U] [X, E W]^T.
OperatorClass lrc::operator*(OperatorClass f, OperatorClass g) {
  if (f.isZero() || g.isZero())
    return {};
  bool noF = f.diagonal == Diagonal::Zero, noG = g.diagonal == Diagonal::Zero;
  unsigned rank = noF && noG ? std::min(f.rank, g.rank)
                  : noF      ? f.rank
                  : noG      ? g.rank
                             : addRanks(f.rank, g.rank);
  Ring ring = isInAllRings(f)   ? g.ring
              : isInAllRings(g) ? f.ring
                                : joinRings(f.ring, g.ring);
  return OperatorClass(multiplyDiagonals(f.diagonal, g.diagonal), rank,
                       std::max(f.variation, g.variation),
                       f.complex || g.complex, ring);
}

OperatorClass OperatorClass::withRing(Ring other) const {
  return OperatorClass(diagonal, rank, variation, complex, other);
}

OperatorClass OperatorClass::withVariation(Variation other) const {
  return OperatorClass(diagonal, rank, std::max(variation, other), complex,
                       ring);
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static const char *spellDiagonal(Diagonal diagonal, bool oneKind) {
  switch (diagonal) {
  case Diagonal::Zero:
    return "zero";
  case Diagonal::Identity:
    return "identity";
  case Diagonal::Scalar:
    return "scalar";
  case Diagonal::Keys:
    return oneKind ? "diagonal" : "diagonal along the contracted axes";
  case Diagonal::Values:
    return oneKind ? "diagonal"
                   : "diagonal along the axes that are not contracted";
  case Diagonal::Product:
    return "diagonal, a product of the axes";
  case Diagonal::Elementwise:
    return "elementwise";
  }
  llvm_unreachable("unknown diagonal");
}

std::string OperatorClass::spellStructure(bool oneKind) const {
  std::string text;
  switch (ring) {
  case Ring::Linear:
    break;
  case Ring::MaxPlus:
    text = "affine over (max, +), ";
    break;
  case Ring::MinPlus:
    text = "affine over (min, +), ";
    break;
  case Ring::LogPlus:
    text = "affine over (logaddexp, +), ";
    break;
  case Ring::Clamped:
    text = "clamped affine (associative), ";
    break;
  case Ring::Nonlinear:
    text = "nonlinear, Jacobian ";
    break;
  }
  if (isDense())
    return text + "dense";
  if (rank == 0)
    return text + spellDiagonal(diagonal, oneKind);
  std::string low = "rank " + std::to_string(rank);
  if (diagonal == Diagonal::Zero)
    return text + low;
  return text + spellDiagonal(diagonal, oneKind) + " + " + low;
}

std::string OperatorClass::spell(bool oneKind) const {
  std::string text = spellStructure(oneKind);
  if (isInAllRings(*this))
    return text;
  switch (variation) {
  case Variation::Constant:
    text += ", time-invariant";
    break;
  case Variation::Indexed:
    text += ", varies with the step's index";
    break;
  case Variation::Input:
    text += ", varies with the input";
    break;
  }
  return text + (complex ? ", complex" : ", real");
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

BlockClass BlockClass::identity(unsigned size) {
  BlockClass result(size);
  for (unsigned i = 0; i < size; ++i)
    result.at(i, i) = OperatorClass::identity();
  return result;
}

bool BlockClass::operator<=(const BlockClass &other) const {
  assert(size == other.size && "blocks of the same states");
  for (auto [a, b] : llvm::zip_equal(blocks, other.blocks))
    if (!(a <= b))
      return false;
  return true;
}

BlockClass lrc::operator+(const BlockClass &a, const BlockClass &b) {
  assert(a.size == b.size && "blocks of the same states");
  BlockClass result(a.size);
  for (unsigned i = 0; i < result.blocks.size(); ++i)
    result.blocks[i] = a.blocks[i] + b.blocks[i];
  return result;
}

BlockClass lrc::operator*(const BlockClass &f, const BlockClass &g) {
  assert(f.size == g.size && "blocks of the same states");
  BlockClass result(f.size);
  for (unsigned to = 0; to < f.size; ++to)
    for (unsigned from = 0; from < f.size; ++from)
      for (unsigned middle = 0; middle < f.size; ++middle)
        result.at(to, from) =
            result.at(to, from) + f.at(to, middle) * g.at(middle, from);
  return result;
}

OperatorClass BlockClass::join() const {
  OperatorClass result;
  for (const OperatorClass &block : blocks)
    result = OperatorClass::join(result, block);
  return result;
}

bool BlockClass::isCoupled() const {
  for (unsigned to = 0; to < size; ++to)
    for (unsigned from = 0; from < size; ++from)
      if (to != from && !at(to, from).isZero())
        return true;
  return false;
}
