//===- CoupledBlocks.cpp - States that depend on each other ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Blocks.h"
#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

void sampling::momentumBlock(Draft &draft) {
  draft.tag("momentum");
  Axis row = axisK(), column = axisV(), bound = other(row);
  std::string P = draft.state('P', {row, column});
  std::string M = draft.state('M', {row, column});
  auto read = [&](const std::string &state) {
    return Draft::read(state, {row, column});
  };
  std::string k = named(draft, 'k', row, key(draft, row));
  std::string write = value(draft, {column});
  if (draft.random.chance(50)) {
    draft.tag("momentum-delta");
    write = draft.let('e', {column},
                      write + " - (sum[" + bound.var + "] " + at(k, bound) +
                          " * " + Draft::read(M, {bound, column}) + ")");
  }
  std::string eta = draft.random.chance(50) ? "0.8" : rate(draft, {});
  draft.update(P, {row, column},
               eta + " * " + read(P) + " + 0.3 * " + at(k, row) + " * " +
                   write);
  draft.update(M, {row, column},
               decay(draft, {}) + " * " + read(M) + " + " + read(P));
  use(draft, readMatrix(draft, M, row, column));
  if (draft.random.chance(20))
    use(draft, readMatrix(draft, P, row, column));
}

/// Two vectors that turn into each other.
void sampling::rotationBlock(Draft &draft) {
  draft.tag("rotation");
  Axis axis = axisD();
  std::string x = draft.state('h', {axis}), y = draft.state('h', {axis});
  Axes shape = draft.random.pick<Axes>({{}, {axis}});
  std::string angle = draft.let('w', shape, "3 * " + value(draft, shape));
  std::string a = draft.let('a', {}, decay(draft, {}));
  std::string cosine = a + " * cos(" + angle + ")";
  std::string sine = a + " * sin(" + angle + ")";
  std::string old = draft.let('p', {axis}, at(x, axis));
  draft.update(x, {axis},
               cosine + " * " + at(x, axis) + " - " + sine + " * " +
                   at(y, axis) + " + " + value(draft, {axis}));
  draft.update(y, {axis},
               sine + " * " + old + " + " + cosine + " * " + at(y, axis));
  use(draft, readVector(draft, x, axis));
  if (draft.random.chance(30))
    use(draft, readVector(draft, y, axis));
}

/// z' = z - dt A x + u; x' = x + dt z'
void sampling::oscillatorBlock(Draft &draft) {
  draft.tag("oscillator");
  Axis axis = axisD();
  std::string z = draft.state('z', {axis}), x = draft.state('x', {axis});
  std::string A = draft.param('A', {axis}, "[0, 1]");
  std::string dt = draft.let('b', {}, rate(draft, {}));
  draft.update(z, {axis},
               "0.95 * " + at(z, axis) + " - " + dt + " * " + at(A, axis) +
                   " * " + at(x, axis) + " + " + dt + " * " +
                   value(draft, {axis}));
  draft.update(x, {axis},
               "0.95 * " + at(x, axis) + " + " + dt + " * " + at(z, axis));
  use(draft, readVector(draft, x, axis));
}

/// The new value of one state is gate or value of the next.
void sampling::chainBlock(Draft &draft) {
  draft.tag("chain");
  Axis axis = axisD();
  int64_t length = draft.random.pick({2, 2, 3});
  std::string previous = value(draft, {axis});
  for (int64_t n = 0; n < length; ++n) {
    std::string h = draft.state('h', {axis});
    bool isGate = n > 0 && draft.random.chance(50);
    std::string a = isGate
                        ? "sigmoid(" + previous + ")"
                        : decay(draft, draft.random.pick<Axes>({{}, {axis}}));
    std::string write = isGate ? value(draft, {axis}) : previous;
    draft.update(h, {axis}, a + " * " + at(h, axis) + " + 0.5 * " + write);
    previous =
        draft.random.chance(50) ? at(h, axis) : squash(draft, at(h, axis));
    if (draft.random.chance(30))
      use(draft, readVector(draft, h, axis));
  }
  use(draft, {{axis}, previous});
}

