//===- OpsTest.cpp - The interpreter on each op ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include <limits>

using namespace lrc;
using namespace lrc::interp;

/// Runs one step that sets output @o of `type`; inputs @x = [1 .. 6] as [2, 3]
/// and @z = [1 + 2i, -i] as [2].
static Array runStep(llvm::StringRef type, llvm::StringRef body) {
  std::string text = "dsf.recurrence @f {\n"
                     "dsf.in @x : !dsf.array<[2, 3], real>\n"
                     "dsf.in @z : !dsf.array<[2], complex>\n"
                     "dsf.out @o : !dsf.array<" +
                     type.str() +
                     ">\n"
                     "dsf.step {\n"
                     "%x = dsf.get @x : !dsf.array<[2, 3], real>\n"
                     "%z = dsf.get @z : !dsf.array<[2], complex>\n"
                     "%v = dsf.read %x[i, j] : !dsf.array<[2, 3], real> -> "
                     "!dsf.value<[i: 2, j: 3], real>\n"
                     "%c = dsf.read %z[i] : !dsf.array<[2], complex> -> "
                     "!dsf.value<[i: 2], complex>\n" +
                     body.str() + "} }";
  Sequence sequence;
  sequence.steps = 1;
  sequence.head = 3;
  sequence.heads = 8;
  sequence.tensors["x"] = makeArray({1, 2, 3}, {1, 2, 3, 4, 5, 6});
  sequence.tensors["z"].shape = {1, 2};
  sequence.tensors["z"].data = {{1, 2}, {0, -1}};
  Program program(text);
  return program.run(sequence)["o"];
}

static void expectComplex(const Array &array,
                          std::initializer_list<Complex> values) {
  ASSERT_EQ(array.data.size(), values.size());
  for (auto [expected, actual] : llvm::zip_equal(values, array.data)) {
    expectNear(expected.real(), actual.real());
    expectNear(expected.imag(), actual.imag());
  }
}

TEST(Ops, setTransposes) {
  expectArray(runStep("[3, 2], real",
                      "dsf.set @o, %v[j, i] : !dsf.value<[i: 2, j: 3], real>"),
              {1, 3, 2}, {1, 4, 2, 5, 3, 6});
}

TEST(Ops, setBroadcasts) {
  expectArray(runStep("[2, 2], real",
                      "%a = dsf.constant 1.5\n"
                      "dsf.set @o, %a[i, j] : !dsf.value<[], real>"),
              {1, 2, 2}, {1.5, 1.5, 1.5, 1.5});
}

TEST(Ops, binaryBroadcastsByLabel) {
  // o[j, i, l] = x[i, j] + 10 x[l, j]
  expectArray(
      runStep("[3, 2, 2], real",
              "%w = dsf.read %x[l, j] : !dsf.array<[2, 3], real> -> "
              "!dsf.value<[l: 2, j: 3], real>\n"
              "%t = dsf.constant 10.0\n"
              "%w10 = dsf.binary mul %w, %t : !dsf.value<[l: 2, j: 3], real>, "
              "!dsf.value<[], real>\n"
              "%s = dsf.binary add %v, %w10 : !dsf.value<[i: 2, j: 3], real>, "
              "!dsf.value<[l: 2, j: 3], real>\n"
              "dsf.set @o, %s[j, i, l] : "
              "!dsf.value<[i: 2, j: 3, l: 2], real>"),
      {1, 3, 2, 2}, {11, 41, 14, 44, 22, 52, 25, 55, 33, 63, 36, 66});
}

TEST(Ops, readMapsPositions) {
  // o[m] = x[1, 2 - m]
  expectArray(runStep("[3], real",
                      "%r = dsf.read %x map affine_map<(d0) -> (1, 2 - d0)> () "
                      ": !dsf.array<[2, 3], real> -> !dsf.value<[m: 3], real>\n"
                      "dsf.set @o, %r[m] : !dsf.value<[m: 3], real>"),
              {1, 3}, {6, 5, 4});
}

TEST(Ops, readOfPartIsNotTheWhole) {
  expectArray(runStep("[2], real",
                      "%p = dsf.read %x map affine_map<(d0) -> (0, d0 + 0)> () "
                      ": !dsf.array<[2, 3], real> -> !dsf.value<[m: 2], real>\n"
                      "dsf.set @o, %p[m] : !dsf.value<[m: 2], real>"),
              {1, 2}, {1, 2});
}

