//===- Terms.cpp - Random factors of a step -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/random/Terms.h"

using namespace lrc;
using namespace lrc::sampling;

/// A term with a name of its own, or as it is.
static std::string maybeLet(Draft &draft, char letter, const Axes &axes,
                            const std::string &expression) {
  if (!draft.random.chance(30))
    return expression;
  return draft.let(letter, axes, expression);
}

/// An input over the axes, or over all but one of them.
static std::string in(Draft &draft, char letter, const Axes &axes,
                      const std::string &range) {
  Axes mine = axes;
  if (!axes.empty() && draft.random.chance(8))
    mine.erase(mine.begin() + draft.random.below(int64_t(axes.size())));
  return Draft::read(draft.input(letter, mine, range), mine);
}

//===----------------------------------------------------------------------===//
// Decays
//===----------------------------------------------------------------------===//

std::string sampling::constantDecay(Draft &draft, const Axes &axes) {
  switch (draft.random.below(4)) {
  case 0:
    return draft.random.pick({"0.5", "0.9", "0.99", "1"});
  case 1:
    return Draft::read(draft.param('c', axes, "[0.5, 1]"), axes);
  case 2:
    draft.tag("head-index");
    return draft.param('c', {}, "", "1 - 2 ^ (-2 - head)");
  default:
    return "exp(-" + Draft::read(draft.param('c', axes, "[0, 2]"), axes) + ")";
  }
}

std::string sampling::logDecay(Draft &draft, const Axes &axes) {
  switch (draft.random.weighted({6, 2, 2, 2, 1, 1})) {
  case 0:
    return in(draft, 'g', axes, "(-inf, 0]");
  case 1:
    return "(-softplus(" + in(draft, 'g', axes, "") + "))";
  case 2:
    return "(logsigmoid(" + in(draft, 'g', axes, "") + ") / 4)";
  case 3: {
    std::string step = "softplus(" + in(draft, 'g', {}, "") + ")";
    return "(-" + step + " * " +
           Draft::read(draft.param('c', axes, "[0, 3]"), axes) + ")";
  }
  case 4:
    draft.tag("hostile");
    return in(draft, 'g', axes, "{0, -10000}");
  default:
    return in(draft, 'g', axes, "[-1, 0]");
  }
}

/// What earlier states offer, made a decay.
static std::string offeredDecay(Draft &draft, const Axes &axes) {
  if (axes.size() != 1)
    return "";
  std::string offered = draft.findOffered(axes[0]);
  if (offered.empty() || !draft.random.chance(35))
    return "";
  draft.tag("chained");
  return draft.random.pick<std::string>({"sigmoid(" + offered + ")",
                                         "exp(-abs(" + offered + "))",
                                         "(1 - 0.5 * " + offered + " ^ 2)"});
}

std::string sampling::decay(Draft &draft, const Axes &axes) {
  std::string term = offeredDecay(draft, axes);
  if (!term.empty())
    return term;
  switch (draft.random.weighted({10, 3, 2, 1, 1, 1, 2})) {
  case 0:
    term = "exp(" + logDecay(draft, axes) + ")";
    break;
  case 1:
    term = "sigmoid(" + in(draft, 'g', axes, "") + ")";
    break;
  case 2:
    return constantDecay(draft, axes);
  case 3:
    draft.tag("time");
    term = draft.random.pick<std::string>(
        {"((t + 1) / (t + 2))", "(1 - 1 / (t + 1))",
         "select(t % 5 == 0, 0.25, 1)", "exp(-t / 50)"});
    break;
  case 4:
    draft.tag("reset");
    term = "select(" + draft.input('f', {}, "{0, 1}") + " == 1, 0, exp(" +
           logDecay(draft, axes) + "))";
    break;
  case 5:
    term = "(sigmoid(" + in(draft, 'g', axes, "") + ") ^ 0.25)";
    break;
  case 6:
    term = in(draft, 'g', axes, "[0, 1]");
    break;
  }
  return maybeLet(draft, 'a', axes, term);
}

std::string sampling::signedDecay(Draft &draft, const Axes &axes) {
  draft.tag("negative");
  switch (draft.random.below(5)) {
  case 0:
    return "tanh(" + in(draft, 'g', axes, "") + ")";
  case 1:
    return "(2 * " + decay(draft, axes) + " - 1)";
  case 2:
    return in(draft, 'g', axes, "[-1, 1]");
  case 3:
    return "(-0.9)";
  default:
    return "cos(3 * " + in(draft, 'g', axes, "") + ")";
  }
}

//===----------------------------------------------------------------------===//
// Keys and values
//===----------------------------------------------------------------------===//

/// A vector that a square root makes short.
static std::string normalised(Draft &draft, const Axis &axis) {
  std::string x = draft.input('k', {axis}, "");
  Axis bound = other(axis);
  return "(" + x + "[" + axis.var + "] * rsqrt(sum[" + bound.var + "] " + x +
         "[" + bound.var + "] ^ 2 + 0.1))";
}

