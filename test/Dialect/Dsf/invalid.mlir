// RUN: lrc-opt %s -allow-unregistered-dialect -verify-diagnostics \
// RUN:   -split-input-file
//
// One test for each constraint of dialects/Dsf/README.md, named after it.

// type_c1
// expected-error@+1 {{expected an extent of at least 1, got 0}}
"test.op"() : () -> !dsf.array<[0], real>

// -----

// type_c2
// expected-error@+1 {{expected distinct labels, got "i" twice}}
"test.op"() : () -> !dsf.value<[i: 2, i: 2], real>

// -----

// range_c1
// expected-error@+1 {{expected a lower bound that is not above the upper bound, got 1.000000e+00 and 0.000000e+00}}
"test.op"() {range = #dsf.interval<closed 1.0, closed 0.0>} : () -> ()

// -----

// range_c2
// expected-error@+1 {{expected at least one value}}
"test.op"() {range = #dsf.choice<>} : () -> ()

// -----

// field_c1
dsf.recurrence @r {
  // expected-error@+1 {{expected a type of !dsf.array, got '!dsf.state<[2], real>'}}
  dsf.in @x : !dsf.state<[2], real>
  dsf.step {}
}

// -----

// field_c2
dsf.recurrence @r {
  // expected-error@+1 {{expected real or complex numbers, got bool}}
  dsf.in @x : !dsf.array<[2], bool>
  dsf.step {}
}

// -----

// field_c3
dsf.recurrence @r {
  // expected-error@+1 {{expected a storage type for real numbers, got 'complex<f32>'}}
  dsf.in @x : !dsf.array<[2], real> storage complex<f32>
  dsf.step {}
}

// -----

// field_c4
dsf.recurrence @r {
  // expected-error@+1 {{expected a range on real numbers only}}
  dsf.in @x : !dsf.array<[2], complex> range #dsf.unit_norm
  dsf.step {}
}

// -----

// dim_c1
dsf.recurrence @r {
  // expected-error@+1 {{expected a default size of at least 1}}
  dsf.dim @K default 0
  dsf.step {}
}

// -----

// dim_c2
dsf.recurrence @r {
  dsf.dim @K
  // expected-error@+1 {{expected a default or a derivation, got both}}
  dsf.dim @P default 2 = affine_map<()[s0] -> (s0)> of [@K]
  dsf.step {}
}

// -----

// dim_c3
dsf.recurrence @r {
  dsf.dim @K
  // expected-error@+1 {{expected a map with one result and a symbol for each dim it is made of}}
  dsf.dim @P = affine_map<()[s0, s1] -> (s0 + s1)> of [@K]
  dsf.step {}
}

// -----

// dim_c4
dsf.recurrence @r {
  // expected-error@+1 {{expected dims that are declared earlier, got @K}}
  dsf.dim @P = affine_map<()[s0] -> (s0 * 2)> of [@K]
  dsf.dim @K
  dsf.step {}
}

// -----

// init_c1
dsf.recurrence @r {
  // expected-error@+1 {{expected its region to end in dsf.yield of one value}}
  dsf.param @a : !dsf.param<[], real> default {
    %0 = dsf.constant 1.0
  }
  dsf.step {}
}

// -----

// init_c2
dsf.recurrence @r {
  dsf.param @a : !dsf.param<[], real> default {
    // expected-error@+1 {{does not belong in a default, init or final region}}
    %0 = dsf.time
    dsf.yield %0[] : !dsf.value<[], real>
  }
  dsf.step {}
}

// -----

// init_c3
dsf.recurrence @r {
  dsf.param @a : !dsf.param<[], real> default {
    // expected-error@+1 {{expected a parameter, or the start of a state, that is declared earlier, got @b}}
    %0 = dsf.get @b : !dsf.param<[], real>
    %1 = dsf.read %0[] : !dsf.param<[], real> -> !dsf.value<[], real>
    dsf.yield %1[] : !dsf.value<[], real>
  }
  dsf.param @b : !dsf.param<[], real>
  dsf.step {}
}

// -----

// init_c3
dsf.recurrence @r {
  dsf.state @h : !dsf.state<[], real> init {
    // expected-error@+1 {{expected a parameter, or the start of a state, that is declared earlier, got @u}}
    %0 = dsf.get @u : !dsf.state<[], real>
    %1 = dsf.read %0[] : !dsf.state<[], real> -> !dsf.value<[], real>
    dsf.yield %1[] : !dsf.value<[], real>
  }
  dsf.state @u : !dsf.state<[], real>
  dsf.step {}
}

// -----

// init_c3
dsf.recurrence @r {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @h : !dsf.state<[], real> final {
    // expected-error@+1 {{expected a parameter or a state, got @x}}
    %0 = dsf.get @x : !dsf.array<[], real>
    %1 = dsf.read %0[] : !dsf.array<[], real> -> !dsf.value<[], real>
    dsf.yield %1[] : !dsf.value<[], real>
  }
  dsf.step {}
}

// -----

// state_c1
dsf.recurrence @r {
  // expected-error@+1 {{expected hidden or local, got both}}
  dsf.state @h hidden local : !dsf.state<[], real>
  dsf.step {}
}

// -----

// state_c2
dsf.recurrence @r {
  // expected-error@+1 {{expected no storage, range or final region of what no caller sees}}
  dsf.state @h local : !dsf.state<[], real> storage f32
  dsf.step {}
}

// -----

// recurrence_c2
// expected-error@+1 {{expected a state among the finals, got @m}}
dsf.recurrence @r finals [@m] {
  dsf.state @m local : !dsf.state<[], real>
  dsf.step {
    %m = dsf.get @m : !dsf.state<[], real>
    %0 = dsf.read %m[] : !dsf.state<[], real> -> !dsf.value<[], real>
    dsf.set @m, %0[] : !dsf.value<[], real>
  }
}

// -----

// init_c4
dsf.recurrence @r {
  dsf.param @a : !dsf.param<[2], real> default {
    %0 = dsf.constant 1.0
    // expected-error@+1 {{expected 1 labels for '!dsf.param<[2], real>'}}
    dsf.yield %0[] : !dsf.value<[], real>
  }
  dsf.step {}
}

// -----

// recurrence_c1
// expected-error@+1 {{expected one dsf.step, or one each of dsf.input, dsf.transition and dsf.readout}}
dsf.recurrence @r {
  dsf.step {}
  dsf.input {}
}

// -----

// evolve_c1
dsf.recurrence @r {
  dsf.state @S : !dsf.state<[2], real>
  dsf.step {
    // expected-error@+1 {{defines a state, in dsf.form only}}
    dsf.evolve @S[i] keys [i]
  }
}

// -----

// evolve_c1
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{defines a state, in dsf.form only}}
    dsf.evolve @k[i] keys [i]
  }
}