TEST(Ops, packAndReadDiagonal) {
  expectArray(
      runStep("[2], real",
              "%p = dsf.pack %v[j, i] : !dsf.value<[i: 2, j: 3], real> "
              "-> !dsf.array<[3, 2], real>\n"
              "%d = dsf.read %p map affine_map<(d0) -> (d0 + 1, d0)> ()"
              " : !dsf.array<[3, 2], real> -> !dsf.value<[k: 2], real>\n"
              "dsf.set @o, %d[k] : !dsf.value<[k: 2], real>"),
      {1, 2}, {2, 6});
}

TEST(Ops, reduce) {
  auto reduce = [](llvm::StringRef fn) {
    return runStep("[3], real", ("%r = dsf.reduce " + fn +
                                 " %v over [i] : !dsf.value<[i: 2, j: 3], "
                                 "real>\n"
                                 "dsf.set @o, %r[j] : !dsf.value<[j: 3], real>")
                                    .str());
  };
  expectArray(reduce("sum"), {1, 3}, {5, 7, 9});
  expectArray(reduce("prod"), {1, 3}, {4, 10, 18});
  expectArray(reduce("max"), {1, 3}, {4, 5, 6});
  expectArray(reduce("min"), {1, 3}, {1, 2, 3});
}

TEST(Ops, reduceTwoLabels) {
  expectArray(runStep("[], real", "%r = dsf.reduce sum %v over [i, j] : "
                                  "!dsf.value<[i: 2, j: 3], real>\n"
                                  "dsf.set @o, %r[] : !dsf.value<[], real>"),
              {1}, {21});
}

TEST(Ops, leaves) {
  expectArray(runStep("[3], real",
                      "%i = dsf.index : !dsf.value<[j: 3], real>\n"
                      "%h = dsf.head\n"
                      "%n = dsf.heads\n"
                      "%a = dsf.binary mul %h, %n : !dsf.value<[], real>, "
                      "!dsf.value<[], real>\n"
                      "%b = dsf.binary add %a, %i : !dsf.value<[], real>, "
                      "!dsf.value<[j: 3], real>\n"
                      "dsf.set @o, %b[j] : !dsf.value<[j: 3], real>"),
              {1, 3}, {24, 25, 26});
}

TEST(Ops, selectAndLogic) {
  // 1 < x <= 4 and not x == 3
  expectArray(
      runStep("[2, 3], real",
              "%one = dsf.constant 1.0\n%three = dsf.constant 3.0\n"
              "%four = dsf.constant 4.0\n%z0 = dsf.constant 0.0\n"
              "%a = dsf.binary gt %v, %one : !dsf.value<[i: 2, j: 3], real>, "
              "!dsf.value<[], real>\n"
              "%b = dsf.binary le %v, %four : !dsf.value<[i: 2, j: 3], real>, "
              "!dsf.value<[], real>\n"
              "%e = dsf.binary eq %v, %three : !dsf.value<[i: 2, j: 3], real>, "
              "!dsf.value<[], real>\n"
              "%n = dsf.unary not %e : !dsf.value<[i: 2, j: 3], bool>\n"
              "%ab = dsf.binary and %a, %b : !dsf.value<[i: 2, j: 3], bool>, "
              "!dsf.value<[i: 2, j: 3], bool>\n"
              "%w = dsf.binary and %ab, %n : !dsf.value<[i: 2, j: 3], bool>, "
              "!dsf.value<[i: 2, j: 3], bool>\n"
              "%or = dsf.binary or %w, %e : !dsf.value<[i: 2, j: 3], bool>, "
              "!dsf.value<[i: 2, j: 3], bool>\n"
              "%s = dsf.select %or, %v, %z0 : !dsf.value<[i: 2, j: 3], bool>, "
              "!dsf.value<[i: 2, j: 3], real>, !dsf.value<[], real>\n"
              "dsf.set @o, %s[i, j] : !dsf.value<[i: 2, j: 3], real>"),
      {1, 2, 3}, {0, 2, 3, 4, 0, 0});
}

