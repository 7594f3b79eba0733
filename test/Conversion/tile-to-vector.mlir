// RUN: lrc-opt %s --convert-tile-to-vector --canonicalize --cse -split-input-file | FileCheck %s

// One loop over i updates the state in place and reduces it; v is loaded before.

// CHECK-LABEL: llvm.func @decay(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64) -> i32
// CHECK: %[[S:.*]] = llvm.alloca
// CHECK: llvm.store %{{.*}} : vector<16xf32>, !llvm.ptr
// Rows of later steps are asked for.
// CHECK: llvm.intr.prefetch
// CHECK: %[[V:.*]] = llvm.load {{.*}} -> vector<16xf32>
// CHECK-NEXT: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (vector<16xf32>)
// CHECK:   %[[OLD:.*]] = llvm.load {{.*}} -> vector<16xf32>
// CHECK:   %[[NEW:.*]] = arith.addf %[[OLD]], %[[V]]
// CHECK:   %[[NEXT:.*]] = arith.addf %[[ACC]], %[[NEW]]
// CHECK:   llvm.store %[[NEW]]
// CHECK:   scf.yield %[[NEXT]]
// CHECK: llvm.store %[[SUM]]
tile.kernel @decay blocks 2 (input "v" %v: !tile.ref<32xf32>,
                             output "o" %o: !tile.ref<32xf32>,
                             final "S" %s1: !tile.ref<4x32xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant dense<0.0> : tensor<f32>
  %start = tile.access %zero by affine_map<(i, j) -> ()> : tensor<f32> -> tensor<4x16xf32>
  %steps = tile.steps
  %any = tile.load %s1 lanes 1 : !tile.ref<4x32xf32> -> tensor<4x16xf32>
  %end = scf.for %t = %c0 to %steps step %c1 iter_args(%s = %any) -> (tensor<4x16xf32>) {
    %vt = tile.load %v at %t lanes 0 : !tile.ref<32xf32> -> tensor<16xf32>
    %b = tile.access %vt by affine_map<(i, j) -> (j)> : tensor<16xf32> -> tensor<4x16xf32>
    %n = arith.addf %s, %b : tensor<4x16xf32>
    %y = tile.reduce sum %n over [0] : tensor<4x16xf32> -> tensor<16xf32>
    tile.store %y, %o at %t lanes 0 : tensor<16xf32>, !tile.ref<32xf32>
    scf.yield %n : tensor<4x16xf32>
  }
  tile.store %end, %s1 lanes 1 : tensor<4x16xf32>, !tile.ref<4x32xf32>
}

// -----

// h' = R h reads all of h for each element: the next state has its own buffer
// and is copied back. The rest of 20 = 16 + 4 runs under a mask.

// CHECK-LABEL: llvm.func @mixed
// CHECK: %[[NEXT:.*]] = llvm.alloca
// CHECK: %[[H:.*]] = llvm.alloca
// CHECK: llvm.intr.masked.load
// CHECK: arith.select
// CHECK: vector.reduction <add>
// CHECK: "llvm.intr.memcpy"(%[[H]], %[[NEXT]]
tile.kernel @mixed blocks 1 (input "R" %r: !tile.ref<20x20xf32>,
                             initial "h" %h0: !tile.ref<20xf32>,
                             output "o" %o: !tile.ref<20xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %steps = tile.steps
  %start = tile.load %h0 : !tile.ref<20xf32> -> tensor<20xf32>
  %end = scf.for %t = %c0 to %steps step %c1 iter_args(%h = %start) -> (tensor<20xf32>) {
    %rt = tile.load %r at %t : !tile.ref<20x20xf32> -> tensor<20x20xf32>
    %b = tile.access %h by affine_map<(n, m) -> (m)> : tensor<20xf32> -> tensor<20x20xf32>
    %p = arith.mulf %rt, %b : tensor<20x20xf32>
    %y = tile.reduce sum %p over [1] : tensor<20x20xf32> -> tensor<20xf32>
    tile.store %y, %o at %t : tensor<20xf32>, !tile.ref<20xf32>
    scf.yield %y : tensor<20xf32>
  }
}
