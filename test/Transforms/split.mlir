// RUN: lrc-opt %s --dsf-split -split-input-file | FileCheck %s
// RUN: lrc-opt %s --dsf-split=hoist-wide -split-input-file \
// RUN:   | FileCheck %s --check-prefix=WIDE

// exp(g) is a signal; k v^T is larger than k and v, so that it stays; scale and
// q need no arithmetic; the readout takes the new state.
// CHECK-LABEL: dsf.recurrence @gla
// CHECK: dsf.signal @u0 : !dsf.array<[4], real>
// CHECK-NOT: dsf.signal
// CHECK: dsf.input {
// CHECK: %[[E:.*]] = dsf.unary exp
// CHECK-NEXT: dsf.set @u0, %[[E]] [i]
// CHECK-NEXT: }
// CHECK-NEXT: dsf.transition {
// CHECK-DAG: dsf.get @S :
// CHECK-DAG: dsf.get @k
// CHECK-DAG: dsf.get @v
// CHECK-DAG: dsf.get @u0
// CHECK-NOT: exp
// CHECK: dsf.set @S
// CHECK-NEXT: }
// CHECK-NEXT: dsf.readout {
// CHECK-NOT: dsf.get @S :
// CHECK-DAG: dsf.get @S next
// CHECK-DAG: dsf.get @q
// CHECK-DAG: dsf.get @scale
// CHECK: dsf.reduce sum
// CHECK: dsf.set @o
// WIDE-LABEL: dsf.recurrence @gla
// WIDE: dsf.signal @u0 : !dsf.array<[4], real>
// WIDE: dsf.signal @u1 : !dsf.array<[4, 2], real>
dsf.recurrence @gla {
  dsf.in @q : !dsf.array<[4], real>
  dsf.in @k : !dsf.array<[4], real>
  dsf.in @v : !dsf.array<[2], real>
  dsf.in @g : !dsf.array<[4], real>
  dsf.param @scale : !dsf.param<[], real>
  dsf.state @S : !dsf.state<[4, 2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[4, 2], real>
    %g = dsf.get @g : !dsf.array<[4], real>
    %k = dsf.get @k : !dsf.array<[4], real>
    %v = dsf.get @v : !dsf.array<[2], real>
    %q = dsf.get @q : !dsf.array<[4], real>
    %scale = dsf.get @scale : !dsf.param<[], real>
    %Sij = dsf.read %S[i, j] : !dsf.state<[4, 2], real> -> !dsf.value<[i: 4, j: 2], real>
    %gi = dsf.read %g[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    %ki = dsf.read %k[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    %vj = dsf.read %v[j] : !dsf.array<[2], real> -> !dsf.value<[j: 2], real>
    %qi = dsf.read %q[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    %s = dsf.read %scale[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %a = dsf.unary exp %gi : !dsf.value<[i: 4], real>
    %d = dsf.binary mul %a, %Sij : !dsf.value<[i: 4], real>, !dsf.value<[i: 4, j: 2], real>
    %kv = dsf.binary mul %ki, %vj : !dsf.value<[i: 4], real>, !dsf.value<[j: 2], real>
    %n = dsf.binary add %d, %kv : !dsf.value<[i: 4, j: 2], real>, !dsf.value<[i: 4, j: 2], real>
    dsf.set @S, %n[i, j] : !dsf.value<[i: 4, j: 2], real>
    %qn = dsf.binary mul %qi, %n : !dsf.value<[i: 4], real>, !dsf.value<[i: 4, j: 2], real>
    %y = dsf.reduce sum %qn over [i] : !dsf.value<[i: 4, j: 2], real>
    %o = dsf.binary mul %s, %y : !dsf.value<[], real>, !dsf.value<[j: 2], real>
    dsf.set @o, %o[j] : !dsf.value<[j: 2], real>
  }
}

// -----

// The projection W x is done for all steps; sigmoid(a) is the same for all of
// them and no signal; tanh is needed by both and computed in both; the bool is
// a signal; the output @y is one altogether.
// CHECK-LABEL: dsf.recurrence @cell
// CHECK: dsf.signal @u0 : !dsf.array<[2], real>
// CHECK: dsf.signal @u1 : !dsf.array<[2], bool>
// CHECK: dsf.signal @u2 : !dsf.array<[2], real>
// CHECK-NOT: dsf.signal
// CHECK: dsf.input {
// CHECK: dsf.reduce sum
// CHECK-NOT: sigmoid
// CHECK: dsf.transition {
// CHECK-DAG: dsf.unary sigmoid
// CHECK-DAG: dsf.unary tanh
// CHECK: dsf.select
// CHECK: dsf.readout {
// CHECK-DAG: dsf.unary tanh
// CHECK-DAG: dsf.get @u2
// CHECK-NOT: dsf.select
dsf.recurrence @cell {
  dsf.in @x : !dsf.array<[2], real>
  dsf.param @W : !dsf.param<[2, 2], real>
  dsf.param @a : !dsf.param<[2], real>
  dsf.state @h : !dsf.state<[2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.out @y : !dsf.array<[2], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[2], real>
    %W = dsf.get @W : !dsf.param<[2, 2], real>
    %a = dsf.get @a : !dsf.param<[2], real>
    %h = dsf.get @h : !dsf.state<[2], real>
    %xm = dsf.read %x[m] : !dsf.array<[2], real> -> !dsf.value<[m: 2], real>
    %Wim = dsf.read %W[i, m] : !dsf.param<[2, 2], real> -> !dsf.value<[i: 2, m: 2], real>
    %ai = dsf.read %a[i] : !dsf.param<[2], real> -> !dsf.value<[i: 2], real>
    %hi = dsf.read %h[i] : !dsf.state<[2], real> -> !dsf.value<[i: 2], real>
    %p = dsf.binary mul %Wim, %xm : !dsf.value<[i: 2, m: 2], real>, !dsf.value<[m: 2], real>
    %u = dsf.reduce sum %p over [m] : !dsf.value<[i: 2, m: 2], real>
    %zero = dsf.constant 0.0
    %b = dsf.binary gt %u, %zero : !dsf.value<[i: 2], real>, !dsf.value<[], real>
    %s = dsf.unary sigmoid %ai : !dsf.value<[i: 2], real>
    %t = dsf.unary tanh %hi : !dsf.value<[i: 2], real>
    %st = dsf.binary mul %s, %t : !dsf.value<[i: 2], real>, !dsf.value<[i: 2], real>
    %n = dsf.binary add %st, %u : !dsf.value<[i: 2], real>, !dsf.value<[i: 2], real>
    %nb = dsf.select %b, %n, %hi : !dsf.value<[i: 2], bool>, !dsf.value<[i: 2], real>, !dsf.value<[i: 2], real>
    dsf.set @h, %nb[i] : !dsf.value<[i: 2], real>
    %o = dsf.binary add %t, %nb : !dsf.value<[i: 2], real>, !dsf.value<[i: 2], real>
    dsf.set @o, %o[i] : !dsf.value<[i: 2], real>
    %y = dsf.unary erf %u : !dsf.value<[i: 2], real>
    dsf.set @y, %y[i] : !dsf.value<[i: 2], real>
  }
}

// -----

// The history behind delay(x, 2): the shifted array is the new state, and the
// readout reads its rows; no signal is needed.
// CHECK-LABEL: dsf.recurrence @delay
// CHECK-NOT: dsf.signal
// CHECK: dsf.input {
// CHECK-NEXT: }
// CHECK: dsf.transition {
// CHECK: dsf.shift
// CHECK: dsf.readout {
// CHECK-NEXT: %[[P:.*]] = dsf.get @past next
// CHECK-NEXT: %[[R:.*]] = dsf.read %[[P]][1, i]
// CHECK-NEXT: dsf.set @o, %[[R]] [i]
dsf.recurrence @delay {
  dsf.in @x : !dsf.array<[2], real>
  dsf.state @past hidden : !dsf.state<[2, 2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %p = dsf.get @past : !dsf.state<[2, 2], real>
    %x = dsf.get @x : !dsf.array<[2], real>
    %n = dsf.shift %p, %x : !dsf.state<[2, 2], real>, !dsf.array<[2], real> -> !dsf.array<[2, 2], real>
    %v = dsf.read %n[m, i] : !dsf.array<[2, 2], real> -> !dsf.value<[m: 2, i: 2], real>
    dsf.set @past, %v[m, i] : !dsf.value<[m: 2, i: 2], real>
    %d = dsf.read %n[1, i] : !dsf.array<[2, 2], real> -> !dsf.value<[i: 2], real>
    dsf.set @o, %d[i] : !dsf.value<[i: 2], real>
  }
}