TEST(Ops, selectDoesNotMix) {
  // 0 * inf would be NaN.
  expectArray(runStep("[], real",
                      "%a = dsf.constant inf\n%b = dsf.constant 2.0\n"
                      "%q = dsf.binary gt %b, %a : !dsf.value<[], real>, "
                      "!dsf.value<[], real>\n"
                      "%s = dsf.select %q, %a, %b : !dsf.value<[], bool>, "
                      "!dsf.value<[], real>, !dsf.value<[], real>\n"
                      "dsf.set @o, %s[] : !dsf.value<[], real>"),
              {1}, {2});
}

static Array runComplex(llvm::StringRef body) {
  return runStep("[2], complex", body.str() + "dsf.set @o, %r[i] : "
                                              "!dsf.value<[i: 2], complex>");
}

TEST(Ops, complexUnary) {
  auto unary = [](llvm::StringRef fn) {
    return runComplex(
        ("%r = dsf.unary " + fn + " %c : !dsf.value<[i: 2], complex>\n").str());
  };
  expectComplex(unary("neg"), {{-1, -2}, {0, 1}});
  expectComplex(unary("conj"), {{1, -2}, {0, 1}});
  expectComplex(unary("exp"), {{-1.1312043837568135, 2.4717266720048188},
                               {0.5403023058681398, -0.8414709848078965}});
  auto toReal = [](llvm::StringRef fn) {
    return runStep("[2], real", ("%r = dsf.unary " + fn +
                                 " %c : !dsf.value<[i: 2], complex>\n"
                                 "dsf.set @o, %r[i] : !dsf.value<[i: 2], real>")
                                    .str());
  };
  expectArray(toReal("abs"), {1, 2}, {std::sqrt(5), 1});
  expectArray(toReal("real"), {1, 2}, {1, 0});
  expectArray(toReal("imag"), {1, 2}, {2, -1});
}

TEST(Ops, complexBinary) {
  auto binary = [](llvm::StringRef fn) {
    return runComplex(("%w = dsf.unary conj %c : !dsf.value<[i: 2], complex>\n"
                       "%r = dsf.binary " +
                       fn +
                       " %c, %w : !dsf.value<[i: 2], complex>, "
                       "!dsf.value<[i: 2], complex>\n")
                          .str());
  };
  expectComplex(binary("add"), {{2, 0}, {0, 0}});
  expectComplex(binary("sub"), {{0, 4}, {0, -2}});
  expectComplex(binary("mul"), {{5, 0}, {1, 0}});
  expectComplex(binary("div"), {{-0.6, 0.8}, {-1, 0}});
}

TEST(Ops, realIsWidened) {
  expectComplex(runComplex("%t = dsf.constant 2.0\n"
                           "%r = dsf.binary mul %t, %c : !dsf.value<[], real>, "
                           "!dsf.value<[i: 2], complex>\n"),
                {{2, 4}, {0, -2}});
  expectComplex(
      runComplex("%re = dsf.unary real %c : !dsf.value<[i: 2], complex>\n"
                 "%one = dsf.constant 0.5\n"
                 "%q = dsf.binary gt %re, %one : !dsf.value<[i: 2], real>, "
                 "!dsf.value<[], real>\n"
                 "%r = dsf.select %q, %one, %c : !dsf.value<[i: 2], bool>, "
                 "!dsf.value<[], real>, !dsf.value<[i: 2], complex>\n"),
      {{0.5, 0}, {0, -1}});
}

TEST(Ops, realIsStoredAsComplex) {
  expectComplex(runStep("[2], complex",
                        "%a = dsf.index : !dsf.value<[i: 2], real>\n"
                        "dsf.set @o, %a[i] : !dsf.value<[i: 2], real>"),
                {{0, 0}, {1, 0}});
}

TEST(Ops, complexOfParts) {
  expectComplex(runComplex("%a = dsf.index : !dsf.value<[i: 2], real>\n"
                           "%t = dsf.constant 3.0\n"
                           "%r = dsf.binary complex %a, %t : "
                           "!dsf.value<[i: 2], real>, !dsf.value<[], real>\n"),
                {{0, 3}, {1, 3}});
}

TEST(Ops, complexReduce) {
  auto reduce = [](llvm::StringRef fn) {
    return runStep("[], complex",
                   ("%r = dsf.reduce " + fn +
                    " %c over [i] : !dsf.value<[i: 2], complex>\n"
                    "dsf.set @o, %r[] : !dsf.value<[], complex>")
                       .str());
  };
  expectComplex(reduce("sum"), {{1, 1}});
  expectComplex(reduce("prod"), {{2, -1}});
}
