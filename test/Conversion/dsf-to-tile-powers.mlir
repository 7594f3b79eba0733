// RUN: lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=chunked chunk=4}),convert-dsf-to-tile,canonicalize,cse)' | FileCheck %s

// Chunks of four steps, h' = A h + u: pairs of rows, with A; one pair of pairs,
// with A^2, which is made before the loop; the end of the chunk, with A^4. Then
// the rows between, level by level.

// CHECK-LABEL: tile.kernel @powers
// CHECK: %[[A:.*]] = tile.load {{.*}} -> tensor<8x8xf64>
// CHECK: %[[A2:.*]] = tile.product %[[A]], %[[A]]
// CHECK: %[[A4:.*]] = tile.product %[[A2]], %[[A2]]
// CHECK: scf.for {{.*}} iter_args(%[[H:[a-z0-9]+]] = %{{.*}})
// CHECK: %[[PAIRS:.*]] = tile.product %{{.*}}, %[[A]] init %{{.*}} -> tensor<2x8xf64>
// CHECK: %[[FOUR:.*]] = tile.product %{{.*}}, %[[A2]] init %{{.*}} -> tensor<1x8xf64>
// CHECK: %[[LAST:.*]] = tile.product %{{.*}}, %[[A4]] init %[[FOUR]] {{.*}} -> tensor<1x8xf64>
// CHECK: tile.previous %[[LAST]], %[[H]]
// CHECK: %[[EVEN:.*]] = tile.product %{{.*}}, %[[A2]] init %{{.*}} -> tensor<1x8xf64>
// CHECK: %[[ODD:.*]] = tile.interleave %[[EVEN]], %[[LAST]]
// CHECK: tile.previous %[[ODD]], %[[H]]
// CHECK: tile.product %{{.*}}, %[[A]] init %{{.*}} -> tensor<2x8xf64>
// CHECK: tile.interleave %{{.*}}, %[[ODD]]
// CHECK: scf.for
dsf.recurrence @powers {
  dsf.in @u : !dsf.array<[8], real> storage f64
  dsf.param @A : !dsf.param<[8, 8], real> storage f64
  dsf.state @h : !dsf.state<[8], real> storage f64
  dsf.out @o : !dsf.array<[8], real> storage f64
  dsf.step {
    %u = dsf.get @u : !dsf.array<[8], real>
    %A = dsf.get @A : !dsf.param<[8, 8], real>
    %h = dsf.get @h : !dsf.state<[8], real>
    %un = dsf.read %u[n] : !dsf.array<[8], real> -> !dsf.value<[n: 8], real>
    %a = dsf.read %A[n, m] : !dsf.param<[8, 8], real> -> !dsf.value<[n: 8, m: 8], real>
    %hm = dsf.read %h[m] : !dsf.state<[8], real> -> !dsf.value<[m: 8], real>
    %p = dsf.binary mul %a, %hm : !dsf.value<[n: 8, m: 8], real>, !dsf.value<[m: 8], real>
    %s = dsf.reduce sum %p over [m] : !dsf.value<[n: 8, m: 8], real>
    %n = dsf.binary add %s, %un : !dsf.value<[n: 8], real>, !dsf.value<[n: 8], real>
    dsf.set @o, %n[n] : !dsf.value<[n: 8], real>
    dsf.set @h, %n[n] : !dsf.value<[n: 8], real>
  }
}
