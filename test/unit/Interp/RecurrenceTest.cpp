//===- RecurrenceTest.cpp - The interpreter on whole recurrences ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"

using namespace lrc;
using namespace lrc::interp;

//===----------------------------------------------------------------------===//
// Gated linear attention
//===----------------------------------------------------------------------===//

static const char *const gla = R"(
dsf.recurrence @gla {
  dsf.dim @K
  dsf.dim @V
  dsf.in @q : !dsf.array<[@K], real>
  dsf.in @k : !dsf.array<[@K], real>
  dsf.in @v : !dsf.array<[@V], real>
  dsf.in @g : !dsf.array<[@K], real>
  dsf.param @scale : !dsf.param<[], real> default {
    %K = dsf.extent @K
    %n = dsf.number %K
    %r = dsf.unary rsqrt %n : !dsf.value<[], real>
    dsf.yield %r[] : !dsf.value<[], real>
  }
  dsf.state @S : !dsf.state<[@K, @V], real>
  dsf.out @o : !dsf.array<[@V], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[@K, @V], real>
    %g = dsf.get @g : !dsf.array<[@K], real>
    %k = dsf.get @k : !dsf.array<[@K], real>
    %v = dsf.get @v : !dsf.array<[@V], real>
    %q = dsf.get @q : !dsf.array<[@K], real>
    %scale = dsf.get @scale : !dsf.param<[], real>
    %Sij = dsf.read %S[i, j] : !dsf.state<[@K, @V], real> -> !dsf.value<[i: @K, j: @V], real>
    %gi = dsf.read %g[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    %ki = dsf.read %k[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    %vj = dsf.read %v[j] : !dsf.array<[@V], real> -> !dsf.value<[j: @V], real>
    %qi = dsf.read %q[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    %s = dsf.read %scale[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %a = dsf.unary exp %gi : !dsf.value<[i: @K], real>
    %d = dsf.binary mul %a, %Sij : !dsf.value<[i: @K], real>, !dsf.value<[i: @K, j: @V], real>
    %kv = dsf.binary mul %ki, %vj : !dsf.value<[i: @K], real>, !dsf.value<[j: @V], real>
    %n = dsf.binary add %d, %kv : !dsf.value<[i: @K, j: @V], real>, !dsf.value<[i: @K, j: @V], real>
    dsf.set @S, %n[i, j] : !dsf.value<[i: @K, j: @V], real>
    %qn = dsf.binary mul %qi, %n : !dsf.value<[i: @K], real>, !dsf.value<[i: @K, j: @V], real>
    %y = dsf.reduce sum %qn over [i] : !dsf.value<[i: @K, j: @V], real>
    %o = dsf.binary mul %s, %y : !dsf.value<[], real>, !dsf.value<[j: @V], real>
    dsf.set @o, %o[j] : !dsf.value<[j: @V], real>
  }
})";

static Specialization glaSizes(int64_t k, int64_t v) {
  Specialization sizes;
  sizes.dims["K"] = k;
  sizes.dims["V"] = v;
  return sizes;
}

/// K = 2, V = 1, decays exp(g) of 1/2 and 1.
static Sequence glaSequence() {
  double half = std::log(0.5);
  Sequence sequence;
  sequence.steps = 4;
  sequence.tensors["q"] = makeArray({4, 2}, {1, 1, 1, 0, 0, 1, 2, -1});
  sequence.tensors["k"] = makeArray({4, 2}, {1, 0, 0, 1, 1, 1, 2, 1});
  sequence.tensors["v"] = makeArray({4, 1}, {8, 4, 2, 1});
  sequence.tensors["g"] =
      makeArray({4, 2}, {half, 0, half, 0, half, 0, half, 0});
  return sequence;
}

TEST(Recurrence, glaFourSteps) {
  Specialization sizes = glaSizes(2, 1);
  sizes.scalars["scale"] = 0.5;
  // S = (8, 0), (4, 4), (4, 6), (4, 7)
  Results results = Program(gla, sizes).run(glaSequence());
  expectArray(results["o"], {4, 1}, {4, 2, 3, 0.5});
  expectArray(results["S"], {2, 1}, {4, 7});
}

TEST(Recurrence, defaultParameter) {
  Results results = Program(gla, glaSizes(2, 1)).run(glaSequence());
  double scale = 1 / std::sqrt(2);
  expectArray(results["o"], {4, 1}, {8 * scale, 4 * scale, 6 * scale, scale});
}

TEST(Recurrence, givenParameterAndInitialState) {
  Specialization sizes = glaSizes(2, 1);
  sizes.given.insert("scale");
  Sequence sequence = glaSequence();
  sequence.tensors["scale"] = makeArray({}, {1});
  sequence.tensors["S"] = makeArray({2, 1}, {16, 1});
  // S = (16, 1), (8, 5), (6, 7), (5, 8)
  Results results = Program(gla, sizes).run(sequence);
  expectArray(results["o"], {4, 1}, {17, 8, 7, 2});
  expectArray(results["S"], {2, 1}, {5, 8});
}

TEST(Recurrence, noSteps) {
  Sequence sequence;
  for (const char *name : {"q", "k", "g"})
    sequence.tensors[name] = makeArray({0, 2}, {});
  sequence.tensors["v"] = makeArray({0, 1}, {});
  Results results = Program(gla, glaSizes(2, 1)).run(sequence);
  expectArray(results["o"], {0, 1}, {});
  expectArray(results["S"], {2, 1}, {0, 0});
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// h <- h + x (t + 1); o = h
static std::string makeSum(llvm::StringRef modifier) {
  return ("dsf.recurrence @sum " + modifier + R"( {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @h : !dsf.state<[], real>
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %h = dsf.get @h : !dsf.state<[], real>
    %x = dsf.get @x : !dsf.array<[], real>
    %hv = dsf.read %h[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %xv = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %t = dsf.time
    %one = dsf.constant 1.0
    %t1 = dsf.binary add %t, %one : !dsf.value<[], real>, !dsf.value<[], real>
    %xt = dsf.binary mul %xv, %t1 : !dsf.value<[], real>, !dsf.value<[], real>
    %n = dsf.binary add %hv, %xt : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @h, %n[] : !dsf.value<[], real>
    dsf.set @o, %n[] : !dsf.value<[], real>
  }
})")
      .str();
}

TEST(Recurrence, timeRunsForward) {
  Sequence sequence;
  sequence.steps = 3;
  sequence.tensors["x"] = makeArray({3}, {1, 10, 100});
  Results results = Program(makeSum("")).run(sequence);
  expectArray(results["o"], {3}, {1, 21, 321});
  expectArray(results["h"], {}, {321});
}

TEST(Recurrence, timeRunsBackward) {
  Sequence sequence;
  sequence.steps = 3;
  sequence.tensors["x"] = makeArray({3}, {1, 10, 100});
  Results results = Program(makeSum("reverse")).run(sequence);
  // t = 0 at the last position, and outputs stay at their positions.
  expectArray(results["o"], {3}, {123, 120, 100});
  expectArray(results["h"], {}, {123});
}

TEST(Recurrence, manySteps) {
  Sequence sequence;
  sequence.steps = 1000003;
  sequence.tensors["x"] =
      makeArray({sequence.steps}, std::vector<double>(sequence.steps, 1));
  Results results = Program(makeSum("")).run(sequence);
  double n = sequence.steps;
  expectArray(results["h"], {}, {n * (n + 1) / 2});
}

TEST(Recurrence, delay) {
  // o = x two steps ago
  Program program(R"(
dsf.recurrence @delay {
  dsf.in @x : !dsf.array<[2], real>
  dsf.state @past hidden : !dsf.state<[2, 2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %p = dsf.get @past : !dsf.state<[2, 2], real>
    %x = dsf.get @x : !dsf.array<[2], real>
    %d = dsf.read %p[1, i] : !dsf.state<[2, 2], real> -> !dsf.value<[i: 2], real>
    dsf.set @o, %d[i] : !dsf.value<[i: 2], real>
    %n = dsf.shift %p, %x : !dsf.state<[2, 2], real>, !dsf.array<[2], real> -> !dsf.array<[2, 2], real>
    %v = dsf.read %n[m, i] : !dsf.array<[2, 2], real> -> !dsf.value<[m: 2, i: 2], real>
    dsf.set @past, %v[m, i] : !dsf.value<[m: 2, i: 2], real>
  }
})");
  Sequence sequence;
  sequence.steps = 4;
  sequence.tensors["x"] = makeArray({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  Results results = program.run(sequence);
  expectArray(results["o"], {4, 2}, {0, 0, 0, 0, 1, 2, 3, 4});
  expectArray(results["past"], {2, 2}, {7, 8, 5, 6});
}

//===----------------------------------------------------------------------===//
// Micro-loops, init regions, phases
//===----------------------------------------------------------------------===//

TEST(Recurrence, microLoop) {
  // for r in 3: h <- 2 h + x[r] + r, from h = A * head
  Program program(R"(
dsf.recurrence @loop {
  dsf.dim @R default 3
  dsf.in @x : !dsf.array<[@R], real>
  dsf.param @A : !dsf.param<[], real> default {
    %c = dsf.constant 5.0
    dsf.yield %c[] : !dsf.value<[], real>
  }
  dsf.state @h : !dsf.state<[], real> init {
    %a = dsf.get @A : !dsf.param<[], real>
    %av = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %head = dsf.head
    %v = dsf.binary mul %av, %head : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %v[] : !dsf.value<[], real>
  }
  dsf.step {
    %h = dsf.get @h : !dsf.state<[], real>
    %x = dsf.get @x : !dsf.array<[@R], real>
    %n = dsf.for @R (%h) : (!dsf.state<[], real>) -> !dsf.array<[], real> {
    ^bb0(%r: index, %s: !dsf.array<[], real>):
      %sv = dsf.read %s[] : !dsf.array<[], real> -> !dsf.value<[], real>
      %xr = dsf.read %x map affine_map<()[s0] -> (s0)> (%r) : !dsf.array<[@R], real> -> !dsf.value<[], real>
      %rn = dsf.number %r
      %two = dsf.binary add %sv, %sv : !dsf.value<[], real>, !dsf.value<[], real>
      %a = dsf.binary add %two, %xr : !dsf.value<[], real>, !dsf.value<[], real>
      %b = dsf.binary add %a, %rn : !dsf.value<[], real>, !dsf.value<[], real>
      %p = dsf.pack %b[] : !dsf.value<[], real> -> !dsf.array<[], real>
      dsf.yield %p : !dsf.array<[], real>
    }
    %nv = dsf.read %n[] : !dsf.array<[], real> -> !dsf.value<[], real>
    dsf.set @h, %nv[] : !dsf.value<[], real>
  }
})");
  Sequence sequence;
  sequence.steps = 1;
  sequence.head = 2;
  sequence.heads = 4;
  sequence.tensors["x"] = makeArray({1, 3}, {1, 2, 3});
  // 10 -> 21 -> 45 -> 95
  expectArray(program.run(sequence)["h"], {}, {95});
}

TEST(Recurrence, complexState) {
  // h <- i h + x
  Program program(R"(
dsf.recurrence @rotate {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @h : !dsf.state<[], complex>
  dsf.out @o : !dsf.array<[], complex>
  dsf.step {
    %h = dsf.get @h : !dsf.state<[], complex>
    %x = dsf.get @x : !dsf.array<[], real>
    %hv = dsf.read %h[] : !dsf.state<[], complex> -> !dsf.value<[], complex>
    %xv = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %zero = dsf.constant 0.0
    %one = dsf.constant 1.0
    %i = dsf.binary complex %zero, %one : !dsf.value<[], real>, !dsf.value<[], real>
    %m = dsf.binary mul %i, %hv : !dsf.value<[], complex>, !dsf.value<[], complex>
    %n = dsf.binary add %m, %xv : !dsf.value<[], complex>, !dsf.value<[], real>
    dsf.set @h, %n[] : !dsf.value<[], complex>
    dsf.set @o, %n[] : !dsf.value<[], complex>
  }
})");
  Sequence sequence;
  sequence.steps = 3;
  sequence.tensors["x"] = makeArray({3}, {1, 2, 4});
  Results results = program.run(sequence);
  EXPECT_EQ(results["o"].data, (std::vector<Complex>{{1, 0}, {2, 1}, {3, 2}}));
  EXPECT_EQ(results["h"].data, (std::vector<Complex>{{3, 2}}));
}

TEST(Recurrence, phases) {
  // u = 2 x; h <- h + u; o = h after - h before + u
  Program program(R"(
dsf.recurrence @phases {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @h : !dsf.state<[], real>
  dsf.signal @u : !dsf.array<[], real>
  dsf.out @o : !dsf.array<[], real>
  dsf.input {
    %x = dsf.get @x : !dsf.array<[], real>
    %xv = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %u = dsf.binary add %xv, %xv : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @u, %u[] : !dsf.value<[], real>
  }
  dsf.transition {
    %h = dsf.get @h : !dsf.state<[], real>
    %hv = dsf.read %h[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %u = dsf.get @u : !dsf.array<[], real>
    %uv = dsf.read %u[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %n = dsf.binary add %hv, %uv : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @h, %n[] : !dsf.value<[], real>
  }
  dsf.readout {
    %h = dsf.get @h : !dsf.state<[], real>
    %hv = dsf.read %h[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %n = dsf.get @h next : !dsf.state<[], real>
    %nv = dsf.read %n[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %u = dsf.get @u : !dsf.array<[], real>
    %uv = dsf.read %u[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %d = dsf.binary sub %nv, %hv : !dsf.value<[], real>, !dsf.value<[], real>
    %o = dsf.binary add %d, %uv : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @o, %o[] : !dsf.value<[], real>
  }
})");
  Sequence sequence;
  sequence.steps = 2;
  sequence.tensors["x"] = makeArray({2}, {1, 3});
  Results results = program.run(sequence);
  expectArray(results["o"], {2}, {4, 12});
  expectArray(results["h"], {}, {8});
}

TEST(Recurrence, speedOfMatrixStates) {
  int64_t steps = 200, size = 128;
  Sequence sequence;
  sequence.steps = steps;
  for (const char *name : {"q", "k", "v", "g"})
    sequence.tensors[name] =
        makeArray({steps, size}, std::vector<double>(steps * size, -1e-3));
  Results results = Program(gla, glaSizes(size, size)).run(sequence);
  EXPECT_EQ(results["S"].data.size(), size_t(size * size));
}
