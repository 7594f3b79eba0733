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
  // CHECK: range #dsf.interval<open -inf, closed 0.000000e+00>
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
    // CHECK: dsf.reduce sum %{{.*}} over [i]
    %y = dsf.reduce sum %qn over [i] : !dsf.value<[i: @K, j: @V], real>
    %o = dsf.binary mul %s, %y : !dsf.value<[], real>, !dsf.value<[j: @V], real>
    dsf.set @o, %o[j] : !dsf.value<[j: @V], real>
  }
}

// The ops that @gla does without.
// CHECK-LABEL: dsf.recurrence @all reverse
dsf.recurrence @all reverse {
  dsf.dim @K
  dsf.dim @R default 2
  dsf.in @x : !dsf.array<[@K], real> range #dsf.choice<0.0, 1.0>
  // CHECK: dsf.in @z : !dsf.array<[@K], complex> storage complex<f64>
  dsf.in @z : !dsf.array<[@K], complex> storage complex<f64>
  dsf.param @w : !dsf.param<[3, @K], real>
  dsf.param @A : !dsf.param<[@K, @K], real>
  // CHECK: dsf.state @past hidden : !dsf.state<[2, @K], real>
  dsf.state @past hidden : !dsf.state<[2, @K], real>
  dsf.state @h : !dsf.state<[@K], real> init {
    // CHECK: dsf.index : <[i: @K], real>
    %i = dsf.index : !dsf.value<[i: @K], real>
    // CHECK-NEXT: dsf.heads
    %n = dsf.heads
    // CHECK-NEXT: dsf.constant -inf
    %inf = dsf.constant -inf
    %m = dsf.binary min %i, %n : !dsf.value<[i: @K], real>, !dsf.value<[], real>
    %v = dsf.binary max %m, %inf : !dsf.value<[i: @K], real>, !dsf.value<[], real>
    dsf.yield %v[i] : !dsf.value<[i: @K], real>
  }
  // CHECK: dsf.signal @u : !dsf.array<[@K], bool>
  dsf.signal @u : !dsf.array<[@K], bool>
  dsf.out @o : !dsf.array<[@K], complex>
  // CHECK: dsf.input {
  dsf.input {
    %x = dsf.get @x : !dsf.array<[@K], real>
    %xi = dsf.read %x[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    // CHECK: dsf.time
    %t = dsf.time
    // CHECK: dsf.head
    %h = dsf.head
    %th = dsf.binary pow %t, %h : !dsf.value<[], real>, !dsf.value<[], real>
    %b = dsf.binary ge %xi, %th : !dsf.value<[i: @K], real>, !dsf.value<[], real>
    // CHECK: dsf.unary not
    %u = dsf.unary not %b : !dsf.value<[i: @K], bool>
    dsf.set @u, %u[i] : !dsf.value<[i: @K], bool>
  }
  // CHECK: dsf.transition {
  dsf.transition {
    %past = dsf.get @past : !dsf.state<[2, @K], real>
    %x = dsf.get @x : !dsf.array<[@K], real>
    // CHECK: dsf.shift %{{.*}}, %{{.*}} : !dsf.state<[2, @K], real>, !dsf.array<[@K], real> -> <[2, @K], real>
    %next = dsf.shift %past, %x : !dsf.state<[2, @K], real>, !dsf.array<[@K], real> -> !dsf.array<[2, @K], real>
    %nv = dsf.read %next[m, i] : !dsf.array<[2, @K], real> -> !dsf.value<[m: 2, i: @K], real>
    dsf.set @past, %nv[m, i] : !dsf.value<[m: 2, i: @K], real>
    %h = dsf.get @h : !dsf.state<[@K], real>
    %w = dsf.get @w : !dsf.param<[3, @K], real>
    // CHECK: dsf.inverse %{{.*}} : !dsf.param<[@K, @K], real> -> <[@K, @K], real>
    %A = dsf.get @A : !dsf.param<[@K, @K], real>
    %inv = dsf.inverse %A : !dsf.param<[@K, @K], real> -> !dsf.array<[@K, @K], real>
    // CHECK: dsf.for @R(%{{.*}}) : (!dsf.state<[@K], real>) -> !dsf.array<[@K], real> {
    %l = dsf.for @R (%h) : (!dsf.state<[@K], real>) -> !dsf.array<[@K], real> {
    ^bb0(%r: index, %a: !dsf.array<[@K], real>):
      %ai = dsf.read %a[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
      // CHECK: dsf.read %{{.*}} map #{{.*}} (%{{.*}}) : !dsf.param<[3, @K], real>
      %wi = dsf.read %w map affine_map<(d0)[s0] -> (2 - s0, d0)> (%r) : !dsf.param<[3, @K], real> -> !dsf.value<[i: @K], real>
      // CHECK: dsf.number
      %n = dsf.number %r
      %p = dsf.binary mul %wi, %n : !dsf.value<[i: @K], real>, !dsf.value<[], real>
      %s = dsf.binary add %ai, %p : !dsf.value<[i: @K], real>, !dsf.value<[i: @K], real>
      // CHECK: dsf.pack %{{.*}} [i] : <[i: @K], real> -> <[@K], real>
      %y = dsf.pack %s[i] : !dsf.value<[i: @K], real> -> !dsf.array<[@K], real>
      // CHECK: dsf.yield %{{.*}} : !dsf.array<[@K], real>
      dsf.yield %y : !dsf.array<[@K], real>
    }
    %lv = dsf.read %l[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    // CHECK: dsf.extent @K
    %K = dsf.extent @K
    // CHECK: dsf.read %{{.*}}[0, i]
    %w0 = dsf.read %w[0, i] : !dsf.param<[3, @K], real> -> !dsf.value<[i: @K], real>
    %v = dsf.binary sub %lv, %w0 : !dsf.value<[i: @K], real>, !dsf.value<[i: @K], real>
    dsf.set @h, %v[i] : !dsf.value<[i: @K], real>
  }
  // CHECK: dsf.readout {
  dsf.readout {
    // CHECK: dsf.get @h next : !dsf.state<[@K], real>
    %h = dsf.get @h next : !dsf.state<[@K], real>
    %hi = dsf.read %h[i] : !dsf.state<[@K], real> -> !dsf.value<[i: @K], real>
    %z = dsf.get @z : !dsf.array<[@K], complex>
    %zi = dsf.read %z[i] : !dsf.array<[@K], complex> -> !dsf.value<[i: @K], complex>
    %u = dsf.get @u : !dsf.array<[@K], bool>
    %ui = dsf.read %u[i] : !dsf.array<[@K], bool> -> !dsf.value<[i: @K], bool>
    // CHECK: dsf.select
    %s = dsf.select %ui, %zi, %hi : !dsf.value<[i: @K], bool>, !dsf.value<[i: @K], complex>, !dsf.value<[i: @K], real>
    // CHECK: dsf.reduce prod %{{.*}} over [i]
    %p = dsf.reduce prod %s over [i] : !dsf.value<[i: @K], complex>
    dsf.set @o, %p[i] : !dsf.value<[], complex>
  }
}

// What is carried is not what the caller sees.
// CHECK-LABEL: dsf.recurrence @scaled
dsf.recurrence @scaled {
  // CHECK: dsf.state @u : !dsf.state<[4], real> init {
  // CHECK: } final {
  // CHECK: dsf.yield %{{.*}}[i] : !dsf.value<[i: 4], real>
  dsf.state @u : !dsf.state<[4], real> init {
    %0 = dsf.constant 1.0
    dsf.yield %0[i] : !dsf.value<[], real>
  } final {
    %u = dsf.get @u : !dsf.state<[4], real>
    %ui = dsf.read %u[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
    %m = dsf.get @m : !dsf.state<[], real>
    %mm = dsf.read %m[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %0 = dsf.binary mul %ui, %mm : !dsf.value<[i: 4], real>, !dsf.value<[], real>
    dsf.yield %0[i] : !dsf.value<[i: 4], real>
  }
  // CHECK: dsf.state @m local : !dsf.state<[], real> init {
  // CHECK-NEXT: dsf.get @u
  dsf.state @m local : !dsf.state<[], real> init {
    %u = dsf.get @u : !dsf.state<[4], real>
    %ui = dsf.read %u[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
    %0 = dsf.reduce max %ui over [i] : !dsf.value<[i: 4], real>
    dsf.yield %0[] : !dsf.value<[], real>
  }
  dsf.step {
    %u = dsf.get @u : !dsf.state<[4], real>
    %ui = dsf.read %u[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
    %m = dsf.get @m : !dsf.state<[], real>
    %mm = dsf.read %m[] : !dsf.state<[], real> -> !dsf.value<[], real>
    dsf.set @u, %ui[i] : !dsf.value<[i: 4], real>
    dsf.set @m, %mm[] : !dsf.value<[], real>
  }
}

// A normal form beside its step, and a schedule.
// CHECK-LABEL: dsf.recurrence @delta schedule <chunked, chunk = 16>
dsf.recurrence @delta schedule #dsf.schedule<chunked, chunk = 16> {
  dsf.in @k : !dsf.array<[4], real>
  dsf.in @v : !dsf.array<[8], real>
  dsf.in @a : !dsf.array<[], real>
  dsf.state @S : !dsf.state<[4, 8], real>
  dsf.state @P : !dsf.state<[4, 8], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[4, 8], real>
    %s = dsf.read %S[i, j] : !dsf.state<[4, 8], real> -> !dsf.value<[i: 4, j: 8], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 4, j: 8], real>
    dsf.set @P, %s[i, j] : !dsf.value<[i: 4, j: 8], real>
  }
  // CHECK: dsf.form {
  dsf.form {
    %k = dsf.get @k : !dsf.array<[4], real>
    %v = dsf.get @v : !dsf.array<[8], real>
    %a = dsf.get @a : !dsf.array<[], real>
    %ki = dsf.read %k[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    %vj = dsf.read %v[j] : !dsf.array<[8], real> -> !dsf.value<[j: 8], real>
    %a0 = dsf.read %a[] : !dsf.array<[], real> -> !dsf.value<[], real>
    // CHECK: dsf.evolve @S [i, j] keys [i]
    // CHECK-SAME: decay %[[K:[0-9]+]] : !dsf.value<[i: 4], real>
    // CHECK-SAME: value_decay %[[V:[0-9]+]] : !dsf.value<[j: 8], real>
    // CHECK-SAME: add %[[K]], %[[K]] : {{.*}} times %[[V]], %{{.*}} : !dsf.value<[j: 8], real>, !dsf.value<[], real>
    dsf.evolve @S[i, j] keys [i] decay %ki : !dsf.value<[i: 4], real>
      value_decay %vj : !dsf.value<[j: 8], real>
      add %ki, %ki : !dsf.value<[i: 4], real>, !dsf.value<[i: 4], real>
      times %vj, %a0 : !dsf.value<[j: 8], real>, !dsf.value<[], real>
    // CHECK: dsf.evolve @P [i, j] keys [i, j] couple [@S] by %{{.*}} : !dsf.value<[], real>
    dsf.evolve @P[i, j] keys [i, j] couple [@S] by %a0 : !dsf.value<[], real>
  }
}

// The other schedules.
// CHECK: dsf.recurrence @pinned schedule <scan, chunk = 64, lanes = 16, segments = 4>
dsf.recurrence @pinned schedule #dsf.schedule<scan, chunk = 64, lanes = 16, segments = 4> {
  dsf.step {}
}
// CHECK: dsf.recurrence @slow schedule <sequential>
dsf.recurrence @slow schedule #dsf.schedule<sequential> {
  dsf.step {}
}
