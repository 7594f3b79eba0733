//===- FunctionsTest.cpp - Scalar functions of dsf ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "dialects/Dsf/Functions.h"

#include <limits>

using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// Runs `fn` on a scalar through the interpreter.
static double evaluate(UnaryKind fn, double x) {
  Program program("dsf.recurrence @f {\n"
                  "dsf.in @x : !dsf.array<[], real>\n"
                  "dsf.out @o : !dsf.array<[], real>\n"
                  "dsf.step {\n"
                  "%a = dsf.get @x : !dsf.array<[], real>\n"
                  "%x = dsf.read %a[] : !dsf.array<[], real> -> "
                  "!dsf.value<[], real>\n"
                  "%y = dsf.unary " +
                  stringifyUnaryKind(fn).str() +
                  " %x : !dsf.value<[], real>\n"
                  "dsf.set @o, %y[] : !dsf.value<[], real>\n"
                  "} }");
  Sequence sequence;
  sequence.steps = 1;
  sequence.tensors["x"] = makeArray({1}, {x});
  return program.run(sequence)["o"].data.at(0).real();
}

/// Runs `fn` on two scalars through the interpreter; a bool result selects.
static double evaluate(BinaryKind fn, double a, double b) {
  bool isBool = fn >= BinaryKind::Lt && fn <= BinaryKind::Ne;
  std::string text = "dsf.recurrence @f {\n"
                     "dsf.in @x : !dsf.array<[2], real>\n"
                     "dsf.out @o : !dsf.array<[], real>\n"
                     "dsf.step {\n"
                     "%0 = dsf.get @x : !dsf.array<[2], real>\n"
                     "%a = dsf.read %0[0] : !dsf.array<[2], real> -> "
                     "!dsf.value<[], real>\n"
                     "%b = dsf.read %0[1] : !dsf.array<[2], real> -> "
                     "!dsf.value<[], real>\n"
                     "%c = dsf.binary " +
                     stringifyBinaryKind(fn).str() +
                     " %a, %b : !dsf.value<[], real>, !dsf.value<[], real>\n";
  if (isBool)
    text += "%one = dsf.constant 1.0\n%zero = dsf.constant 0.0\n"
            "%r = dsf.select %c, %one, %zero : !dsf.value<[], bool>, "
            "!dsf.value<[], real>, !dsf.value<[], real>\n";
  text += std::string("dsf.set @o, ") + (isBool ? "%r" : "%c") +
          "[] : !dsf.value<[], real>\n} }";
  Program program(text);
  Sequence sequence;
  sequence.steps = 1;
  sequence.tensors["x"] = makeArray({1, 2}, {a, b});
  return program.run(sequence)["o"].data.at(0).real();
}

namespace {
struct UnaryCase {
  UnaryKind fn;
  double x;
  double expected;
};
struct BinaryCase {
  BinaryKind fn;
  double a;
  double b;
  double expected;
};
} // namespace