/// A running log-sum-exp of keys decays a matrix state; a cumulative one
/// divides it.
void sampling::lightBlock(Draft &draft) {
  draft.tag("light");
  Axis row = axisK(), column = axisV();
  std::string z =
      draft.state('z', {row}, draft.random.pick({"-inf", "0", "-2"}));
  std::string S = draft.state('S', {row, column});
  std::string k = draft.input('k', {row}, "");
  std::string next = named(draft, 'm', row,
                           "logaddexp(" + at(z, row) + ", " + at(k, row) + ")");
  draft.update(S, {row, column},
               "exp(" + at(z, row) + " - " + at(next, row) + ") * " +
                   Draft::read(S, {row, column}) + " + exp(" + at(k, row) +
                   " - " + at(next, row) + ") * " + value(draft, {column}));
  draft.update(z, {row}, at(next, row));
  use(draft, readMatrix(draft, S, row, column));
}

//===----------------------------------------------------------------------===//
// Semirings
//===----------------------------------------------------------------------===//

void sampling::semiringBlock(Draft &draft) {
  Axes axes = draft.random.pick<Axes>({{axisD()}, {axisD(), axisN()}, {}});
  std::string initial = draft.random.pick({"", "-inf", "-3"});
  std::string m = draft.state('m', axes, initial);
  std::string old = Draft::read(m, axes);
  if (draft.random.chance(60))
    old = "(" + old + " + " +
          logDecay(draft, draft.random.pick<Axes>({{}, axes})) + ")";
  const char *names[] = {"max", "logaddexp", "min"};
  size_t kind = draft.random.weighted({4, 4, initial == "-inf" ? 0 : 3});
  draft.tag(std::string("semiring-") + names[kind]);
  draft.update(m, axes,
               std::string(names[kind]) + "(" + old + ", " +
                   value(draft, axes) + ")");
  // Behind an exp, so that -inf may be read.
  std::string y = "exp(min(" + Draft::read(m, axes) + ", 4))";
  if (axes.size() == 2) {
    y = "(sum[n] " + y + ")";
    axes.pop_back();
  }
  use(draft, {axes, y});
}

/// Forward variables of a chain: every state can follow every other.
void sampling::tropicalMatrixBlock(Draft &draft) {
  draft.tag("semiring-matrix");
  Axis axis = axisN(), bound = other(axis);
  std::string m = draft.state('m', {axis});
  std::string A = draft.random.chance(50)
                      ? draft.param('A', {bound, axis}, "[-2, 0]")
                      : draft.input('A', {bound, axis}, "[-2, 0]");
  std::string path =
      "(" + at(m, bound) + " + " + Draft::read(A, {bound, axis}) + ")";
  std::string x = value(draft, {axis});
  if (draft.random.chance(50)) {
    draft.update(m, {axis},
                 "max(-50, 0.5 * " + x + " + (max[" + bound.var + "] " + path +
                     "))");
  } else {
    std::string top =
        draft.let('p', {}, "max[" + bound.var + "] " + at(m, bound));
    draft.update(m, {axis},
                 "0.5 * " + x + " - 1 + " + top + " + log(sum[" + bound.var +
                     "] exp(" + path + " - " + top + "))");
  }
  use(draft, {{axis}, "tanh(" + at(m, axis) + " / 8)"});
}

/// A softmax over the past, kept finite by a running maximum.
void sampling::runningMaxBlock(Draft &draft) {
  draft.tag("running-max");
  Axis column = axisV();
  std::string m = draft.state('m', {}, draft.random.pick({"-inf", "0"}));
  std::string u = draft.state('u', {});
  std::string w = draft.state('w', {column});
  std::string s = draft.input('s', {}, "");
  if (draft.random.chance(30))
    s = "(30 * " + s + ")";
  std::string old = m;
  if (draft.random.chance(40)) {
    draft.tag("running-max-gated");
    old = "(" + m + " + " + logDecay(draft, {}) + ")";
  }
  std::string top = draft.let('p', {}, "max(" + old + ", " + s + ")");
  std::string keep = draft.let('a', {}, "exp(" + old + " - " + top + ")");
  std::string add = draft.let('b', {}, "exp(" + s + " - " + top + ")");
  draft.update(u, {}, keep + " * " + u + " + " + add);
  draft.update(w, {column},
               keep + " * " + at(w, column) + " + " + add + " * " +
                   value(draft, {column}));
  draft.update(m, {}, top);
  use(draft, {{column}, "(" + at(w, column) + " / max(" + u + ", 0.1))"});
}
