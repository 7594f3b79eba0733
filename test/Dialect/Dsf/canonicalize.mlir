// RUN: lrc-opt %s --canonicalize | FileCheck %s

// CHECK: #[[$MAP:.*]] = affine_map<(d0) -> (-d0 + 3)>

// CHECK-LABEL: dsf.recurrence @constants
dsf.recurrence @constants {
  dsf.out @o : !dsf.array<[], real>
  dsf.state @h : !dsf.state<[], real> init {
    // CHECK: init {
    // CHECK-NEXT: %[[ONE:.*]] = dsf.constant 1.0{{0*}}e+00
    // CHECK-NEXT: dsf.yield %[[ONE]]
    %zero = dsf.constant 0.0
    %one = dsf.unary exp %zero : !dsf.value<[], real>
    dsf.yield %one[] : !dsf.value<[], real>
  }
  // CHECK: dsf.step {
  // CHECK-NEXT: %[[N:.*]] = dsf.constant 1.250000e-01
  // CHECK-NEXT: dsf.set @o, %[[N]]
  // CHECK-NEXT: dsf.set @h, %[[N]]
  dsf.step {
    %i = arith.constant 64 : index
    %n = dsf.number %i
    %r = dsf.unary rsqrt %n : !dsf.value<[], real>
    dsf.set @o, %r[] : !dsf.value<[], real>
    dsf.set @h, %r[] : !dsf.value<[], real>
  }
}

// A bool has no constant to become.
// CHECK-LABEL: dsf.recurrence @bools
dsf.recurrence @bools {
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %a = dsf.constant 1.0
    %b = dsf.constant 2.0
    // CHECK: dsf.binary lt
    %c = dsf.binary lt %a, %b : !dsf.value<[], real>, !dsf.value<[], real>
    // CHECK: dsf.select
    %s = dsf.select %c, %a, %b : !dsf.value<[], bool>, !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @o, %s[] : !dsf.value<[], real>
  }
}

// CHECK-LABEL: dsf.recurrence @reads
dsf.recurrence @reads {
  dsf.in @x : !dsf.array<[4], real>
  dsf.out @o : !dsf.array<[4], real>
  dsf.out @p : !dsf.array<[4], real>
  dsf.out @q : !dsf.array<[4], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[4], real>
    %three = arith.constant 3 : index
    // CHECK: %[[X:.*]] = dsf.get @x
    // Constant symbols move into the map.
    // CHECK: %[[R:.*]] = dsf.read %[[X]] map #[[$MAP]] ()
    %r = dsf.read %x map affine_map<(d0)[s0] -> (s0 - d0)> (%three) : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    // CHECK-NEXT: dsf.set @o, %[[R]]
    dsf.set @o, %r[i] : !dsf.value<[i: 4], real>
    // What is packed and read under the same labels is the value.
    // CHECK-NEXT: dsf.set @p, %[[R]]
    %a = dsf.pack %r[i] : !dsf.value<[i: 4], real> -> !dsf.array<[4], real>
    %v = dsf.read %a[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    dsf.set @p, %v[i] : !dsf.value<[i: 4], real>
    // What is read and packed is the array.
    // CHECK-NEXT: %[[W:.*]] = dsf.read %[[X]][l]
    // CHECK-NEXT: dsf.set @q, %[[W]]
    %xi = dsf.read %x[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
    %b = dsf.pack %xi[i] : !dsf.value<[i: 4], real> -> !dsf.array<[4], real>
    %w = dsf.read %b[l] : !dsf.array<[4], real> -> !dsf.value<[l: 4], real>
    dsf.set @q, %w[l] : !dsf.value<[l: 4], real>
  }
}