TEST(Functions, unary) {
  const UnaryCase cases[] = {
      {UnaryKind::Neg, 2, -2},
      {UnaryKind::Exp, 1, 2.718281828459045},
      {UnaryKind::Exp, -infinity, 0},
      {UnaryKind::Exp, -1e4, 0},
      {UnaryKind::Log, 10, 2.302585092994046},
      {UnaryKind::Log, 0, -infinity},
      {UnaryKind::Expm1, 1e-10, 1.00000000005e-10},
      {UnaryKind::Log1p, 1e-10, 9.9999999995e-11},
      {UnaryKind::Sqrt, 2, 1.4142135623730951},
      {UnaryKind::Rsqrt, 16, 0.25},
      {UnaryKind::Abs, -3, 3},
      {UnaryKind::Sign, -3, -1},
      {UnaryKind::Sign, 0, 0},
      {UnaryKind::Sign, notANumber, notANumber},
      {UnaryKind::Sin, 1, 0.8414709848078965},
      {UnaryKind::Cos, 1, 0.5403023058681398},
      {UnaryKind::Tan, 1, 1.5574077246549023},
      {UnaryKind::Tanh, 0.5, 0.46211715726000973},
      {UnaryKind::Sigmoid, 2, 0.8807970779778823},
      {UnaryKind::Sigmoid, -2, 0.11920292202211755},
      {UnaryKind::Sigmoid, -1e4, 0},
      {UnaryKind::Sigmoid, 1e4, 1},
      {UnaryKind::LogSigmoid, 2, -0.1269280110429726},
      {UnaryKind::LogSigmoid, -1e4, -1e4},
      {UnaryKind::LogSigmoid, 1e4, 0},
      {UnaryKind::Softplus, 2, 2.1269280110429727},
      {UnaryKind::Softplus, 1e4, 1e4},
      {UnaryKind::Softplus, -1e4, 0},
      {UnaryKind::Softplus, -infinity, 0},
      {UnaryKind::Silu, 2, 1.7615941559557646},
      {UnaryKind::Silu, -1e4, 0},
      {UnaryKind::Silu, 1e4, 1e4},
      {UnaryKind::Gelu, 1, 0.8413447460685429},
      {UnaryKind::Gelu, -1e4, 0},
      {UnaryKind::Relu, -2, 0},
      {UnaryKind::Relu, 2, 2},
      {UnaryKind::Relu, notANumber, notANumber},
      {UnaryKind::Elu, -1, -0.6321205588285577},
      {UnaryKind::Elu, 3, 3},
      {UnaryKind::Erf, 0.5, 0.5204998778130465},
      {UnaryKind::Floor, -1.5, -2},
      {UnaryKind::Re, 1.5, 1.5},
      {UnaryKind::Im, 1.5, 0},
      {UnaryKind::Conj, 1.5, 1.5},
  };
  for (const UnaryCase &c : cases) {
    SCOPED_TRACE(stringifyUnaryKind(c.fn).str() + " " + std::to_string(c.x));
    expectNear(c.expected, evaluate(c.fn, c.x));
  }
}

TEST(Functions, binary) {
  const BinaryCase cases[] = {
      {BinaryKind::Add, 2, 3, 5},
      {BinaryKind::Sub, 2, 3, -1},
      {BinaryKind::Mul, 2, 3, 6},
      {BinaryKind::Div, 3, 2, 1.5},
      {BinaryKind::Div, 1, 0, infinity},
      {BinaryKind::Rem, 7, 3, 1},
      {BinaryKind::Rem, -7, 3, 2},
      {BinaryKind::Rem, 7, -3, -2},
      {BinaryKind::Rem, -7, -3, -1},
      {BinaryKind::Rem, 5.5, 2, 1.5},
      {BinaryKind::Pow, 2, 10, 1024},
      {BinaryKind::Min, 2, 3, 2},
      {BinaryKind::Min, notANumber, 3, notANumber},
      {BinaryKind::Min, 3, notANumber, notANumber},
      {BinaryKind::Max, 2, 3, 3},
      {BinaryKind::Max, -infinity, 3, 3},
      {BinaryKind::Max, notANumber, 3, notANumber},
      {BinaryKind::Max, 3, notANumber, notANumber},
      {BinaryKind::LogAddExp, 1, 2, 2.313261687518223},
      {BinaryKind::LogAddExp, -infinity, -infinity, -infinity},
      {BinaryKind::LogAddExp, infinity, infinity, infinity},
      {BinaryKind::LogAddExp, -infinity, 2, 2},
      {BinaryKind::LogAddExp, 1e4, -1e4, 1e4},
      {BinaryKind::LogAddExp, 1e4, 1e4, 10000.693147180559},
      {BinaryKind::Lt, 1, 2, 1},
      {BinaryKind::Lt, 2, 2, 0},
      {BinaryKind::Le, 2, 2, 1},
      {BinaryKind::Gt, 2, 1, 1},
      {BinaryKind::Ge, 1, 2, 0},
      {BinaryKind::Eq, 2, 2, 1},
      {BinaryKind::Eq, notANumber, notANumber, 0},
      {BinaryKind::Ne, 2, 2, 0},
  };
  for (const BinaryCase &c : cases) {
    SCOPED_TRACE(stringifyBinaryKind(c.fn).str() + " " + std::to_string(c.a) +
                 " " + std::to_string(c.b));
    expectNear(c.expected, evaluate(c.fn, c.a, c.b));
  }
}
