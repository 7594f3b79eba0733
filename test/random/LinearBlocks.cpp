//===- LinearBlocks.cpp - States with diagonal transitions ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Blocks.h"
#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

/// The axes of a matrix state, of one size or two.
static std::pair<Axis, Axis> matrixAxes(Draft &draft) {
  Axis row = axisK(), column = axisV();
  if (draft.random.chance(15)) {
    draft.tag("square");
    column.dim = row.dim;
  }
  return {row, column};
}

/// "a[i] * " or nothing.
static std::string matrixDecay(Draft &draft, const Axis &row,
                               const Axis &column) {
  switch (draft.random.weighted({2, 3, 4, 2, 2, 2, 2, 1})) {
  case 0:
    draft.tag("matrix-identity");
    return "";
  case 1:
    draft.tag("matrix-scalar");
    return decay(draft, {}) + " * ";
  case 2:
    draft.tag("matrix-key");
    return decay(draft, {row}) + " * ";
  case 3:
    draft.tag("matrix-value");
    return decay(draft, {column}) + " * ";
  case 4:
    draft.tag("matrix-outer");
    return decay(draft, {row}) + " * " + decay(draft, {column}) + " * ";
  case 5:
    draft.tag("matrix-full");
    return decay(draft, {row, column}) + " * ";
  case 6:
    draft.tag("matrix-negative");
    return signedDecay(draft, draft.random.pick<Axes>(
                                  {{}, {row}, {column}, {row, column}})) +
           " * ";
  default:
    draft.tag("matrix-constant");
    return constantDecay(draft, draft.random.pick<Axes>({{}, {row}})) + " * ";
  }
}

/// What is added to a matrix state.
static std::string matrixWrite(Draft &draft, const Axis &row,
                               const Axis &column) {
  auto product = [&] {
    return key(draft, row) + " * " + value(draft, {column});
  };
  switch (draft.random.weighted({10, 3, 2, 1, 2})) {
  case 0:
    return product();
  case 1:
    return rate(draft, {}) + " * " + product();
  case 2:
    draft.tag("two-writes");
    return product() + " + " + product();
  case 3:
    draft.tag("full-write");
    return value(draft, {row, column});
  default:
    return rate(draft, {row}) + " * " + product();
  }
}

void sampling::matrixBlock(Draft &draft) {
  auto [row, column] = matrixAxes(draft);
  std::string state = draft.state('S', {row, column});
  std::string s = Draft::read(state, {row, column});
  if (draft.random.chance(20)) {
    draft.tag("before");
    use(draft, readMatrix(draft, state, row, column));
  }
  std::string decayed = matrixDecay(draft, row, column) + s;
  if (draft.random.chance(15)) {
    draft.tag("twice");
    draft.update(state, {row, column}, decayed);
    if (draft.random.chance(30))
      use(draft, readMatrix(draft, state, row, column));
    decayed = s;
  }
  std::string write = matrixWrite(draft, row, column);
  draft.update(state, {row, column}, decayed + " + " + write);
  int64_t readings = draft.random.pick({1, 1, 1, 2});
  for (int64_t n = 0; n < readings; ++n)
    use(draft, readMatrix(draft, state, row, column));
}

void sampling::normalisedBlock(Draft &draft) {
  draft.tag("ratio");
  Axis row = axisK(), column = axisV();
  std::string S = draft.state('S', {row, column});
  std::string z = draft.state('z', {row});
  std::string k = named(draft, 'k', row, positiveKey(draft, row));
  std::string q = named(draft, 'q', row, positiveKey(draft, row));
  Axes shape = draft.random.pick<Axes>({{}, {row}});
  std::string a = draft.random.chance(30)
                      ? ""
                      : draft.let('a', shape, decay(draft, shape)) + " * ";
  draft.update(S, {row, column},
               a + Draft::read(S, {row, column}) + " + " + at(k, row) + " * " +
                   value(draft, {column}));
  draft.update(z, {row}, a + at(z, row) + " + " + at(k, row));
  std::string sum = "sum[" + row.var + "] " + at(q, row) + " * ";
  use(draft, {{column},
              "((" + sum + Draft::read(S, {row, column}) + ") / (" + sum +
                  at(z, row) + " + 1))"});
}

//===----------------------------------------------------------------------===//
// Vectors, scalars, elementwise states
//===----------------------------------------------------------------------===//

static Axes vectorAxes(Draft &draft) {
  return draft.random.pick<Axes>(
      {{axisD()}, {axisD()}, {axisD()}, {axisD(), axisN()}, {axisN()}, {}});
}

