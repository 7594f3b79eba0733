// RUN: lrc-opt %s --dsf-specialize="dims=K=64" -split-input-file \
// RUN:   -verify-diagnostics
// RUN: not lrc-opt %S/inputs/scalar.mlir --dsf-specialize="dims=K" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PAIR
// RUN: not lrc-opt %S/inputs/scalar.mlir --dsf-specialize="storage=x=i8" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=STORAGE
// RUN: not lrc-opt %S/inputs/scalar.mlir \
// RUN:   --dsf-specialize="dims=Q=1 set=z=1.0,x=2.0,W=3.0 storage=y=f32,x=complex given=v" \
// RUN:   2>&1 | FileCheck %s --check-prefix=NAMES

// PAIR: expected NAME=VALUE in option dims, got 'K'
// STORAGE: expected NAME=VALUE in option storage, got 'x=i8'
// NAMES: recurrence r has no dim Q
// NAMES: expected a tensor for parameter W, got a number
// NAMES: recurrence r has no parameter x
// NAMES: recurrence r has no parameter z
// NAMES: expected a storage type for real numbers for x, got 'complex<f32>'
// NAMES: recurrence r has no tensor y
// NAMES: recurrence r has no tensor v

dsf.recurrence @sizes {
  dsf.dim @K
  // expected-error@+1 {{expected a size for dim V, got none}}
  dsf.dim @V
  // expected-error@+1 {{dim P divides 64 by 3, expected a division without remainder}}
  dsf.dim @P = affine_map<()[s0] -> (s0 floordiv 3)> of [@K]
  // expected-error@+1 {{expected a size of at least 1 for dim Z, got 0}}
  dsf.dim @Z = affine_map<()[s0] -> (s0 - 64)> of [@K]
  // expected-error@+1 {{dim D divides by 0, expected a divisor of at least 1}}
  dsf.dim @D = affine_map<()[s0] -> (s0 mod (s0 - 64))> of [@K]
  // expected-error@+1 {{size of dim B exceeds 64 bits}}
  dsf.dim @B = affine_map<()[s0] -> (s0 * 9223372036854775807)> of [@K]
  // Silent: the reason is above.
  dsf.dim @Q = affine_map<()[s0] -> (s0 * 2)> of [@P]
  dsf.step {}
}

// -----

dsf.recurrence @params {
  dsf.dim @K
  // expected-error@+1 {{expected a value for parameter a, which has no default}}
  dsf.param @a : !dsf.param<[], real>
  dsf.step {}
}

// -----

dsf.recurrence @subscripts {
  dsf.dim @K
  dsf.in @x : !dsf.array<[@K], real>
  dsf.out @o : !dsf.array<[@K], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[@K], real>
    // expected-error@+1 {{subscript 1 of x reaches 64, but the axis has 64 elements}}
    %a = dsf.read %x map affine_map<(d0) -> (d0 + 1)> () : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    // expected-error@+1 {{subscript 1 of x reaches -1, but positions start at 0}}
    %b = dsf.read %x map affine_map<(d0) -> (d0 - 1)> () : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    // Exact: 2 (i mod 3) + 60 is 64 at i = 2, and never 63 or 65.
    // expected-error@+1 {{subscript 1 of x reaches 64, but the axis has 64 elements}}
    %c = dsf.read %x map affine_map<(d0) -> (2 * (d0 mod 3) + 60)> () : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    // expected-error@+1 {{subscript 1 of x divides by less than 1 or exceeds 64 bits}}
    %d = dsf.read %x map affine_map<(d0) -> (d0 * 9223372036854775807)> () : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
    %p = dsf.pack %a[i] : !dsf.value<[i: @K], real> -> !dsf.array<[@K], real>
    // expected-error@+1 {{subscript 1 reaches 64, but the axis has 64 elements}}
    %e = dsf.read %p[64] : !dsf.array<[@K], real> -> !dsf.value<[], real>
    dsf.set @o, %b[i] : !dsf.value<[i: @K], real>
  }
}

// -----

// In the loop only the last iteration is out of range: one diagnostic.
dsf.recurrence @loop {
  dsf.dim @K
  dsf.in @x : !dsf.array<[2], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[2], real>
    dsf.for 4 () : () -> () {
    ^bb0(%r: index):
      // expected-error@+1 {{subscript 1 of x reaches 2, but the axis has 2 elements}}
      %a = dsf.read %x map affine_map<()[s0] -> (s0)> (%r) : !dsf.array<[2], real> -> !dsf.value<[], real>
      dsf.yield
    }
  }
}

// -----

dsf.recurrence @iterations {
  dsf.dim @K
  dsf.step {
    // expected-error@+1 {{expected a micro-loop of at most 4096 iterations, got 5000}}
    dsf.for 5000 () : () -> () {
    ^bb0(%r: index):
      dsf.yield
    }
  }
}

// -----

dsf.recurrence @operations {
  dsf.dim @K
  dsf.step {
    // expected-error@+1 {{micro-loops unroll to more than 262144 operations}}
    dsf.for 4096 () : () -> () {
    ^bb0(%r: index):
      // expected-error@+1 {{micro-loops unroll to more than 262144 operations}}
      dsf.for 4096 () : () -> () {
      ^bb0(%s: index):
        %a = dsf.constant 1.0
        dsf.yield
      }
      dsf.yield
    }
  }
}

// -----

dsf.recurrence @elements {
  dsf.dim @K
  // expected-error@+1 {{expected at most 1099511627776 elements, got 9223372036854775807 x 64}}
  dsf.in @x : !dsf.array<[9223372036854775807, @K], real>
  dsf.step {}
}

// -----

dsf.recurrence @values {
  dsf.dim @K
  dsf.step {
    %i = dsf.index : !dsf.value<[i: 1048576], real>
    %j = dsf.index : !dsf.value<[j: 1048576], real>
    %l = dsf.index : !dsf.value<[l: 2], real>
    %a = dsf.binary mul %i, %j : !dsf.value<[i: 1048576], real>, !dsf.value<[j: 1048576], real>
    // expected-error@+1 {{expected at most 1099511627776 elements, got 1048576 x 1048576 x 2}}
    %b = dsf.binary mul %a, %l : !dsf.value<[i: 1048576, j: 1048576], real>, !dsf.value<[l: 2], real>
  }
}
