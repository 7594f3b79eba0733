// RUN: lrc-opt %s --convert-tile-to-vector='vector-bits=256 vector-registers=16' --canonicalize --cse -split-input-file | FileCheck %s

// The state of a chunk is updated in place by a block of accumulators that
// starts from it; what a row of q makes of it before is stored from the nest.

// CHECK-LABEL: llvm.func @chunks
// CHECK: %[[K:.*]] = llvm.alloca %{{.*}} x i8
// CHECK-NOT: memcpy
// CHECK: scf.for {{.*}} iter_args(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, {{.*}}) -> (vector<8xf32>, vector<8xf32>
// CHECK:   llvm.intr.fmuladd
// CHECK:   scf.yield
// CHECK: llvm.store %{{.*}} : vector<8xf32>
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>
// CHECK:   llvm.intr.fmuladd
// CHECK-NOT: memcpy
#ti = affine_map<(t, i, j) -> (t, i)>
#ij = affine_map<(t, i, j) -> (i, j)>
#tj = affine_map<(t, i, j) -> (t, j)>
tile.kernel @chunks blocks 1 (input "k" %k_ref: !tile.ref<8xf32>,
                              input "v" %v_ref: !tile.ref<16xf32>,
                              output "o" %o: !tile.ref<16xf32>,
                              final "S" %s_ref: !tile.ref<8x16xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %steps = tile.steps
  %rest = arith.remsi %steps, %c4 : index
  %whole = arith.subi %steps, %rest : index
  %zero = arith.constant dense<0.0> : tensor<8x16xf32>
  %end = scf.for %t = %c0 to %whole step %c4 iter_args(%s = %zero) -> (tensor<8x16xf32>) {
    %k = tile.load %k_ref at %t rows : !tile.ref<8xf32> -> tensor<4x8xf32>
    %v = tile.load %v_ref at %t rows : !tile.ref<16xf32> -> tensor<4x16xf32>
    %y = tile.product %k, %s maps [#ti, #ij, #tj] : tensor<4x8xf32>, tensor<8x16xf32> -> tensor<4x16xf32>
    tile.store %y, %o at %t rows : tensor<4x16xf32>, !tile.ref<16xf32>
    %n = tile.product %k, %v init %s maps [#ti, #tj, #ij] : tensor<4x8xf32>, tensor<4x16xf32> -> tensor<8x16xf32>
    scf.yield %n : tensor<8x16xf32>
  }
  tile.store %end, %s_ref : tensor<8x16xf32>, !tile.ref<8x16xf32>
}

// -----

// A Gram matrix reads k along its rows: they are made consecutive, by shuffles.

// CHECK-LABEL: llvm.func @gram
// CHECK: vector.shuffle
// CHECK: llvm.intr.fmuladd
// CHECK-NOT: gather
tile.kernel @gram blocks 1 (input "k" %k_ref: !tile.ref<8xf32>,
                            output "o" %o: !tile.ref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %steps = tile.steps
  %none = arith.constant dense<0.0> : tensor<f32>
  %end = scf.for %t = %c0 to %steps step %c8 iter_args(%s = %none) -> (tensor<f32>) {
    %k = tile.load %k_ref at %t rows : !tile.ref<8xf32> -> tensor<8x8xf32>
    %y = tile.product %k, %k maps [affine_map<(t, s, i) -> (t, i)>, affine_map<(t, s, i) -> (s, i)>, affine_map<(t, s, i) -> (t, s)>]
        : tensor<8x8xf32>, tensor<8x8xf32> -> tensor<8x8xf32>
    tile.store %y, %o at %t rows : tensor<8x8xf32>, !tile.ref<8xf32>
    scf.yield %s : tensor<f32>
  }
}
