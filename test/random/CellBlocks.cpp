//===- CellBlocks.cpp - Nonlinear cells and registers ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Blocks.h"
#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

/// "(sum[e] R[d,e] * h[e])" with a new matrix.
static std::string mixing(Draft &draft, const std::string &h,
                          const Axis &axis) {
  Axis bound = other(axis);
  std::string R = draft.param('R', {axis, bound}, "[-1, 1]");
  return "((sum[" + bound.var + "] " + Draft::read(R, {axis, bound}) + " * " +
         at(h, bound) + ") / sqrt(" + axis.dim + "))";
}

void sampling::cellBlock(Draft &draft) {
  draft.tag("cell");
  Axis axis = axisD();
  std::string h = draft.state('h', {axis});
  std::string inner = mixing(draft, h, axis) + " + " + value(draft, {axis});
  std::string next = draft.random.pick<std::string>(
      {"tanh(" + inner + ")", "sigmoid(" + inner + ")",
       "clip(" + inner + ", -1, 1)", "sin(" + inner + ")",
       "relu(0.5 * (" + inner + "))", "(0.5 * gelu(" + inner + "))"});
  if (draft.random.chance(30)) {
    draft.tag("cell-leaky");
    std::string a = draft.let('a', {axis}, decay(draft, {axis}));
    next = a + " * " + at(h, axis) + " + (1 - " + a + ") * " + next;
  }
  draft.update(h, {axis}, next);
  use(draft, readVector(draft, h, axis));
}

/// As a GRU or an LSTM, with one or two of their gates.
void sampling::gatedCellBlock(Draft &draft) {
  draft.tag("gated-cell");
  Axis axis = axisD();
  std::string h = draft.state('h', {axis});
  auto gate = [&](char letter, const std::string &function) {
    return draft.let(letter, {axis},
                     function + "(" + mixing(draft, h, axis) + " + " +
                         value(draft, {axis}) + ")");
  };
  std::string f = gate('f', "sigmoid");
  std::string n = gate('n', "tanh");
  if (draft.random.chance(50)) {
    draft.update(h, {axis},
                 f + " * " + at(h, axis) + " + (1 - " + f + ") * " + n);
    return use(draft, readVector(draft, h, axis));
  }
  draft.tag("two-state-cell");
  std::string c = draft.state('c', {axis});
  std::string o = gate('g', "sigmoid");
  draft.update(c, {axis},
               f + " * " + at(c, axis) + " + " + rate(draft, {axis}) + " * " +
                   n);
  draft.update(h, {axis}, o + " * tanh(" + at(c, axis) + ")");
  use(draft, readVector(draft, h, axis));
}

/// Linear but for one function of the state.
void sampling::clippedBlock(Draft &draft) {
  draft.tag("nonlinear-state");
  Axis row = axisK(), column = axisV();
  std::string S = draft.state('S', {row, column});
  std::string s = Draft::read(S, {row, column});
  std::string write = key(draft, row) + " * " + value(draft, {column});
  std::string linear = decay(draft, {row}) + " * " + s + " + " + write;
  switch (draft.random.below(4)) {
  case 0:
    draft.update(S, {row, column}, "clip(" + linear + ", -1, 1)");
    break;
  case 1: { // the norm is kept below 2
    draft.update(S, {row, column}, linear);
    std::string norm = draft.let(
        'y', {}, "sqrt(sum[" + row.var + "," + column.var + "] " + s + " ^ 2)");
    draft.update(S, {row, column}, s + " * 2 / max(" + norm + ", 2)");
    break;
  }
  case 2: // the state gates itself
    draft.update(S, {row, column},
                 "sigmoid(1 + " + s + ") * " + s + " + " + write);
    break;
  default:
    draft.update(S, {row, column},
                 "0.9 * " + s + " - 0.1 * " + s + " * abs(" + s + ") / (1 + " +
                     s + " ^ 2) + " + write);
  }
  use(draft, readMatrix(draft, S, row, column));
}

//===----------------------------------------------------------------------===//
// Counters, registers, predicates, windows
//===----------------------------------------------------------------------===//

