//===- SplitTest.cpp - A split recurrence computes the same ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

#include "lib/Transforms/Split.h"

#include <random>

using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

/// Two states that depend on each other, a rank-1 update, a value that both the
/// transition and the readout need, a new state that is read under other
/// labels, and an output that depends on no state.
static const char *const text = R"(
dsf.recurrence @mixed {
  dsf.in @x : !dsf.array<[3], real>
  dsf.in @g : !dsf.array<[2], real>
  dsf.param @W : !dsf.param<[3, 3], real>
  dsf.state @h : !dsf.state<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.state @past hidden : !dsf.state<[2, 2], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.out @p : !dsf.array<[2], real>
  dsf.out @y : !dsf.array<[3], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[3], real>
    %g = dsf.get @g : !dsf.array<[2], real>
    %W = dsf.get @W : !dsf.param<[3, 3], real>
    %h = dsf.get @h : !dsf.state<[3], real>
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %past = dsf.get @past : !dsf.state<[2, 2], real>
    %xj = dsf.read %x[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %gi = dsf.read %g[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %Wjl = dsf.read %W[j, l] : !dsf.param<[3, 3], real> -> !dsf.value<[j: 3, l: 3], real>
    %hl = dsf.read %h[l] : !dsf.state<[3], real> -> !dsf.value<[l: 3], real>
    %hj = dsf.read %h[j] : !dsf.state<[3], real> -> !dsf.value<[j: 3], real>
    %Sij = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %Wh = dsf.binary mul %Wjl, %hl : !dsf.value<[j: 3, l: 3], real>, !dsf.value<[l: 3], real>
    %Whj = dsf.reduce sum %Wh over [l] : !dsf.value<[j: 3, l: 3], real>
    %b = dsf.unary tanh %Whj : !dsf.value<[j: 3], real>
    %c = dsf.unary sigmoid %xj : !dsf.value<[j: 3], real>
    %n = dsf.binary add %b, %c : !dsf.value<[j: 3], real>, !dsf.value<[j: 3], real>
    dsf.set @h, %n[j] : !dsf.value<[j: 3], real>
    %a = dsf.unary sigmoid %gi : !dsf.value<[i: 2], real>
    %k = dsf.unary silu %gi : !dsf.value<[i: 2], real>
    %kx = dsf.binary mul %k, %xj : !dsf.value<[i: 2], real>, !dsf.value<[j: 3], real>
    %ekx = dsf.unary cos %kx : !dsf.value<[i: 2, j: 3], real>
    %d = dsf.binary mul %a, %Sij : !dsf.value<[i: 2], real>, !dsf.value<[i: 2, j: 3], real>
    %e = dsf.binary add %d, %ekx : !dsf.value<[i: 2, j: 3], real>, !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %e[i, j] : !dsf.value<[i: 2, j: 3], real>
    %E = dsf.pack %e[i, j] : !dsf.value<[i: 2, j: 3], real> -> !dsf.array<[2, 3], real>
    %Ea = dsf.read %E[a, j] : !dsf.array<[2, 3], real> -> !dsf.value<[a: 2, j: 3], real>
    %Ebn = dsf.binary mul %Ea, %n : !dsf.value<[a: 2, j: 3], real>, !dsf.value<[j: 3], real>
    %r = dsf.reduce sum %Ebn over [a] : !dsf.value<[a: 2, j: 3], real>
    %r1 = dsf.binary add %r, %b : !dsf.value<[j: 3], real>, !dsf.value<[j: 3], real>
    %r2 = dsf.binary add %r1, %hj : !dsf.value<[j: 3], real>, !dsf.value<[j: 3], real>
    dsf.set @o, %r2[j] : !dsf.value<[j: 3], real>
    %A = dsf.pack %a[i] : !dsf.value<[i: 2], real> -> !dsf.array<[2], real>
    %np = dsf.shift %past, %A : !dsf.state<[2, 2], real>, !dsf.array<[2], real> -> !dsf.array<[2, 2], real>
    %npv = dsf.read %np[m, i] : !dsf.array<[2, 2], real> -> !dsf.value<[m: 2, i: 2], real>
    dsf.set @past, %npv[m, i] : !dsf.value<[m: 2, i: 2], real>
    %tap = dsf.read %np[1, i] : !dsf.array<[2, 2], real> -> !dsf.value<[i: 2], real>
    dsf.set @p, %tap[i] : !dsf.value<[i: 2], real>
    %y = dsf.unary erf %c : !dsf.value<[j: 3], real>
    dsf.set @y, %y[j] : !dsf.value<[j: 3], real>
  }
})";

static Array makeRandom(llvm::ArrayRef<int64_t> shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> normal;
  int64_t size = 1;
  for (int64_t extent : shape)
    size *= extent;
  std::vector<double> values(size);
  for (double &value : values)
    value = normal(generator);
  return makeArray(shape, values);
}

static void expectSame(const SplitOptions &options) {
  Specialization sizes;
  sizes.given.insert("W");
  Program whole(text, sizes), phases(text, sizes);
  Sequence sequence;
  sequence.steps = 17;
  sequence.tensors["x"] = makeRandom({17, 3}, 1);
  sequence.tensors["g"] = makeRandom({17, 2}, 2);
  sequence.tensors["W"] = makeRandom({3, 3}, 3);
  sequence.tensors["S"] = makeRandom({2, 3}, 4);
  Results expected = whole.run(sequence);
  ASSERT_TRUE(succeeded(split(phases.get(), options)));
  ASSERT_TRUE(succeeded(mlir::verify(phases.get())));
  EXPECT_FALSE(phases.get().getPhase<StepOp>());
  Results actual = phases.run(sequence);
  ASSERT_EQ(expected.size(), 6u);
  for (auto &result : expected) {
    SCOPED_TRACE(result.getKey().str());
    EXPECT_EQ(result.getValue().data, actual[result.getKey()].data);
  }
}

TEST(Split, computesTheSame) { expectSame({}); }

TEST(Split, computesTheSameWithWideSignals) {
  SplitOptions options;
  options.hoistWide = true;
  expectSame(options);
}
