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
  // CHECK: tile.inverse %{{.*}} : tensor<3x8x8xf64>
  %square = tile.access %i by affine_map<(b, r, c) -> (r)> : tensor<8xf64> -> tensor<3x8x8xf64>
  %inverse = tile.inverse %square : tensor<3x8x8xf64>
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

// CHECK-LABEL: tile.kernel @rows
tile.kernel @rows blocks 2 (input "q" %q_ref: !tile.ref<4xbf16>,
                            input "v" %v_ref: !tile.ref<16xf32>,
                            output "o" %o: !tile.ref<16xf32>) {
  %c0 = arith.constant 0 : index
  // CHECK: tile.load %{{.*}} at %{{.*}} rows : <4xbf16> -> tensor<3x4xbf16>
  %qb = tile.load %q_ref at %c0 rows : !tile.ref<4xbf16> -> tensor<3x4xbf16>
  %q = arith.extf %qb : tensor<3x4xbf16> to tensor<3x4xf32>
  // CHECK: tile.load %{{.*}} at %{{.*}} rows backwards lanes 0 : <16xf32> -> tensor<3x8xf32>
  %v = tile.load %v_ref at %c0 rows backwards lanes 0 : !tile.ref<16xf32> -> tensor<3x8xf32>
  %w = arith.constant dense<0.5> : tensor<3xf32>
  // CHECK: tile.decayed_product %{{.*}}, %{{.*}} : tensor<3x4xf32> -> tensor<3x3xf32>
  %a = tile.decayed_product %q, %q : tensor<3x4xf32> -> tensor<3x3xf32>
  // CHECK: tile.decayed_product %{{.*}}, %{{.*}} decay %{{.*}} : tensor<3x4xf32>, tensor<3x4xf32> -> tensor<3x3xf32>
  %b = tile.decayed_product %q, %q decay %q : tensor<3x4xf32>, tensor<3x4xf32> -> tensor<3x3xf32>
  // CHECK: tile.decayed_product %{{.*}}, %{{.*}} decay %{{.*}} : tensor<3x4xf32>, tensor<3xf32> -> tensor<3x3xf32>
  %c = tile.decayed_product %q, %q decay %w : tensor<3x4xf32>, tensor<3xf32> -> tensor<3x3xf32>
  // CHECK: tile.solve %{{.*}}, %{{.*}} : tensor<3x3xf32>, tensor<3x8xf32>
  %x = tile.solve %a, %v : tensor<3x3xf32>, tensor<3x8xf32>
  // CHECK: tile.solve %{{.*}}, %{{.*}} scale %{{.*}} : tensor<3x3xf32>, tensor<3x8xf32>
  %y = tile.solve %b, %x scale %v : tensor<3x3xf32>, tensor<3x8xf32>
  // CHECK: tile.decayed_apply %{{.*}}, %{{.*}} decay %{{.*}} : tensor<3x3xf32>, tensor<3x8xf32>
  %z = tile.decayed_apply %c, %y decay %v : tensor<3x3xf32>, tensor<3x8xf32>
  // CHECK: tile.product %{{.*}}, %{{.*}} init %{{.*}} maps [#{{.*}}, #{{.*}}, #{{.*}}] strictly_lower : tensor<3x3xf32>, tensor<3x8xf32> -> tensor<3x8xf32>
  %p = tile.product %a, %z init %y
      maps [affine_map<(t, s, j) -> (t, s)>, affine_map<(t, s, j) -> (s, j)>,
            affine_map<(t, s, j) -> (t, j)>] strictly_lower
      : tensor<3x3xf32>, tensor<3x8xf32> -> tensor<3x8xf32>
  // CHECK: tile.product %{{.*}}, %{{.*}} maps [{{.*}}] : tensor<3x4xf32>, tensor<3x8xf32> -> tensor<4x8xf32>
  %s = tile.product %q, %v
      maps [affine_map<(t, i, j) -> (t, i)>, affine_map<(t, i, j) -> (t, j)>,
            affine_map<(t, i, j) -> (i, j)>]
      : tensor<3x4xf32>, tensor<3x8xf32> -> tensor<4x8xf32>
  // CHECK: tile.interleave %{{.*}}, %{{.*}} axis 0 : tensor<3x8xf32>, tensor<3x8xf32> -> tensor<6x8xf32>
  %i = tile.interleave %x, %y axis 0 : tensor<3x8xf32>, tensor<3x8xf32> -> tensor<6x8xf32>
  %h0 = arith.constant dense<0.0> : tensor<8xf32>
  // CHECK: %[[H:.*]]:2 = tile.scan (%[[S:.*]] = %{{.*}}, %[[N:.*]] = %{{.*}}) rows (%[[R:.*]] = %{{.*}}) backwards : (tensor<8xf32>, tensor<8xf32>, tensor<3x8xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
  // CHECK:   arith.addf %[[S]], %[[R]]
  // CHECK:   tile.yield %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<8xf32>
  %h:2 = tile.scan (%h1 = %h0, %n1 = %h0) rows (%r = %v) backwards
      : (tensor<8xf32>, tensor<8xf32>, tensor<3x8xf32>) -> (tensor<3x8xf32>, tensor<3x8xf32>) {
    %sum = arith.addf %h1, %r : tensor<8xf32>
    %max = arith.maximumf %n1, %sum : tensor<8xf32>
    tile.yield %sum, %max : tensor<8xf32>, tensor<8xf32>
  }
  // CHECK: tile.previous %[[H]]#0, %{{.*}} : tensor<3x8xf32>, tensor<8xf32>
  %g = tile.previous %h#0, %h0 : tensor<3x8xf32>, tensor<8xf32>
  // CHECK: tile.window %{{.*}}, %{{.*}} : tensor<6x8xf32>, tensor<3x8xf32> -> tensor<3x6x8xf32>
  %l = tile.window %i, %g : tensor<6x8xf32>, tensor<3x8xf32> -> tensor<3x6x8xf32>
  // CHECK: tile.store %{{.*}} at %{{.*}} rows backwards lanes 0 : tensor<3x8xf32>, <16xf32>
  tile.store %g, %o at %c0 rows backwards lanes 0 : tensor<3x8xf32>, !tile.ref<16xf32>
}
