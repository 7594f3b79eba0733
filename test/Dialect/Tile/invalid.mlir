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

tile.kernel @shift_c1 blocks 1 (param "x" %x: !tile.ref<4x8xf32>) {
  %v = tile.load %x : !tile.ref<4x8xf32> -> tensor<4x8xf32>
  // expected-error @below {{expected a history of rows of type 'tensor<4x8xf32>'}}
  %b = tile.shift %v, %v : tensor<4x8xf32>, tensor<4x8xf32> -> tensor<4x8xf32>
}