// -----

// evolve_c2
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected 2 labels for}}
    dsf.evolve @S[i] keys [i]
  }
}

// -----

// evolve_c3
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected keys among the labels, got "l"}}
    dsf.evolve @S[i, j] keys [l]
  }
}

// -----

// evolve_c4
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected decay and factors to have keys only, got "j"}}
    dsf.evolve @S[i, j] keys [i] decay %vj : !dsf.value<[j: 3], real>
  }
}

// -----

// evolve_c4
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected value_decay and writes to have other labels only, got "i"}}
    dsf.evolve @S[i, j] keys [i] add %ki : !dsf.value<[i: 2], real> times %ki : !dsf.value<[i: 2], real>
  }
}

// -----

// evolve_c5
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected a write for each factor}}
    dsf.evolve @S[i, j] keys [i] add %ki, %ki : !dsf.value<[i: 2], real>, !dsf.value<[i: 2], real> times %vj : !dsf.value<[j: 3], real>
  }
}

// -----

// evolve_c6
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected a coupling for each coupled state}}
    dsf.evolve @S[i, j] keys [i] couple [@S] by %a, %a : !dsf.value<[], real>, !dsf.value<[], real>
  }
}

// -----

// evolve_c6
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected couplings without labels}}
    dsf.evolve @S[i, j] keys [i] couple [@S] by %ki : !dsf.value<[i: 2], real>
  }
}

