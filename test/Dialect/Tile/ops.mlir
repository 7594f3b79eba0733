// RUN: lrc-opt %s --verify-roundtrip | FileCheck %s

// CHECK-LABEL: tile.kernel @all blocks 2
// CHECK-SAME: input "x" %{{.*}}: !tile.ref<4x16xbf16>
// CHECK-SAME: initial "z" %{{.*}}: !tile.ref<16xcomplex<f32>>
tile.kernel @all blocks 2 (input "x" %x: !tile.ref<4x16xbf16>,
                           initial "z" %z0: !tile.ref<16xcomplex<f32>>,
                           output "o" %o: !tile.ref<8xf32>,
                           final "z" %z1: !tile.ref<16xcomplex<f32>>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: tile.steps
  %steps = tile.steps
  // CHECK: tile.head
  %h = tile.head
  // CHECK: tile.heads
  %n = tile.heads
  // CHECK: tile.given %{{.*}} : <16xcomplex<f32>>
  %given = tile.given %z0 : !tile.ref<16xcomplex<f32>>
  // CHECK: tile.load %{{.*}} lanes 0 part 1 : <16xcomplex<f32>> -> tensor<8xf32>
  %im = tile.load %z0 lanes 0 part 1 : !tile.ref<16xcomplex<f32>> -> tensor<8xf32>
  // CHECK: tile.real
  %hr = tile.real %h : tensor<f64>
  // CHECK: tile.iota lanes
  %i = tile.iota lanes : tensor<8xf64>
  %end = scf.for %t = %c0 to %steps step %c1 iter_args(%s = %im) -> (tensor<8xf32>) {
    // CHECK: tile.load %{{.*}} at %{{.*}} lanes 1
    %xt = tile.load %x at %t lanes 1 : !tile.ref<4x16xbf16> -> tensor<4x8xbf16>
    %xf = arith.extf %xt : tensor<4x8xbf16> to tensor<4x8xf32>
    // CHECK: tile.access %{{.*}} by
    %b = tile.access %s by affine_map<(i, j) -> (j)> : tensor<8xf32> -> tensor<4x8xf32>
    %p = arith.mulf %xf, %b : tensor<4x8xf32>
    // CHECK: tile.shift
    %q = tile.shift %p, %s : tensor<4x8xf32>, tensor<8xf32> -> tensor<4x8xf32>
    // CHECK: tile.reduce sum %{{.*}} over [0]
    %y = tile.reduce sum %q over [0] : tensor<4x8xf32> -> tensor<8xf32>
    scf.yield %y : tensor<8xf32>
  }
  // CHECK: tile.store
  tile.store %end, %z1 lanes 0 part 0 : tensor<8xf32>, !tile.ref<16xcomplex<f32>>
}
