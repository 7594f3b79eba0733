// RUN: lrc-opt %s -split-input-file \
// RUN:   --dsf-specialize="dims=K=8,V=4 storage=k=f16" | FileCheck %s
// RUN: lrc-opt %s -split-input-file \
// RUN:   --dsf-specialize="dims=K=8,V=4 set=scale=0.5" \
// RUN:   | FileCheck %s --check-prefix=SET
// RUN: lrc-opt %s -split-input-file \
// RUN:   --dsf-specialize="dims=K=8,V=4 given=scale" \
// RUN:   | FileCheck %s --check-prefix=GIVEN

// Sizes, storage, and a parameter that defaults to another one's square.
// CHECK-LABEL: dsf.recurrence @r finals [@S]
// CHECK-NOT: dsf.dim
// CHECK: dsf.in @k : !dsf.array<[8], real> storage f16
// CHECK-NOT: dsf.param
// CHECK: dsf.state @S : !dsf.state<[8, 4], real> init {
// CHECK-NEXT: %[[HALF:.*]] = dsf.constant 5.000000e-01
// CHECK-NEXT: dsf.yield %[[HALF]] [i, j]
// CHECK: dsf.step {
// CHECK-NEXT: %[[EIGHTH:.*]] = dsf.constant 2.500000e-01
// CHECK: dsf.binary mul %{{.*}}, %[[EIGHTH]]
// CHECK: dsf.set @S, %{{.*}} [i, j] : <[i: 8, j: 4], real>
// SET-LABEL: dsf.recurrence @r
// SET: dsf.step {
// SET-NEXT: dsf.constant 2.500000e-01
// GIVEN-LABEL: dsf.recurrence @r
// GIVEN: dsf.param @scale : !dsf.param<[], real>
// GIVEN-NOT: default
// GIVEN-NOT: dsf.param @square
// GIVEN: init {
// GIVEN-NEXT: dsf.get @scale
// GIVEN: dsf.step {
// GIVEN: dsf.get @scale
dsf.recurrence @r finals [@S] {
  dsf.dim @K
  dsf.dim @V default 3
  dsf.dim @Half = affine_map<()[s0] -> (s0 floordiv 2)> of [@K]
  dsf.in @k : !dsf.array<[@K], real>
  dsf.param @scale : !dsf.param<[], real> default {
    %H = dsf.extent @Half
    %n = dsf.number %H
    %r = dsf.unary rsqrt %n : !dsf.value<[], real>
    dsf.yield %r[] : !dsf.value<[], real>
  }
  dsf.param @square : !dsf.param<[], real> default {
    %s = dsf.get @scale : !dsf.param<[], real>
    %v = dsf.read %s[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %q = dsf.binary mul %v, %v : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %q[] : !dsf.value<[], real>
  }
  dsf.state @S : !dsf.state<[@K, @V], real> init {
    %s = dsf.get @scale : !dsf.param<[], real>
    %v = dsf.read %s[] : !dsf.param<[], real> -> !dsf.value<[], real>
    dsf.yield %v[i, j] : !dsf.value<[], real>
  }
  dsf.step {
    %S = dsf.get @S : !dsf.state<[@K, @V], real>
    %k = dsf.get @k : !dsf.array<[@K], real>
    %q = dsf.get @square : !dsf.param<[], real>
    %Sij = dsf.read %S[i, j] : !dsf.state<[@K, @V], real> -> !dsf.value<[i: @K, j: @V], real>
    %ki = dsf.read %k[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    %qv = dsf.read %q[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %kq = dsf.binary mul %ki, %qv : !dsf.value<[i: @K], real>, !dsf.value<[], real>
    %n = dsf.binary add %Sij, %kq : !dsf.value<[i: @K, j: @V], real>, !dsf.value<[i: @K], real>
    dsf.set @S, %n[i, j] : !dsf.value<[i: @K, j: @V], real>
  }
}

// -----

// Pairs of neighbours are swapped: exact where intervals are not.
// CHECK-LABEL: dsf.recurrence @swap
// CHECK: dsf.read %{{.*}} map #{{.*}} () : !dsf.array<[8], real> -> !dsf.value<[i: 8], real>
dsf.recurrence @swap {
  dsf.dim @K
  dsf.dim @V default 1
  dsf.in @x : !dsf.array<[@K], real>
  dsf.param @scale : !dsf.param<[], real> default {
    %0 = dsf.constant 1.0
    dsf.yield %0[] : !dsf.value<[], real>
  }
  dsf.in @k : !dsf.array<[], real>
  dsf.out @o : !dsf.array<[@K], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[@K], real>
    %v = dsf.read %x map affine_map<(d0) -> (d0 + 1 - 2 * (d0 mod 2))> () : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    dsf.set @o, %v[i] : !dsf.value<[i: @K], real>
  }
}

// -----

// A micro-loop: r is 0, then 1; at r = 0 the subscript i + r is a part of the
// axis.
// CHECK-LABEL: dsf.recurrence @loop
// CHECK-NOT: dsf.for
// CHECK-DAG: %[[ZERO:.*]] = dsf.constant 0.000000e+00
// CHECK-DAG: %[[ONE:.*]] = dsf.constant 1.000000e+00
// CHECK: %[[H:.*]] = dsf.get @h : !dsf.state<[8], real>
// CHECK: %[[X:.*]] = dsf.get @k
// CHECK: %[[H0:.*]] = dsf.read %[[H]][i]
// CHECK: %[[X0:.*]] = dsf.read %[[X]][i] : !dsf.array<[9], real> -> !dsf.value<[i: 8], real>
// CHECK: %[[P0:.*]] = dsf.binary mul %[[X0]], %[[ZERO]]
// CHECK: %[[H1:.*]] = dsf.binary add %[[H0]], %[[P0]]
// CHECK: %[[X1:.*]] = dsf.read %[[X]] map #{{.*}} ()
// CHECK: %[[P1:.*]] = dsf.binary mul %[[X1]], %[[ONE]]
// CHECK: %[[H2:.*]] = dsf.binary add %[[H1]], %[[P1]]
// CHECK: dsf.set @h, %[[H2]] [i]
dsf.recurrence @loop {
  dsf.dim @K
  dsf.dim @V default 1
  dsf.dim @R default 2
  dsf.dim @N = affine_map<()[s0, s1] -> (s0 + s1 - 1)> of [@K, @R]
  dsf.in @k : !dsf.array<[@N], real>
  dsf.param @scale : !dsf.param<[], real> default {
    %0 = dsf.constant 1.0
    dsf.yield %0[] : !dsf.value<[], real>
  }
  dsf.state @h : !dsf.state<[@K], real>
  dsf.step {
    %h = dsf.get @h : !dsf.state<[@K], real>
    %x = dsf.get @k : !dsf.array<[@N], real>
    %l = dsf.for @R (%h) : (!dsf.state<[@K], real>) -> !dsf.array<[@K], real> {
    ^bb0(%r: index, %a: !dsf.array<[@K], real>):
      %ai = dsf.read %a[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
      %xi = dsf.read %x map affine_map<(d0)[s0] -> (d0 + s0)> (%r) : !dsf.array<[@N], real> -> !dsf.value<[i: @K], real>
      %n = dsf.number %r
      %p = dsf.binary mul %xi, %n : !dsf.value<[i: @K], real>, !dsf.value<[], real>
      %s = dsf.binary add %ai, %p : !dsf.value<[i: @K], real>, !dsf.value<[i: @K], real>
      %y = dsf.pack %s[i] : !dsf.value<[i: @K], real> -> !dsf.array<[@K], real>
      dsf.yield %y : !dsf.array<[@K], real>
    }
    %lv = dsf.read %l[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    dsf.set @h, %lv[i] : !dsf.value<[i: @K], real>
  }
}