// -----

// evolve_c7
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected coupled states of type}}
    dsf.evolve @S[i, j] keys [i] couple [@k] by %a : !dsf.value<[], real>
  }
}

// -----

// evolve_c8
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{label "i" has extent 2, but the axis has extent 3}}
    dsf.evolve @S[j, i] keys [i] add %ki : !dsf.value<[i: 2], real> times %a : !dsf.value<[], real>
  }
}

// -----

// evolve_c9
dsf.recurrence @r {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.step {
    %S = dsf.get @S : !dsf.state<[2, 3], real>
    %s = dsf.read %S[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    dsf.set @S, %s[i, j] : !dsf.value<[i: 2, j: 3], real>
  }
  dsf.form {
    %a = dsf.constant 0.5
    %k = dsf.get @k : !dsf.array<[2], real>
    %v = dsf.get @v : !dsf.array<[3], real>
    %ki = dsf.read %k[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %vj = dsf.read %v[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    // expected-error@+1 {{expected distinct labels, got "i" twice}}
    dsf.evolve @S[i, i] keys [i]
  }
}

// -----

// recurrence_c7
// expected-error@+1 {{expected one dsf.form at most}}
dsf.recurrence @r {
  dsf.step {}
  dsf.form {}
  dsf.form {}
}

// -----

// schedule_c1
// expected-error@+1 {{expected at least one step in a chunk and one segment}}
dsf.recurrence @r schedule #dsf.schedule<chunked, chunk = 0> {
  dsf.step {}
}

// -----

// recurrence_c2
// expected-error@+1 {{expected a state among the finals, got @x}}
dsf.recurrence @r finals [@x] {
  dsf.in @x : !dsf.array<[2], real>
  dsf.step {}
}

// -----

// recurrence_c3
dsf.recurrence @r {
  dsf.state @h : !dsf.state<[], real>
  // expected-error@+1 {{expected one dsf.set of @h, got 0}}
  dsf.step {}
}

// -----

// recurrence_c4
dsf.recurrence @r {
  // expected-error@+1 {{extent @K is not a dsf.dim}}
  dsf.in @x : !dsf.array<[@K], real>
  dsf.step {}
}

// -----

// recurrence_c5
dsf.recurrence @r {
  // expected-error@+1 {{expected a declaration or a phase in dsf.recurrence}}
  %0 = dsf.constant 1.0
  dsf.step {}
}

// -----

// recurrence_c6
dsf.recurrence @r {
  dsf.step {
    // expected-error@+1 {{expected ops of the dsf dialect in dsf.recurrence}}
    %0 = arith.constant 1.0 : f32
  }
}

// -----

// get_c1
dsf.recurrence @r {
  dsf.dim @K
  dsf.step {
    // expected-error@+1 {{expected an input, parameter, state or signal, got @K}}
    %0 = dsf.get @K : !dsf.array<[], real>
  }
}

// -----

// get_c2
dsf.recurrence @r {
  dsf.state @h : !dsf.state<[], real>
  dsf.input {
    // expected-error@+1 {{this phase does not read @h}}
    %0 = dsf.get @h : !dsf.state<[], real>
  }
  dsf.transition {}
  dsf.readout {}
}

// -----

// get_c3
dsf.recurrence @r {
  dsf.state @h : !dsf.state<[], real>
  dsf.step {
    // expected-error@+1 {{next reads a state, in dsf.readout only}}
    %0 = dsf.get @h next : !dsf.state<[], real>
  }
}

// -----

// get_c4
dsf.recurrence @r {
  dsf.state @h : !dsf.state<[], real>
  dsf.step {
    // expected-error@+1 {{expected the declared type '!dsf.state<[], real>', got '!dsf.state<[2], real>'}}
    %0 = dsf.get @h : !dsf.state<[2], real>
  }
}

// -----

// set_c1
dsf.recurrence @r {
  dsf.in @x : !dsf.array<[], real>
  dsf.step {
    %0 = dsf.constant 1.0
    // expected-error@+1 {{this phase does not define @x}}
    dsf.set @x, %0[] : !dsf.value<[], real>
  }
}

// -----

// set_c2
dsf.recurrence @r {
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.index : !dsf.value<[i: 2], real>
    // expected-error@+1 {{label "i" has extent 2, but the axis has extent 3}}
    dsf.set @o, %0[i] : !dsf.value<[i: 2], real>
  }
}

// -----

// set_c3
dsf.recurrence @r {
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    dsf.for 2 () : () -> () {
    ^bb0(%r: index):
      %0 = dsf.constant 1.0
      // expected-error@+1 {{expected directly in a phase}}
      dsf.set @o, %0[] : !dsf.value<[], real>
      dsf.yield
    }
  }
}

