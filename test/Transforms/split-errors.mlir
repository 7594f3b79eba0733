// RUN: lrc-opt %s --dsf-split -verify-diagnostics

dsf.recurrence @loop {
  dsf.step {
    // expected-error@+1 {{expected micro-loops to be unrolled by dsf-specialize}}
    dsf.for 2 () : () -> () {
    ^bb0(%r: index):
      dsf.yield
    }
  }
}
