// RUN: lrc-opt %s --split-input-file --pass-pipeline='builtin.module(dsf.recurrence(dsf-linearize))' | FileCheck %s

// A decay, then a delta rule: one contraction for the pseudo-value, one for the
// output, both of the old state.
// CHECK-LABEL: dsf.recurrence @gated_delta
// CHECK: dsf.step {
// CHECK: dsf.form {
// CHECK: %[[A:.*]] = dsf.unary exp
// CHECK: %[[AK:.*]] = dsf.binary mul %[[A]], %[[K:.*]] : <[], real>, <[i: 2], real>
// CHECK: %[[S:.*]] = dsf.read %{{.*}}[i, j]
// CHECK: %[[AKS:.*]] = dsf.binary mul %[[AK]], %[[S]]
// CHECK: %[[R:.*]] = dsf.reduce sum %[[AKS]] over [i]
// CHECK: %[[BK:.*]] = dsf.binary mul %{{.*}}, %[[K]] : <[], real>, <[i: 2], real>
// CHECK: %[[X:.*]] = dsf.binary sub %{{.*}}, %[[R]]
// CHECK: dsf.set @o
// CHECK-NOT: dsf.set @S
// CHECK: dsf.evolve @S [i, j] keys [i] decay %[[A]] : !dsf.value<[], real> add %[[BK]] : !dsf.value<[i: 2], real> times %[[X]] : !dsf.value<[j: 3], real>
dsf.recurrence @gated_delta {
  dsf.in @q : !dsf.array<[2], real>
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.in @b : !dsf.array<[], real>
  dsf.in @g : !dsf.array<[], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @g : !dsf.array<[], real>
    %1 = dsf.get @S : !dsf.state<[2, 3], real>
    %2 = dsf.get @k : !dsf.array<[2], real>
    %3 = dsf.get @b : !dsf.array<[], real>
    %4 = dsf.get @v : !dsf.array<[3], real>
    %5 = dsf.get @q : !dsf.array<[2], real>
    %6 = dsf.read %0[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %7 = dsf.unary exp %6 : <[], real>
    %8 = dsf.read %1[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %9 = dsf.binary mul %7, %8 : <[], real>, <[i: 2, j: 3], real>
    %10 = dsf.read %2[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %11 = dsf.binary mul %10, %9 : <[i: 2], real>, <[i: 2, j: 3], real>
    %12 = dsf.reduce sum %11 over [i] : <[i: 2, j: 3], real>
    %13 = dsf.read %3[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %14 = dsf.binary mul %13, %10 : <[], real>, <[i: 2], real>
    %15 = dsf.read %4[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %16 = dsf.binary sub %15, %12 : <[j: 3], real>, <[j: 3], real>
    %17 = dsf.binary mul %14, %16 : <[i: 2], real>, <[j: 3], real>
    %18 = dsf.binary add %9, %17 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %19 = dsf.read %5[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %20 = dsf.binary mul %19, %18 : <[i: 2], real>, <[i: 2, j: 3], real>
    %21 = dsf.reduce sum %20 over [i] : <[i: 2, j: 3], real>
    dsf.set @o, %21 [j] : <[j: 3], real>
    dsf.set @S, %18 [i, j] : <[i: 2, j: 3], real>
  }
}

// -----

// A product of decays is taken apart.
// CHECK-LABEL: dsf.recurrence @decays
// CHECK: dsf.form {
// CHECK: dsf.evolve @S [i, j] keys [i] decay %{{.*}} : !dsf.value<[i: 2], real> value_decay %{{.*}} : !dsf.value<[j: 3], real> add
dsf.recurrence @decays {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.in @a : !dsf.array<[2], real>
  dsf.in @c : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @a : !dsf.array<[2], real>
    %1 = dsf.get @c : !dsf.array<[3], real>
    %2 = dsf.get @S : !dsf.state<[2, 3], real>
    %3 = dsf.get @k : !dsf.array<[2], real>
    %4 = dsf.get @v : !dsf.array<[3], real>
    %5 = dsf.read %0[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %6 = dsf.read %1[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %7 = dsf.binary mul %5, %6 : <[i: 2], real>, <[j: 3], real>
    %8 = dsf.read %2[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %9 = dsf.binary mul %7, %8 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %10 = dsf.read %3[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %11 = dsf.read %4[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %12 = dsf.binary mul %10, %11 : <[i: 2], real>, <[j: 3], real>
    %13 = dsf.binary add %9, %12 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %14 = dsf.binary mul %10, %13 : <[i: 2], real>, <[i: 2, j: 3], real>
    %15 = dsf.reduce sum %14 over [i] : <[i: 2, j: 3], real>
    dsf.set @o, %15 [j] : <[j: 3], real>
    dsf.set @S, %13 [i, j] : <[i: 2, j: 3], real>
  }
}

// -----

// States that are coupled by numbers; P is written through M's contraction.
// CHECK-LABEL: dsf.recurrence @momentum
// CHECK: dsf.form {
// CHECK-DAG: dsf.evolve @M [i, j] keys [i] decay %{{.*}} : !dsf.value<[], real> couple [@P] by %[[B:.*]] : !dsf.value<[], real> add
// CHECK-DAG: dsf.evolve @P [i, j] keys [i] decay %{{.*}} : !dsf.value<[], real> add
dsf.recurrence @momentum {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.in @a : !dsf.array<[], real>
  dsf.in @b : !dsf.array<[], real>
  dsf.state @M : !dsf.state<[2, 3], real>
  dsf.state @P : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @v : !dsf.array<[3], real>
    %1 = dsf.get @k : !dsf.array<[2], real>
    %2 = dsf.get @M : !dsf.state<[2, 3], real>
    %3 = dsf.get @b : !dsf.array<[], real>
    %4 = dsf.get @P : !dsf.state<[2, 3], real>
    %5 = dsf.get @a : !dsf.array<[], real>
    %6 = dsf.read %0[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %7 = dsf.read %1[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %8 = dsf.read %2[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %9 = dsf.binary mul %7, %8 : <[i: 2], real>, <[i: 2, j: 3], real>
    %10 = dsf.reduce sum %9 over [i] : <[i: 2, j: 3], real>
    %11 = dsf.binary sub %6, %10 : <[j: 3], real>, <[j: 3], real>
    %12 = dsf.read %3[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %13 = dsf.read %4[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %14 = dsf.binary mul %12, %13 : <[], real>, <[i: 2, j: 3], real>
    %15 = dsf.binary mul %7, %11 : <[i: 2], real>, <[j: 3], real>
    %16 = dsf.binary add %14, %15 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %17 = dsf.read %5[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %18 = dsf.binary mul %17, %8 : <[], real>, <[i: 2, j: 3], real>
    %19 = dsf.binary add %18, %16 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %20 = dsf.binary mul %7, %19 : <[i: 2], real>, <[i: 2, j: 3], real>
    %21 = dsf.reduce sum %20 over [i] : <[i: 2, j: 3], real>
    dsf.set @o, %21 [j] : <[j: 3], real>
    dsf.set @M, %19 [i, j] : <[i: 2, j: 3], real>
    dsf.set @P, %16 [i, j] : <[i: 2, j: 3], real>
  }
}

// -----

// What mixes no positions stays as it is written, and so does a register.
// CHECK-LABEL: dsf.recurrence @stages
// CHECK: dsf.form {
// CHECK-NOT: dsf.evolve
// CHECK-DAG: dsf.set @h
// CHECK-DAG: dsf.set @x.past
dsf.recurrence @stages {
  dsf.in @x : !dsf.array<[3], real>
  dsf.state @h : !dsf.state<[3], real>
  dsf.state @x.past hidden : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @x : !dsf.array<[3], real>
    %1 = dsf.get @x.past : !dsf.state<[2, 3], real>
    %2 = dsf.get @h : !dsf.state<[3], real>
    %3 = dsf.shift %1, %0 : !dsf.state<[2, 3], real>, !dsf.array<[3], real> -> <[2, 3], real>
    %4 = dsf.read %2[d] : !dsf.state<[3], real> -> !dsf.value<[d: 3], real>
    %5 = dsf.read %0[d] : !dsf.array<[3], real> -> !dsf.value<[d: 3], real>
    %6 = dsf.binary add %4, %5 : <[d: 3], real>, <[d: 3], real>
    %7 = dsf.unary tanh %6 : <[d: 3], real>
    %8 = dsf.read %3[1, d] : !dsf.array<[2, 3], real> -> !dsf.value<[d: 3], real>
    %9 = dsf.binary add %7, %8 : <[d: 3], real>, <[d: 3], real>
    dsf.set @o, %9 [d] : <[d: 3], real>
    dsf.set @h, %7 [d] : <[d: 3], real>
    %10 = dsf.read %3[i0, i1] : !dsf.array<[2, 3], real> -> !dsf.value<[i0: 2, i1: 3], real>
    dsf.set @x.past, %10 [i0, i1] : <[i0: 2, i1: 3], real>
  }
}

// -----

// One matrix for all steps: the diagonal joins it, the input stays outside.
// CHECK-LABEL: dsf.recurrence @one_matrix
// CHECK: dsf.form {
// CHECK: %[[W:.*]] = dsf.binary mul %{{.*}}, %{{.*}} : <[n: 3, m: 3], real>, <[], real>
// CHECK: %[[DIAGONAL:.*]] = dsf.select
// CHECK: %[[A:.*]] = dsf.binary add %[[W]], %[[DIAGONAL]]
// CHECK: %[[AH:.*]] = dsf.binary mul %[[A]], %{{.*}} : <[n: 3, m: 3], real>, <[m: 3], real>
// CHECK: %[[SUM:.*]] = dsf.reduce sum %[[AH]] over [m]
// CHECK: %[[NEXT:.*]] = dsf.binary add %[[SUM]], %{{.*}}
// CHECK: dsf.set @o, %[[NEXT]] [n]
// CHECK: dsf.set @h, %[[NEXT]] [n]
dsf.recurrence @one_matrix {
  dsf.in @u : !dsf.array<[3], real>
  dsf.param @A : !dsf.param<[3, 3], real>
  dsf.state @h : !dsf.state<[3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.constant 5.000000e-01
    %1 = dsf.get @A : !dsf.param<[3, 3], real>
    %2 = dsf.get @h : !dsf.state<[3], real>
    %3 = dsf.get @u : !dsf.array<[3], real>
    %4 = dsf.read %1[n, m] : !dsf.param<[3, 3], real> -> !dsf.value<[n: 3, m: 3], real>
    %5 = dsf.read %2[m] : !dsf.state<[3], real> -> !dsf.value<[m: 3], real>
    %6 = dsf.binary mul %4, %5 : <[n: 3, m: 3], real>, <[m: 3], real>
    %7 = dsf.reduce sum %6 over [m] : <[n: 3, m: 3], real>
    %8 = dsf.read %2[n] : !dsf.state<[3], real> -> !dsf.value<[n: 3], real>
    %9 = dsf.binary add %7, %8 : <[n: 3], real>, <[n: 3], real>
    %10 = dsf.binary mul %0, %9 : <[], real>, <[n: 3], real>
    %11 = dsf.read %3[n] : !dsf.array<[3], real> -> !dsf.value<[n: 3], real>
    %12 = dsf.binary add %10, %11 : <[n: 3], real>, <[n: 3], real>
    dsf.set @o, %12 [n] : <[n: 3], real>
    dsf.set @h, %12 [n] : <[n: 3], real>
  }
}

// -----

// Nothing reads the state: what steps add is summed up as a product along its
// lanes.
// CHECK-LABEL: dsf.recurrence @unread
// CHECK: dsf.form {
// CHECK: dsf.evolve @S [i, j] keys [i] decay %{{.*}} : !dsf.value<[], real> add %{{.*}} : !dsf.value<[i: 2], real> times %{{.*}} : !dsf.value<[j: 3], real>
dsf.recurrence @unread {
  dsf.in @a : !dsf.array<[], real>
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %0 = dsf.get @a : !dsf.array<[], real>
    %1 = dsf.get @S : !dsf.state<[2, 3], real>
    %2 = dsf.get @k : !dsf.array<[2], real>
    %3 = dsf.get @v : !dsf.array<[3], real>
    %4 = dsf.read %0[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %5 = dsf.read %1[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %6 = dsf.binary mul %4, %5 : <[], real>, <[i: 2, j: 3], real>
    %7 = dsf.read %2[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %8 = dsf.read %3[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %9 = dsf.binary mul %7, %8 : <[i: 2], real>, <[j: 3], real>
    %10 = dsf.binary add %6, %9 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    dsf.set @S, %10 [i, j] : <[i: 2, j: 3], real>
  }
}