// -----

// yield_c1
dsf.recurrence @r {
  dsf.step {
    // expected-error@+1 {{expected at the end of a default, init, final or dsf.for region}}
    dsf.yield
  }
}

// -----

// read_c1
%a = "test.op"() : () -> !dsf.array<[2, 3], real>
// expected-error@+1 {{expected 2 subscripts, got 1}}
%0 = dsf.read %a[i] : !dsf.array<[2, 3], real> -> !dsf.value<[i: 2], real>

// -----

// read_c2
%a = "test.op"() : () -> !dsf.array<[2], real>
// expected-error@+1 {{expected a map of 1 labels and 0 symbols}}
%0 = dsf.read %a map affine_map<(d0, d1) -> (d0)> () : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>

// -----

// read_c3
%a = "test.op"() : () -> !dsf.array<[2], complex>
// expected-error@+1 {{expected complex values, got real}}
%0 = dsf.read %a[i] : !dsf.array<[2], complex> -> !dsf.value<[i: 2], real>

// -----

// read_c4
%a = "test.op"() : () -> !dsf.array<[@K], real>
// expected-error@+1 {{label "i" has extent V, but the axis has extent K}}
%0 = dsf.read %a[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @V], real>

// -----

// pack_c1
%a = "test.op"() : () -> !dsf.value<[i: 2], real>
// expected-error@+1 {{value has a label "i" that the array lacks}}
%0 = dsf.pack %a[j] : !dsf.value<[i: 2], real> -> !dsf.array<[2], real>

// -----

// shift_c1
%a:2 = "test.op"() : () -> (!dsf.array<[4, 2], real>, !dsf.array<[3], real>)
// expected-error@+1 {{expected a history of rows of type '!dsf.array<[3], real>'}}
%0 = dsf.shift %a#0, %a#1 : !dsf.array<[4, 2], real>, !dsf.array<[3], real> -> !dsf.array<[4, 2], real>

// -----

// shift_c2
%a:2 = "test.op"() : () -> (!dsf.array<[4, 2], real>, !dsf.array<[2], real>)
// expected-error@+1 {{expected the extents and kind of the history}}
%0 = dsf.shift %a#0, %a#1 : !dsf.array<[4, 2], real>, !dsf.array<[2], real> -> !dsf.array<[5, 2], real>

// -----

// inverse_c1
%a = "test.op"() : () -> !dsf.array<[2, 3], real>
// expected-error@+1 {{expected a square matrix in the last two axes, got '!dsf.array<[2, 3], real>'}}
%0 = dsf.inverse %a : !dsf.array<[2, 3], real> -> !dsf.array<[2, 3], real>

// -----

// inverse_c2
%a = "test.op"() : () -> !dsf.array<[2, 2], complex>
// expected-error@+1 {{expected a matrix of real numbers}}
%0 = dsf.inverse %a : !dsf.array<[2, 2], complex> -> !dsf.array<[2, 2], complex>

// -----

// inverse_c3
%a = "test.op"() : () -> !dsf.array<[5, 2, 2], real>
// expected-error@+1 {{expected the extents and kind of the matrix}}
%0 = dsf.inverse %a : !dsf.array<[5, 2, 2], real> -> !dsf.array<[2, 2], real>

// -----