void sampling::registerBlock(Draft &draft) {
  draft.tag("register");
  Axis axis = axisN();
  std::string h = draft.state('h', {axis});
  std::string x = value(draft, {});
  switch (draft.random.below(5)) {
  case 0: // a shift register
    draft.update(h, {axis},
                 "select(n == 0, " + x + ", " + h + "[(n + N - 1) % N])");
    break;
  case 1: // a ring buffer
    draft.tag("time");
    draft.update(h, {axis},
                 "select(t % N == n, " + x + ", " + at(h, axis) + ")");
    break;
  case 2: // a permutation
    draft.tag("gather");
    draft.update(h, {axis},
                 "0.9 * " + h + "[N - 1 - n] + " + value(draft, {axis}));
    break;
  case 3: // two diagonals
    draft.tag("gather");
    draft.update(h, {axis},
                 "0.5 * " + at(h, axis) + " + 0.4 * " + h + "[(n + 1) % N] + " +
                     value(draft, {axis}));
    break;
  default: { // a counter and a mean
    std::string count = draft.state('c', {});
    std::string f = draft.input('f', {}, "{0, 1}");
    draft.update(count, {}, f + " * (" + count + " + 1)");
    draft.update(h, {axis},
                 at(h, axis) + " + (" + value(draft, {axis}) + " - " +
                     at(h, axis) + ") / (" + count + " + 1)");
  }
  }
  use(draft, readVector(draft, h, axis));
}

void sampling::predicatedBlock(Draft &draft) {
  draft.tag("predicated");
  Axes axes = draft.random.pick<Axes>({{axisD()}, {axisK(), axisV()}});
  std::string h = draft.state('h', axes);
  std::string s = Draft::read(h, axes);
  std::string write =
      axes.size() == 1 ? value(draft, axes)
                       : key(draft, axes[0]) + " * " + value(draft, {axes[1]});
  std::string f = draft.input('f', {}, "{0, 1}");
  std::string condition = draft.random.pick<std::string>(
      {f + " == 1", "not " + f + " == 1", f + " == 1 or t % 4 == 3",
       draft.input('g', {}, "") + " > 0.3"});
  std::string kept = draft.random.pick<std::string>({s, "0.9 * " + s, "0"});
  std::string changed = decay(draft, {axes[0]}) + " * " + s + " + " + write;
  draft.update(h, axes,
               "select(" + condition + ", " + changed + ", " + kept + ")");
  if (axes.size() == 1)
    return use(draft, readVector(draft, h, axes[0]));
  use(draft, readMatrix(draft, h, axes[0], axes[1]));
}

/// The past of inputs and lets, without a state that is written.
void sampling::windowBlock(Draft &draft) {
  draft.tag("window");
  draft.tag("delay");
  Axis axis = axisD();
  std::string x = draft.input('x', {axis}, "[-1, 1]");
  std::string w = draft.param('w', {axis, {"m", "3"}}, "[-1, 1]");
  std::string y = draft.let(
      'y', {axis}, "(sum[m in 3] " + w + "[d,m] * delay(" + x + ", 2 * m)[d])");
  std::string name = y.substr(0, y.find('['));
  if (draft.random.chance(50))
    y = "(" + y + " + prod[m in 2] (1 + 0.5 * delay(" + name + ", m)[d]))";
  draft.out({axis}, y);
  use(draft, {{axis}, y});
}

/// A state that no step changes: what a caller gives, or a constant.
void sampling::memoryBlock(Draft &draft) {
  draft.tag("memory");
  Axis row = axisK(), column = axisV();
  std::string M = draft.state(
      'M', {row, column}, draft.random.pick({"", "0.5", "1 / (1 + i + j)"}));
  std::string q = named(draft, 'q', row, key(draft, row));
  std::string h = draft.state('h', {column});
  draft.update(h, {column},
               decay(draft, {}) + " * " + at(h, column) + " + (sum[" + row.var +
                   "] " + at(q, row) + " * " + Draft::read(M, {row, column}) +
                   ") + " + value(draft, {column}));
  use(draft, readVector(draft, h, column));
}
