// RUN: lrc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: dsf.recurrence @gla
dsf.recurrence @gla finals [@S] {
  dsf.dim @K
  dsf.dim @V default 16
  dsf.dim @P = affine_map<()[s0] -> (s0 floordiv 2)> of [@K]
  // CHECK: dsf.in @q : !dsf.array<[@K], real> storage bf16
  dsf.in @q : !dsf.array<[@K], real> storage bf16
  dsf.in @k : !dsf.array<[@K], real> range #dsf.unit_norm
  dsf.in @v : !dsf.array<[@V], real>
  // CHECK: range <open -inf, closed 0.000000e+00>
  dsf.in @g : !dsf.array<[@K], real> range #dsf.interval<open -inf, closed 0.0>
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
    // CHECK: dsf.read %{{.*}}[i, j] : !dsf.state<[@K, @V], real> -> !dsf.value<[i: @K, j: @V], real>
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
    // CHECK: dsf.reduce sum %{{.*}} over[i]
    %y = dsf.reduce sum %qn over [i] : !dsf.value<[i: @K, j: @V], real>
    %o = dsf.binary mul %s, %y : !dsf.value<[], real>, !dsf.value<[j: @V], real>
    dsf.set @o, %o[j] : !dsf.value<[j: @V], real>
  }
}
