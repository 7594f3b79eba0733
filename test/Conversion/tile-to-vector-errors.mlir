// RUN: not lrc-opt %s --convert-tile-to-vector 2>&1 | FileCheck %s

// CHECK: error: inclusive scores can't be computed on CPUs: expected the diagonal as a product of its own
module {
  tile.kernel @scores blocks 1 (input "q" %q: !tile.ref<4xf32>, output "o" %o: !tile.ref<8xf32>) {
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %n = tile.steps
    scf.for %t = %c0 to %n step %c8 {
      %x = tile.load %q at %t rows : <4xf32> -> tensor<8x4xf32>
      %a = tile.decayed_product %x, %x inclusive : tensor<8x4xf32> -> tensor<8x8xf32>
      tile.store %a, %o at %t rows : tensor<8x8xf32>, <8xf32>
    }
  }
}
