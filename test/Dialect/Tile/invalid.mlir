// RUN: lrc-opt %s -split-input-file -verify-diagnostics

// kernel_c1
// expected-error @below {{expected at least one block}}
tile.kernel @kernel_c1 blocks 0 (input "x" %x: !tile.ref<4xf32>) {
}

// -----

// kernel_c2
// expected-error @below {{expected a name and a role for each argument}}
"tile.kernel"() <{sym_name = "kernel_c2", names = ["x"], roles = array<i32>, blocks = 1 : i64}> ({
^bb0(%x: !tile.ref<4xf32>):
}) : () -> ()

// -----

// kernel_c3
// expected-error @below {{expected arguments of type !tile.ref, got 'f32'}}
tile.kernel @kernel_c3 blocks 1 (input "x" %x: f32) {
}

// -----

// kernel_c4
// expected-error @below {{expected inputs, parameters, initial states, outputs and final states in this order}}
tile.kernel @kernel_c4 blocks 1 (output "o" %o: !tile.ref<4xf32>, input "x" %x: !tile.ref<4xf32>) {
}

// -----

tile.kernel @transfer_c1 blocks 1 (param "x" %x: !tile.ref<4xcomplex<f32>>) {
  // expected-error @below {{expected part 0 or 1 of a complex tensor}}
  %v = tile.load %x : !tile.ref<4xcomplex<f32>> -> tensor<4xf32>
}

// -----

tile.kernel @transfer_c2 blocks 1 (param "x" %x: !tile.ref<4xbf16>) {
  // expected-error @below {{expected a tile of 'bf16', got 'tensor<4xf32>'}}
  %v = tile.load %x : !tile.ref<4xbf16> -> tensor<4xf32>
}

// -----

tile.kernel @transfer_c3 blocks 1 (param "x" %x: !tile.ref<4xf32>) {
  // expected-error @below {{expected a tile of rank 1}}
  %v = tile.load %x : !tile.ref<4xf32> -> tensor<1x4xf32>
}

// -----

tile.kernel @transfer_c4 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  // expected-error @below {{does not fit}}
  %v = tile.load %x lanes 1 : !tile.ref<4x8xf32> -> tensor<2x8xf32>
}

// -----

tile.kernel @access_c1 blocks 1 (param "x" %x: !tile.ref<4xf32>) {
  %v = tile.load %x : !tile.ref<4xf32> -> tensor<4xf32>
  // expected-error @below {{expected a map from 2 to 1 axes}}
  %b = tile.access %v by affine_map<(i) -> (i)> : tensor<4xf32> -> tensor<4x4xf32>
}

// -----

tile.kernel @access_c2 blocks 1 (param "x" %x: !tile.ref<4xf32>) {
  %v = tile.load %x : !tile.ref<4xf32> -> tensor<4xf32>
  // expected-error @below {{expected equal element types}}
  %b = tile.access %v by affine_map<(i) -> (i)> : tensor<4xf32> -> tensor<4xf64>
}

// -----

tile.kernel @reduce_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a result of the axes that remain}}
  %b = tile.reduce max %v over [0] : tensor<4x8xf32> -> tensor<4xf32>
}

// -----

tile.kernel @iota_c1 blocks 1 (param "x" %x: !tile.ref<4xf32>) {
  // expected-error @below {{expected a result of rank 1 of floats}}
  %b = tile.iota : tensor<4xi32>
}

// -----

tile.kernel @inverse_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a square matrix of floats in the last two axes, got 'tensor<4x8xf32>'}}
  %m = tile.inverse %v : tensor<4x8xf32>
}

// -----

tile.kernel @inverse_c2 blocks 1 (param "x" %x: !tile.ref<4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %steps = tile.steps
  %v = tile.load %x : !tile.ref<4x4xf32> -> tensor<4x4xf32>
  scf.for %t = %c0 to %steps step %c1 {
    // expected-error @below {{expected directly in tile.kernel}}
    %m = tile.inverse %v : tensor<4x4xf32>
  }
}

// -----

tile.kernel @shift_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a history of rows of type 'tensor<4x8xf32>'}}
  %b = tile.shift %v, %v : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
}

// -----

tile.kernel @transfer_c5 blocks 1 (param "x" %x: !tile.ref<4xf32>) {
  // expected-error @below {{expected rows at a time, and backwards for rows alone}}
  %v = tile.load %x rows : !tile.ref<4xf32> -> tensor<2x4xf32>
}

// -----

tile.kernel @product_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected three maps that pick dimensions of one iteration space}}
  %b = tile.product %v, %v maps [affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t + j)>, affine_map<(t, j) -> (t)>]
      : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4xf32>
}

// -----

tile.kernel @product_c2 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a map with 1 results for 'tensor<4xf32>'}}
  %b = tile.product %v, %v maps [affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t, j)>]
      : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4xf32>
}

// -----