// inverse_c4
dsf.recurrence @r {
  dsf.in @x : !dsf.array<[2, 2], real>
  dsf.out @o : !dsf.array<[2, 2], real>
  dsf.step {
    // expected-note@+1 {{this is not}}
    %x = dsf.get @x : !dsf.array<[2, 2], real>
    // expected-error@+1 {{expected a matrix that is the same for all steps}}
    %m = dsf.inverse %x : !dsf.array<[2, 2], real> -> !dsf.array<[2, 2], real>
    %v = dsf.read %m[i, j] : !dsf.array<[2, 2], real> -> !dsf.value<[i: 2, j: 2], real>
    dsf.set @o, %v[i, j] : !dsf.value<[i: 2, j: 2], real>
  }
}

// -----

// index_c1
// expected-error@+1 {{expected a real value with one label}}
%0 = dsf.index : !dsf.value<[i: 2, j: 2], real>

// -----

// for_c1
%a = "test.op"() : () -> !dsf.array<[2], real>
// expected-error@+1 {{carries '!dsf.array<[2], real>' as '!dsf.array<[3], real>'}}
%0 = dsf.for 2 (%a) : (!dsf.array<[2], real>) -> !dsf.array<[3], real> {
^bb0(%r: index, %x: !dsf.array<[3], real>):
  dsf.yield %x : !dsf.array<[3], real>
}

// -----

// for_c2
// expected-error@+1 {{expected a count of at least 1}}
dsf.for 0 () : () -> () {
^bb0(%r: index):
  dsf.yield
}

// -----

// for_c3
// expected-error@+1 {{expected block arguments for the index and each carried array}}
dsf.for 2 () : () -> () {
^bb0:
  dsf.yield
}

// -----

// for_c4
%a = "test.op"() : () -> !dsf.array<[2], real>
// expected-error@+1 {{expected its body to end in dsf.yield of the carried arrays}}
%0 = dsf.for 2 (%a) : (!dsf.array<[2], real>) -> !dsf.array<[2], real> {
^bb0(%r: index, %x: !dsf.array<[2], real>):
  dsf.yield
}

// -----

// value_c1
%a:2 = "test.op"() : () -> (!dsf.value<[i: 2], real>, !dsf.value<[i: 3], real>)
// expected-error@+1 {{label "i" has extent 2 and 3}}
%0 = dsf.binary add %a#0, %a#1 : !dsf.value<[i: 2], real>, !dsf.value<[i: 3], real>

// -----

// unary_c1
%a = "test.op"() : () -> !dsf.value<[], complex>
// expected-error@+1 {{tanh does not apply to a complex operand}}
%0 = dsf.unary tanh %a : !dsf.value<[], complex>

// -----

// binary_c1
%a = "test.op"() : () -> !dsf.value<[], complex>
// expected-error@+1 {{max does not apply to complex and complex operands}}
%0 = dsf.binary max %a, %a : !dsf.value<[], complex>, !dsf.value<[], complex>

// -----

// select_c1
%a = dsf.constant 1.0
// expected-error@+1 {{expected a bool condition, got real}}
%0 = dsf.select %a, %a, %a : !dsf.value<[], real>, !dsf.value<[], real>, !dsf.value<[], real>

// -----

// select_c2
%a = dsf.constant 1.0
%b = dsf.binary lt %a, %a : !dsf.value<[], real>, !dsf.value<[], real>
// expected-error@+1 {{expected two numbers or two bools}}
%0 = dsf.select %b, %a, %b : !dsf.value<[], bool>, !dsf.value<[], real>, !dsf.value<[], bool>

// -----

// reduce_c1
%a = "test.op"() : () -> !dsf.value<[i: 2], complex>
// expected-error@+1 {{max does not apply to a complex operand}}
%0 = dsf.reduce max %a over [i] : !dsf.value<[i: 2], complex>

// -----

// reduce_c2
%a = "test.op"() : () -> !dsf.value<[i: 2], real>
// expected-error@+1 {{operand has no label "j"}}
%0 = dsf.reduce sum %a over [j] : !dsf.value<[i: 2], real>