/// Some of the axes.
static Axes part(Draft &draft, const Axes &axes) {
  Axes result;
  for (const Axis &axis : axes)
    if (draft.random.chance(70))
      result.push_back(axis);
  return result;
}

/// u[d] * B[n], or one input over all axes.
static std::string vectorWrite(Draft &draft, const Axes &axes) {
  if (axes.size() == 2 && draft.random.chance(70))
    return value(draft, {axes[0]}) + " * " + value(draft, {axes[1]});
  return value(draft, axes);
}

static void readAll(Draft &draft, const std::string &state, const Axes &axes) {
  if (axes.size() == 2)
    return use(draft, readMatrix(draft, state, axes[0], axes[1]));
  if (axes.size() == 1)
    return use(draft, readVector(draft, state, axes[0]));
  use(draft, {{}, state});
}

void sampling::vectorBlock(Draft &draft) {
  Axes axes = vectorAxes(draft);
  size_t kind = draft.random.weighted({2, 4, 3, 2, 1});
  // A product of decays alone stays 0 otherwise.
  std::string initial = kind == 4 ? "1" : "";
  if (kind != 4 && draft.random.chance(15))
    initial = draft.random.pick({"1", "-0.5"});
  std::string state = draft.state('h', axes, initial);
  std::string h = Draft::read(state, axes);
  if (draft.random.chance(15)) {
    draft.tag("before");
    readAll(draft, state, axes);
  }
  std::string write = vectorWrite(draft, axes);
  switch (kind) {
  case 0:
    draft.tag("vector-constant");
    draft.update(state, axes,
                 constantDecay(draft, axes) + " * " + h + " + " + write);
    break;
  case 1:
    draft.tag("vector-gated");
    draft.update(state, axes, decay(draft, axes) + " * " + h + " + " + write);
    break;
  case 2:
    draft.tag("vector-negative");
    draft.update(state, axes,
                 signedDecay(draft, part(draft, axes)) + " * " + h + " + " +
                     write);
    break;
  case 3: {
    draft.tag("vector-convex");
    Axes mine = part(draft, axes);
    std::string a = draft.let('a', mine, decay(draft, mine));
    draft.update(state, axes, a + " * " + h + " + (1 - " + a + ") * " + write);
    break;
  }
  default:
    draft.tag("vector-product");
    draft.update(state, axes, "(" + decay(draft, axes) + " + 0.01) * " + h);
  }
  readAll(draft, state, axes);
}

/// A complex number in the unit disc.
static std::string complexDecay(Draft &draft, const Axes &axes) {
  auto field = [&](char letter, const char *range) {
    Axes mine = part(draft, axes);
    bool isInput = draft.random.chance(50);
    return Draft::read(isInput ? draft.input(letter, mine, range)
                               : draft.param(letter, mine, range),
                       mine);
  };
  switch (draft.random.below(4)) {
  case 0:
    return "exp(complex(-" + field('g', "[0, 2]") + ", " +
           field('x', "[-3, 3]") + "))";
  case 1:
    return "exp(complex(-exp(" + field('g', "[-3, 0]") + "), " +
           field('x', "[0, 3]") + "))";
  case 2:
    return "(0.6 * complex(" + field('g', "[-1, 1]") + ", " +
           field('x', "[-1, 1]") + "))";
  default:
    return "((1 + 0.5 * complex(-" + field('g', "[0, 1]") + ", " +
           field('x', "[-2, 2]") + ")) / 2)";
  }
}

void sampling::complexBlock(Draft &draft) {
  draft.tag("vector-complex");
  Axes axes = vectorAxes(draft);
  std::string state = draft.complexState('h', axes);
  std::string h = Draft::read(state, axes);
  std::string write = vectorWrite(draft, axes);
  if (draft.random.chance(30))
    write = Draft::read(draft.complexInput('x', axes), axes);
  draft.update(state, axes,
               complexDecay(draft, axes) + " * " + h + " + " + write);
  std::string y = h;
  if (draft.random.chance(40))
    y = "(" + Draft::read(draft.complexInput('x', axes), axes) + " * " + h +
        ")";
  if (draft.random.chance(20))
    y = "conj(" + y + ")";
  if (!axes.empty() && draft.random.chance(50)) {
    y = "(sum[" + axes.back().var + "] " + y + ")";
    axes.pop_back();
  }
  if (draft.random.chance(15))
    return draft.out(axes, y);
  use(draft,
      {axes, draft.random.pick<std::string>({"real", "real", "imag", "abs"}) +
                 "(" + y + ")"});
}