/// A softmax over the axis.
static std::string softmax(Draft &draft, const Axis &axis) {
  std::string x = draft.input('k', {axis}, "");
  std::string a = x + "[" + axis.var + "]";
  Axis bound = other(axis);
  std::string b = x + "[" + bound.var + "]";
  std::string top = draft.let('m', {}, "max[" + axis.var + "] " + a);
  return "(exp(" + a + " - " + top + ") / (sum[" + bound.var + "] exp(" + b +
         " - " + top + ")))";
}

std::string sampling::key(Draft &draft, const Axis &axis) {
  std::string offered = draft.findOffered(axis);
  if (!offered.empty() && draft.random.chance(25)) {
    draft.tag("chained");
    return "(" + offered + " / sqrt(" + axis.dim + "))";
  }
  auto unit = [&] { return draft.input('k', {axis}, "unit"); };
  std::string at = "[" + axis.var + "]";
  switch (draft.random.weighted({10, 2, 2, 2, 2, 1, 1, 1})) {
  case 0:
    return unit() + at;
  case 1:
    return maybeLet(draft, 'k', {axis}, normalised(draft, axis));
  case 2:
    return maybeLet(draft, 'k', {axis}, softmax(draft, axis));
  case 3:
    draft.tag("delay");
    return "delay(" + unit() + ", " + draft.random.pick({"1", "2", "5"}) + ")" +
           at;
  case 4:
    draft.tag("time");
    return "(cos(t / (" + axis.var + " + 1)) * " + unit() + at + ")";
  case 5:
    return "(" + Draft::read(draft.param('w', {axis}, "[-1, 1]"), {axis}) +
           " * " + unit() + at + ")";
  case 6:
    draft.tag("gather");
    return unit() + "[" + axis.dim + " - 1 - " + axis.var + "]";
  default:
    return Draft::read(draft.param('w', {axis}, "unit"), {axis});
  }
}

std::string sampling::positiveKey(Draft &draft, const Axis &axis) {
  switch (draft.random.below(4)) {
  case 0:
    return Draft::read(draft.input('k', {axis}, "[0, 1]"), {axis});
  case 1:
    return "sigmoid(" + Draft::read(draft.input('k', {axis}, ""), {axis}) + ")";
  case 2:
    return maybeLet(draft, 'k', {axis}, softmax(draft, axis));
  default:
    return "(1 - exp(" +
           Draft::read(draft.input('k', {axis}, "[-2, 0]"), {axis}) + "))";
  }
}

std::string sampling::rate(Draft &draft, const Axes &axes) {
  switch (draft.random.below(4)) {
  case 0:
    return Draft::read(draft.input('b', axes, "[0, 1]"), axes);
  case 1:
    return "sigmoid(" + Draft::read(draft.input('b', axes, ""), axes) + ")";
  case 2:
    return "0.3";
  default:
    return Draft::read(draft.param('b', axes, "[0, 1]"), axes);
  }
}

/// A short convolution of an input in time.
static std::string convolution(Draft &draft, const Axes &axes) {
  draft.tag("delay");
  std::string x = draft.input('x', axes, "[-1, 1]");
  std::string at = subscript(axes);
  return "(0.5 * " + x + at + " - 0.3 * delay(" + x + ", 1)" + at +
         " + 0.2 * delay(" + x + ", 3)" + at + ")";
}

std::string sampling::value(Draft &draft, const Axes &axes) {
  if (axes.size() == 1) {
    std::string offered = draft.findOffered(axes[0]);
    if (!offered.empty() && draft.random.chance(25)) {
      draft.tag("chained");
      return offered;
    }
  }
  auto x = [&](const char *range) {
    return Draft::read(draft.input('v', axes, range), axes);
  };
  switch (draft.random.weighted({8, 2, 2, 2, 2, 1, 1, 1})) {
  case 0:
    return x("");
  case 1:
    return "silu(" + x("") + ")";
  case 2:
    return "(" + rate(draft, {}) + " * " + x("[-1, 1]") + ")";
  case 3:
    return maybeLet(draft, 'v', axes, convolution(draft, axes));
  case 4:
    return "(" + x("") + " + " +
           Draft::read(draft.param('w', axes, "[-1, 1]"), axes) + ")";
  case 5:
    draft.tag("time");
    return "(" + x("[-1, 1]") + " * sin(t / 3))";
  case 6:
    return draft.random.pick({"1", "0.5", "(-0.25)"});
  default:
    return "exp(" + x("[-2, 1]") + ")";
  }
}

std::string sampling::squash(Draft &draft, const std::string &x) {
  return draft.random.pick<std::string>(
      {"tanh(" + x + ")", "sigmoid(" + x + ")", "clip(" + x + ", -1, 1)",
       "(" + x + " / (1 + abs(" + x + ")))", "sin(" + x + ")", "erf(" + x + ")",
       "tanh(" + x + ")"});
}
