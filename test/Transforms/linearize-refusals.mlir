// RUN: lrc-opt %s --split-input-file --verify-diagnostics --pass-pipeline='builtin.module(dsf.recurrence(dsf-linearize{explain=true}))' | FileCheck %s

// What has no normal form stays a step, and is told why.
// CHECK-NOT: dsf.evolve

// expected-remark@+1 {{states h: sequential; the step mixes the axes of state h densely}}
dsf.recurrence @dense {
  dsf.in @x : !dsf.array<[2], real>
  dsf.param @W : !dsf.param<[2, 2], real>
  dsf.state @h : !dsf.state<[2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %0 = dsf.get @x : !dsf.array<[2], real>
    %1 = dsf.get @W : !dsf.param<[2, 2], real>
    %2 = dsf.get @h : !dsf.state<[2], real>
    %3 = dsf.read %0[d] : !dsf.array<[2], real> -> !dsf.value<[d: 2], real>
    %4 = dsf.read %1[d, e] : !dsf.param<[2, 2], real> -> !dsf.value<[d: 2, e: 2], real>
    %5 = dsf.read %2[e] : !dsf.state<[2], real> -> !dsf.value<[e: 2], real>
    %6 = dsf.binary mul %4, %5 : <[d: 2, e: 2], real>, <[e: 2], real>
    %7 = dsf.reduce sum %6 over [e] : <[d: 2, e: 2], real>
    %8 = dsf.binary add %3, %7 : <[d: 2], real>, <[d: 2], real>
    %9 = dsf.unary tanh %8 : <[d: 2], real>
    dsf.set @o, %9 [d] : <[d: 2], real>
    dsf.set @h, %9 [d] : <[d: 2], real>
  }
}

// -----

// expected-remark@+1 {{states S: sequential; what is added to state S is not affine in what is read from the states}}
dsf.recurrence @power {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @k : !dsf.array<[2], real>
    %1 = dsf.get @S : !dsf.state<[2, 3], real>
    %2 = dsf.read %0[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %3 = dsf.read %1[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %4 = dsf.binary mul %2, %3 : <[i: 2], real>, <[i: 2, j: 3], real>
    %5 = dsf.reduce sum %4 over [i] : <[i: 2, j: 3], real>
    %6 = dsf.binary mul %2, %5 : <[i: 2], real>, <[j: 3], real>
    %7 = dsf.binary mul %6, %5 : <[i: 2, j: 3], real>, <[j: 3], real>
    %8 = dsf.binary add %3, %7 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %9 = dsf.binary mul %2, %8 : <[i: 2], real>, <[i: 2, j: 3], real>
    %10 = dsf.reduce sum %9 over [i] : <[i: 2, j: 3], real>
    dsf.set @o, %10 [j] : <[j: 3], real>
    dsf.set @S, %8 [i, j] : <[i: 2, j: 3], real>
  }
}

// -----

#map = affine_map<(d0) -> (-d0 + 1)>
// expected-remark@+1 {{states S: sequential; state S is read at other than plain, distinct indices}}
dsf.recurrence @permuted {
  dsf.in @x : !dsf.array<[2], real>
  dsf.state @S : !dsf.state<[2], real>
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %0 = dsf.constant 5.000000e-01
    %1 = dsf.get @S : !dsf.state<[2], real>
    %2 = dsf.get @x : !dsf.array<[2], real>
    %3 = dsf.read %1 map #map () : !dsf.state<[2], real> -> !dsf.value<[i: 2], real>
    %4 = dsf.binary mul %0, %3 : <[], real>, <[i: 2], real>
    %5 = dsf.read %2[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %6 = dsf.binary add %4, %5 : <[i: 2], real>, <[i: 2], real>
    %7 = dsf.binary mul %5, %6 : <[i: 2], real>, <[i: 2], real>
    %8 = dsf.reduce sum %7 over [i] : <[i: 2], real>
    dsf.set @o, %8 [] : <[], real>
    dsf.set @S, %6 [i] : <[i: 2], real>
  }
}

// -----

// expected-remark@+1 {{states S: pointwise; the decay of state S is no product of a decay of the contracted axes and one of the others}}
dsf.recurrence @split {
  dsf.in @a : !dsf.array<[2], real>
  dsf.in @c : !dsf.array<[3], real>
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
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
    %7 = dsf.binary add %5, %6 : <[i: 2], real>, <[j: 3], real>
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

// expected-remark@+1 {{states S: sequential; state S is contracted over different axes}}
dsf.recurrence @axes {
  dsf.in @k : !dsf.array<[2], real>
  dsf.state @S : !dsf.state<[2, 2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %0 = dsf.get @k : !dsf.array<[2], real>
    %1 = dsf.get @S : !dsf.state<[2, 2], real>
    %2 = dsf.read %0[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %3 = dsf.read %1[i, j] : !dsf.state<[2, 2], real> -> !dsf.value<[i: 2, j: 2], real>
    %4 = dsf.binary mul %2, %3 : <[i: 2], real>, <[i: 2, j: 2], real>
    %5 = dsf.reduce sum %4 over [i] : <[i: 2, j: 2], real>
    %6 = dsf.read %0[j] : !dsf.array<[2], real> -> !dsf.value<[j: 2], real>
    %7 = dsf.binary mul %6, %3 : <[j: 2], real>, <[i: 2, j: 2], real>
    %8 = dsf.reduce sum %7 over [j] : <[j: 2, i: 2], real>
    %9 = dsf.binary mul %2, %5 : <[i: 2], real>, <[j: 2], real>
    %10 = dsf.binary add %3, %9 : <[i: 2, j: 2], real>, <[i: 2, j: 2], real>
    %11 = dsf.binary mul %8, %6 : <[i: 2], real>, <[j: 2], real>
    %12 = dsf.binary add %10, %11 : <[i: 2, j: 2], real>, <[i: 2, j: 2], real>
    dsf.set @o, %5 [j] : <[j: 2], real>
    dsf.set @S, %12 [i, j] : <[i: 2, j: 2], real>
  }
}