tile.kernel @product_c3 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected one size for dimension 1}}
  %b = tile.product %v, %v maps [affine_map<(t, s, j) -> (t, s)>, affine_map<(t, s, j) -> (s, j)>, affine_map<(t, s, j) -> (t, j)>]
      : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
}

// -----

tile.kernel @product_c3_missing blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected one size for dimension 2}}
  %b = tile.product %v, %v maps [affine_map<(t, s, j) -> (t, s)>, affine_map<(t, s, j) -> (t, s)>, affine_map<(t, s, j) -> (t, j)>]
      : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
}

// -----

tile.kernel @product_c4 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %w = arith.extf %v : tensor<4x8xf32> to tensor<4x8xf64>
  // expected-error @below {{expected tiles of one float type}}
  %b = tile.product %v, %w maps [affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t)>]
      : tensor<4x8xf32>, tensor<4x8xf64> -> tensor<4xf32>
}

// -----

tile.kernel @product_c5 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %w = tile.reduce sum %v over [1] : tensor<4x8xf32> -> tensor<4xf32>
  // expected-error @below {{expected a matrix as the strictly lower operand}}
  %b = tile.product %w, %v maps [affine_map<(t, j) -> (t)>, affine_map<(t, j) -> (t, j)>, affine_map<(t, j) -> (t)>] strictly_lower
      : tensor<4xf32>, tensor<4x8xf32> -> tensor<4xf32>
}

// -----

tile.kernel @decayed_product_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a result with a row and a column for each row of 'tensor<4x8xf32>'}}
  %b = tile.decayed_product %v, %v : tensor<4x8xf32> -> tensor<8x8xf32>
}

// -----

tile.kernel @decayed_product_c2 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %w = tile.reduce sum %v over [0] : tensor<4x8xf32> -> tensor<8xf32>
  // expected-error @below {{expected a decay of the type of q, or one number for each row, got 'tensor<8xf32>'}}
  %b = tile.decayed_product %v, %v decay %w : tensor<4x8xf32>, tensor<8xf32> -> tensor<4x4xf32>
}

// -----

tile.kernel @decayed_apply_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a matrix with a row and a column for each row of 'tensor<4x8xf32>'}}
  %b = tile.decayed_apply %v, %v decay %v : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

tile.kernel @solve_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a matrix with a row and a column for each row of 'tensor<4x8xf32>'}}
  %b = tile.solve %v, %v : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

tile.kernel @interleave_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected tiles, and an axis of theirs}}
  %b = tile.interleave %v, %v axis 2 : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<8x8xf32>
}

// -----

tile.kernel @interleave_c2 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected 2 tiles of one type that make up 'tensor<9x8xf32>'}}
  %b = tile.interleave %v, %v axis 0 : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<9x8xf32>
}

// -----

tile.kernel @previous_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a first row of the type of a row of 'tensor<4x8xf32>'}}
  %b = tile.previous %v, %v : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

tile.kernel @window_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a past of rows like those of 'tensor<4x8xf32>'}}
  %b = tile.window %v, %v : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x5x8xf32>
}

// -----

// scan_c1
tile.kernel @scan_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a result for each of at least one state}}
  tile.scan () rows (%r = %v) : (tensor<4x8xf32>) -> () {
    "tile.yield"() : () -> ()
  }
}

// -----

tile.kernel @scan_c2 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %h = tile.reduce sum %v over [0] : tensor<4x8xf32> -> tensor<8xf32>
  // expected-error @below {{expected states of one shape and 4 rows of each as results}}
  %b = tile.scan (%s = %h) rows (%r = %v) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x9xf32> {
    tile.yield %s : tensor<8xf32>
  }
}

// -----

tile.kernel @scan_c3 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %h = tile.reduce sum %v over [0] : tensor<4x8xf32> -> tensor<8xf32>
  // expected-error @below {{expected 5 rows of the shape of a state, got 'tensor<4x8xf32>'}}
  %b = tile.scan (%s = %h) rows (%r = %v) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<5x8xf32> {
    tile.yield %s : tensor<8xf32>
  }
}

// -----

tile.kernel @scan_c4 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %h = tile.reduce sum %v over [0] : tensor<4x8xf32> -> tensor<8xf32>
  // expected-error @below {{expected the states and a row of each of the rows as arguments of the body}}
  %b = "tile.scan"(%h, %v) <{operandSegmentSizes = array<i32: 1, 1>}> ({
  ^bb0(%s: tensor<8xf32>):
    tile.yield %s : tensor<8xf32>
  }) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
}

// -----

tile.kernel @scan_c5 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  %h = tile.reduce sum %v over [0] : tensor<4x8xf32> -> tensor<8xf32>
  // expected-error @below {{expected the body to yield the next states}}
  %b = tile.scan (%s = %h) rows (%r = %v) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32> {
    tile.yield %s, %r : tensor<8xf32>, tensor<8xf32>
  }
}
