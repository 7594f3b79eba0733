// RUN: lrc-opt %s --convert-dsf-to-tile="threads=2" --canonicalize --cse -split-input-file | FileCheck %s

// The value axis j is parallel and is cut into blocks; i is reduced. What is
// made of parameters alone comes before the loop.

// CHECK-LABEL: tile.kernel @decay blocks 2
// CHECK-SAME: param "w" %[[W:[a-z0-9]+]]: !tile.ref<4xf32>
// CHECK: %[[ZERO:.*]] = tile.access {{.*}} -> tensor<4x16xf32>
// CHECK: %[[START:.*]] = scf.if
// CHECK: tile.load {{.*}} lanes 1 : <4x32xf32> -> tensor<4x16xf32>
// CHECK: scf.yield %[[ZERO]]
// CHECK: tile.load %[[W]]
// CHECK: math.exp {{.*}} : tensor<4xf64>
// CHECK: arith.truncf {{.*}} tensor<4xf64> to tensor<4xf32>
// CHECK: scf.for %[[T:.*]] = {{.*}} iter_args(%[[S:.*]] = %[[START]])
// CHECK: tile.load {{.*}} at %[[T]] lanes 0 : <32xf32> -> tensor<16xf32>
// CHECK-NOT: math.exp
// CHECK: tile.reduce sum {{.*}} over [0] : tensor<4x16xf32> -> tensor<16xf32>
// CHECK: tile.store {{.*}} at %[[T]] lanes 0 : tensor<16xf32>, <32xf32>
dsf.recurrence @decay {
  dsf.in @v : !dsf.array<[32], real>
  dsf.param @w : !dsf.param<[4], real>
  dsf.state @S : !dsf.state<[4, 32], real>
  dsf.out @o : !dsf.array<[32], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[4, 32], real>
    %v = dsf.get @v : !dsf.array<[32], real>
    %w = dsf.get @w : !dsf.param<[4], real>
    %s = dsf.read %S[i, j] : !dsf.state<[4, 32], real> -> !dsf.value<[i: 4, j: 32], real>
    %vj = dsf.read %v[j] : !dsf.array<[32], real> -> !dsf.value<[j: 32], real>
    %wi = dsf.read %w[i] : !dsf.param<[4], real> -> !dsf.value<[i: 4], real>
    %a = dsf.unary exp %wi : !dsf.value<[i: 4], real>
    %as = dsf.binary mul %a, %s : !dsf.value<[i: 4], real>, !dsf.value<[i: 4, j: 32], real>
    %n = dsf.binary add %as, %vj : !dsf.value<[i: 4, j: 32], real>, !dsf.value<[j: 32], real>
    dsf.set @S, %n[i, j] : !dsf.value<[i: 4, j: 32], real>
    %y = dsf.reduce sum %n over [i] : !dsf.value<[i: 4, j: 32], real>
    dsf.set @o, %y[j] : !dsf.value<[j: 32], real>
  }
}

// -----

// A state that is mixed by a matrix has no parallel axis. Time runs backwards.

// CHECK-LABEL: tile.kernel @mixed blocks 1
// CHECK: scf.for %[[T:[a-z0-9]+]] =
// CHECK: %[[P:.*]] = arith.subi %{{.*}}, %[[T]] : index
// CHECK: tile.access {{.*}} by #{{.*}} : tensor<8xf32> -> tensor<8x8xf32>
// CHECK: tile.reduce sum {{.*}} over [1]
// CHECK: tile.store {{.*}} at %[[P]] :
dsf.recurrence @mixed reverse {
  dsf.in @R : !dsf.array<[8, 8], real>
  dsf.state @h : !dsf.state<[8], real>
  dsf.out @o : !dsf.array<[8], real>
  dsf.step {
    %h = dsf.get @h : !dsf.state<[8], real>
    %R = dsf.get @R : !dsf.array<[8, 8], real>
    %hm = dsf.read %h[m] : !dsf.state<[8], real> -> !dsf.value<[m: 8], real>
    %r = dsf.read %R[n, m] : !dsf.array<[8, 8], real> -> !dsf.value<[n: 8, m: 8], real>
    %p = dsf.binary mul %r, %hm : !dsf.value<[n: 8, m: 8], real>, !dsf.value<[m: 8], real>
    %y = dsf.reduce sum %p over [m] : !dsf.value<[n: 8, m: 8], real>
    dsf.set @h, %y[n] : !dsf.value<[n: 8], real>
    dsf.set @o, %y[n] : !dsf.value<[n: 8], real>
  }
}
