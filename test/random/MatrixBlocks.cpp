//===- MatrixBlocks.cpp - Transitions with off-diagonal parts -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Blocks.h"
#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

namespace {
/// A matrix state and how its rows are contracted.
struct Matrix {
  Axis row = axisK(), column = axisV(), bound = other(axisK());
  std::string name;

  explicit Matrix(Draft &draft) {
    if (draft.random.chance(10)) {
      draft.tag("square");
      column.dim = row.dim;
    }
    name = draft.state('S', {row, column});
  }
  std::string read() const { return Draft::read(name, {row, column}); }
  std::string readBound() const { return Draft::read(name, {bound, column}); }
  /// "sum[l] k[l] * S[l,j]"
  std::string contract(const std::string &vector) const {
    return "sum[" + bound.var + "] " + at(vector, bound) + " * " + readBound();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// The delta rule
//===----------------------------------------------------------------------===//

/// S <- a S, in a statement of its own; says whether there is a decay.
static void decayFirst(Draft &draft, const Matrix &S) {
  Axes axes = draft.random.pick<Axes>({{}, {S.row}, {S.column}});
  if (axes.size() == 1 && axes[0].var == S.column.var)
    draft.tag("delta-value-decay");
  draft.tag(axes.empty() ? "delta-gated" : "delta-diagonal");
  draft.tag("twice");
  draft.update(S.name, {S.row, S.column},
               decay(draft, axes) + " * " + S.read());
}

/// The error of a prediction of v by S, under a name.
static std::string prediction(Draft &draft, const Matrix &S,
                              const std::string &k) {
  return draft.let('e', {S.column},
                   value(draft, {S.column}) + " - " + S.contract(k));
}

void sampling::deltaBlock(Draft &draft) {
  draft.tag("delta");
  Matrix S(draft);
  std::string k = named(draft, 'k', S.row, key(draft, S.row));
  std::string beta = draft.random.chance(70) ? rate(draft, {})
                                             : draft.input('b', {}, "[0, 2]");
  if (draft.random.chance(20)) {
    draft.tag("before");
    use(draft, readMatrix(draft, S.name, S.row, S.column));
  }
  switch (draft.random.below(4)) {
  case 0: { // decay, then the rule
    if (draft.random.chance(80))
      decayFirst(draft, S);
    std::string e = prediction(draft, S, k);
    draft.update(S.name, {S.row, S.column},
                 S.read() + " + " + beta + " * " + at(k, S.row) + " * " + e);
    break;
  }
  case 1: { // in one statement
    std::string a = draft.let('a', {}, decay(draft, {}));
    draft.tag("delta-gated");
    draft.update(S.name, {S.row, S.column},
                 a + " * " + S.read() + " + " + beta + " * " + at(k, S.row) +
                     " * (" + value(draft, {S.column}) + " - " + a + " * " +
                     S.contract(k) + ")");
    break;
  }
  case 2: { // erased by one rate, written by another
    std::string e = draft.let('e', {S.column}, S.contract(k));
    draft.update(S.name, {S.row, S.column},
                 S.read() + " - " + beta + " * " + at(k, S.row) + " * " + e +
                     " + " + key(draft, S.row) + " * " +
                     value(draft, {S.column}));
    break;
  }
  default: { // a rate for each value
    std::string e = prediction(draft, S, k);
    draft.tag("delta-value-rate");
    draft.update(S.name, {S.row, S.column},
                 S.read() + " + " + rate(draft, {S.column}) + " * " +
                     at(k, S.row) + " * " + e);
  }
  }
  use(draft, readMatrix(draft, S.name, S.row, S.column));
}

//===----------------------------------------------------------------------===//
// Low rank
//===----------------------------------------------------------------------===//

/// "0.3 * b[i] * sum[l] c[l] * S[l,j]"
static std::string lowRankTerm(Draft &draft, const Matrix &S,
                               const char *scale) {
  std::string b = named(draft, 'b', S.row, key(draft, S.row));
  std::string c =
      draft.random.chance(25) ? b : named(draft, 'c', S.row, key(draft, S.row));
  std::string sum = S.contract(c);
  if (draft.random.chance(30))
    sum = draft.let('y', {S.column}, sum);
  return std::string(scale) + " * " + at(b, S.row) + " * " + sum;
}

static void vectorLowRank(Draft &draft) {
  Axis axis = axisN(), bound = other(axis);
  std::string h = draft.state('h', {axis});
  std::string b = named(draft, 'b', axis, key(draft, axis));
  std::string c = named(draft, 'c', axis, key(draft, axis));
  draft.tag("low-rank-vector");
  draft.update(h, {axis},
               "0.7 * " + decay(draft, {axis}) + " * " + at(h, axis) +
                   " - 0.3 * " + at(b, axis) + " * (sum[" + bound.var + "] " +
                   at(c, bound) + " * " + at(h, bound) + ") + " +
                   value(draft, {axis}));
  use(draft, readVector(draft, h, axis));
}

void sampling::lowRankBlock(Draft &draft) {
  draft.tag("low-rank");
  if (draft.random.chance(20))
    return vectorLowRank(draft);
  Matrix S(draft);
  Axes axes = draft.random.pick<Axes>({{}, {S.row}, {S.row}});
  std::string value = "0.6 * " + decay(draft, axes) + " * " + S.read();
  int64_t rank = draft.random.pick({1, 1, 2});
  if (rank == 2)
    draft.tag("rank-2");
  for (int64_t r = 0; r < rank; ++r)
    value += " + " + lowRankTerm(draft, S, rank == 1 ? "0.4" : "0.2");
  if (draft.random.chance(15)) { // on the right of the state
    draft.tag("right-rank");
    Axis bound = other(S.column);
    std::string c = named(draft, 'c', S.column, key(draft, S.column));
    value = "0.6 * " + S.read() + " - 0.4 * (sum[" + bound.var + "] " +
            Draft::read(S.name, {S.row, bound}) + " * " + at(c, bound) +
            ") * " + key(draft, S.column);
  }
  value +=
      " + " + key(draft, S.row) + " * " + sampling::value(draft, {S.column});
  draft.update(S.name, {S.row, S.column}, value);
  use(draft, readMatrix(draft, S.name, S.row, S.column));
}

void sampling::microStepBlock(Draft &draft) {
  draft.tag("micro-steps");
  Matrix S(draft);
  std::string count = draft.random.pick({"2", "2", "3"});
  Axis steps = {"", count};
  std::string k = draft.input('k', {steps, S.row}, "unit");
  std::string v = draft.input('v', {steps, S.column}, "");
  std::string beta = draft.input('b', {steps}, "[0, 2]");
  if (draft.random.chance(50))
    decayFirst(draft, S);
  std::string r = draft.beginFor(count);
  std::string e = draft.let('e', {S.column},
                            v + "[" + r + "," + S.column.var + "] - (sum[" +
                                S.bound.var + "] " + k + "[" + r + "," +
                                S.bound.var + "] * " + S.readBound() + ")");
  draft.update(S.name, {S.row, S.column},
               S.read() + " + " + beta + "[" + r + "] * " + k + "[" + r + "," +
                   S.row.var + "] * " + e);
  draft.endFor();
  use(draft, readMatrix(draft, S.name, S.row, S.column));
}

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

void sampling::denseBlock(Draft &draft) {
  Axis row = axisN(), bound = other(row);
  bool isConstant = draft.random.chance(45);
  draft.tag(isConstant ? "dense-constant" : "dense-varying");
  std::string A = isConstant ? draft.param('A', {row, bound}, "[-1, 1]")
                             : draft.input('A', {row, bound}, "[-1, 1]");
  Axes first = {row}, second = {bound};
  if (draft.random.chance(40)) {
    draft.tag("dense-matrix");
    first.push_back(axisV());
    second.push_back(axisV());
  }
  std::string h = draft.state('h', first);
  bool isTransposed = draft.random.chance(20);
  std::string entry =
      Draft::read(A, isTransposed ? Axes{bound, row} : Axes{row, bound});
  std::string product =
      "(sum[" + bound.var + "] " + entry + " * " + Draft::read(h, second) + ")";
  std::string value = "0.8 * " + product + " / sqrt(" + row.dim + ")";
  if (draft.random.chance(20)) {
    draft.tag("dense-diagonal");
    value = "0.4 * " + decay(draft, {row}) + " * " + Draft::read(h, first) +
            " + 0.5 * " + value;
  }
  draft.update(h, first, value + " + " + sampling::value(draft, first));
  if (first.size() == 2)
    return use(draft, readMatrix(draft, h, row, axisV()));
  use(draft, readVector(draft, h, row));
}
