// RUN: lrc-opt %s -dsf-stabilize=explain=true -split-input-file \
// RUN:   -verify-diagnostics | FileCheck %s

// Two states with one exponent share a running maximum, which the quotient
// cancels.
// CHECK-LABEL: dsf.recurrence @softmax
// expected-remark@+1 {{one running maximum for u, w}}
dsf.recurrence @softmax {
  dsf.in @s : !dsf.array<[], real>
  dsf.in @v : !dsf.array<[4], real>
  // CHECK: dsf.state @u : !dsf.state<[], real> final {
  // CHECK: %[[HALF:.*]] = dsf.unary exp
  // CHECK: dsf.binary mul %{{.*}}, %[[HALF]]
  // CHECK: dsf.binary mul %{{.*}}, %[[HALF]]
  dsf.state @u : !dsf.state<[], real>
  // CHECK: dsf.state @w : !dsf.state<[4], real> final {
  dsf.state @w : !dsf.state<[4], real>
  dsf.out @o : !dsf.array<[4], real>
  // CHECK: dsf.state @u_max local : !dsf.state<[], real> init {
  // CHECK: dsf.constant -1.000000e+30
  // CHECK: dsf.get @u
  // CHECK: dsf.get @w
  // CHECK: dsf.reduce max
  // CHECK: dsf.step {
  // CHECK-DAG: %[[U:.*]] = dsf.get @u :
  // CHECK-DAG: %[[M:.*]] = dsf.get @u_max
  // CHECK-DAG: %[[S:.*]] = dsf.get @s :
  dsf.step {
    %s = dsf.get @s : !dsf.array<[], real>
    %v = dsf.get @v : !dsf.array<[4], real>
    %u = dsf.get @u : !dsf.state<[], real>
    %w = dsf.get @w : !dsf.state<[4], real>
    %ss = dsf.read %s[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %vj = dsf.read %v[j] : !dsf.array<[4], real> -> !dsf.value<[j: 4], real>
    %uu = dsf.read %u[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %wj = dsf.read %w[j] : !dsf.state<[4], real> -> !dsf.value<[j: 4], real>
    %e = dsf.unary exp %ss : !dsf.value<[], real>
    %u1 = dsf.binary add %uu, %e : !dsf.value<[], real>, !dsf.value<[], real>
    %ev = dsf.binary mul %e, %vj : !dsf.value<[], real>, !dsf.value<[j: 4], real>
    %w1 = dsf.binary add %wj, %ev : !dsf.value<[j: 4], real>, !dsf.value<[j: 4], real>
    // CHECK-DAG: %[[SS:.*]] = dsf.read %[[S]][]
    // CHECK-DAG: %[[UU:.*]] = dsf.read %[[U]][]
    // CHECK-DAG: %[[MM:.*]] = dsf.read %[[M]][]
    // CHECK: %[[M1:.*]] = dsf.binary max %[[MM]], %[[SS]]
    // CHECK: %[[DM:.*]] = dsf.binary sub %[[MM]], %[[M1]]
    // CHECK: %[[A:.*]] = dsf.unary exp %[[DM]]
    // CHECK: %[[AU:.*]] = dsf.binary mul %[[A]], %[[UU]]
    // CHECK: %[[DS:.*]] = dsf.binary sub %[[SS]], %[[M1]]
    // CHECK: %[[E:.*]] = dsf.unary exp %[[DS]]
    // CHECK: %[[U1:.*]] = dsf.binary add %[[AU]], %[[E]]
    // CHECK: %[[W1:.*]] = dsf.binary add
    // CHECK: %[[O:.*]] = dsf.binary div %[[W1]], %[[U1]]
    // CHECK: dsf.set @u, %[[U1]]
    // CHECK: dsf.set @w, %[[W1]]
    // CHECK: dsf.set @o, %[[O]]
    // CHECK: dsf.set @u_max, %[[M1]]
    dsf.set @u, %u1[] : !dsf.value<[], real>
    dsf.set @w, %w1[j] : !dsf.value<[j: 4], real>
    %o = dsf.binary div %w1, %u1 : !dsf.value<[j: 4], real>, !dsf.value<[], real>
    dsf.set @o, %o[j] : !dsf.value<[j: 4], real>
  }
}

// -----

// A decay goes to the maximum as its logarithm. What is larger than 1 and what
// is plain meet at max(m, 0), so that exp(-m) can't overflow.
// CHECK-LABEL: dsf.recurrence @gated
// expected-remark@+1 {{one running maximum for n}}
dsf.recurrence @gated {
  dsf.in @i : !dsf.array<[], real>
  dsf.in @f : !dsf.array<[], real>
  dsf.state @n : !dsf.state<[], real>
  dsf.out @o : !dsf.array<[], real>
  // CHECK: dsf.step {
  // CHECK-DAG: %[[LF:.*]] = dsf.unary logsigmoid
  // CHECK-DAG: %[[ML:.*]] = dsf.binary add %[[M:.*]], %[[LF]]
  // CHECK: %[[MI:.*]] = dsf.binary max %[[ML]], %[[I:.*]] :
  // CHECK: %[[M1:.*]] = dsf.binary max %[[MI]], %{{.*}} :
  // The larger of m and the decay is where the new maximum is subtracted.
  // CHECK: %[[LESS:.*]] = dsf.binary lt
  // CHECK: %[[LARGER:.*]] = dsf.select %[[LESS]], %[[LF]], %[[M]]
  // CHECK: %[[SMALLER:.*]] = dsf.select %[[LESS]], %[[M]], %[[LF]]
  // CHECK: %[[DL:.*]] = dsf.binary sub %[[LARGER]], %[[M1]]
  // CHECK: %[[D:.*]] = dsf.binary add %[[DL]], %[[SMALLER]]
  // CHECK: dsf.unary exp %[[D]]
  // CHECK: %[[N1:.*]] = dsf.binary add
  // CHECK: %[[TOP:.*]] = dsf.binary max %[[M1]], %{{.*}} :
  // CHECK: %[[DT:.*]] = dsf.binary sub %[[M1]], %[[TOP]]
  // CHECK: %[[ET:.*]] = dsf.unary exp %[[DT]]
  // CHECK: %[[NEG:.*]] = dsf.unary neg %[[TOP]]
  // CHECK: %[[ONE:.*]] = dsf.unary exp %[[NEG]]
  // CHECK: %[[DEN:.*]] = dsf.binary max %{{.*}}, %[[ONE]]
  dsf.step {
    %i = dsf.get @i : !dsf.array<[], real>
    %f = dsf.get @f : !dsf.array<[], real>
    %n = dsf.get @n : !dsf.state<[], real>
    %ii = dsf.read %i[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %ff = dsf.read %f[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %nn = dsf.read %n[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %e = dsf.unary exp %ii : !dsf.value<[], real>
    %s = dsf.unary sigmoid %ff : !dsf.value<[], real>
    %sn = dsf.binary mul %s, %nn : !dsf.value<[], real>, !dsf.value<[], real>
    %n1 = dsf.binary add %sn, %e : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @n, %n1[] : !dsf.value<[], real>
    %one = dsf.constant 1.0
    %size = dsf.unary abs %n1 : !dsf.value<[], real>
    %den = dsf.binary max %size, %one : !dsf.value<[], real>, !dsf.value<[], real>
    %o = dsf.binary div %n1, %den : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @o, %o[] : !dsf.value<[], real>
  }
}

// -----

// Labels of other names; a maximum for every i. Its labels are those of the
// exponent.
// CHECK-LABEL: dsf.recurrence @keys
// expected-remark@+1 {{one running maximum for z, S}}
dsf.recurrence @keys {
  dsf.in @k : !dsf.array<[3], real>
  dsf.state @z : !dsf.state<[3], real>
  dsf.state @S : !dsf.state<[3, 4], real>
  dsf.out @o : !dsf.array<[4], real>
  // CHECK: dsf.state @z_max local : !dsf.state<[3], real>
  // CHECK: dsf.step {
  // CHECK: dsf.set @z_max, %{{.*}} [a]
  dsf.step {
    %k = dsf.get @k : !dsf.array<[3], real>
    %z = dsf.get @z : !dsf.state<[3], real>
    %S = dsf.get @S : !dsf.state<[3, 4], real>
    %ka = dsf.read %k[a] : !dsf.array<[3], real> -> !dsf.value<[a: 3], real>
    %ki = dsf.read %k[i] : !dsf.array<[3], real> -> !dsf.value<[i: 3], real>
    %za = dsf.read %z[a] : !dsf.state<[3], real> -> !dsf.value<[a: 3], real>
    %Sij = dsf.read %S[i, j] : !dsf.state<[3, 4], real> -> !dsf.value<[i: 3, j: 4], real>
    %ea = dsf.unary exp %ka : !dsf.value<[a: 3], real>
    %ei = dsf.unary exp %ki : !dsf.value<[i: 3], real>
    %z1 = dsf.binary add %za, %ea : !dsf.value<[a: 3], real>, !dsf.value<[a: 3], real>
    %S1 = dsf.binary add %Sij, %ei : !dsf.value<[i: 3, j: 4], real>, !dsf.value<[i: 3], real>
    dsf.set @z, %z1[a] : !dsf.value<[a: 3], real>
    dsf.set @S, %S1[i, j] : !dsf.value<[i: 3, j: 4], real>
    %zp = dsf.pack %z1[a] : !dsf.value<[a: 3], real> -> !dsf.array<[3], real>
    %zi = dsf.read %zp[i] : !dsf.array<[3], real> -> !dsf.value<[i: 3], real>
    %y = dsf.binary div %S1, %zi : !dsf.value<[i: 3, j: 4], real>, !dsf.value<[i: 3], real>
    %o = dsf.reduce sum %y over [i] : !dsf.value<[i: 3, j: 4], real>
    dsf.set @o, %o[j] : !dsf.value<[j: 4], real>
  }
}

// -----

// Different exponents have different maxima.
// CHECK-LABEL: dsf.recurrence @two
// expected-remark@+2 {{one running maximum for a}}
// expected-remark@+1 {{one running maximum for b}}
dsf.recurrence @two {
  dsf.in @x : !dsf.array<[], real>
  dsf.in @y : !dsf.array<[], real>
  dsf.state @a : !dsf.state<[], real>
  dsf.state @b : !dsf.state<[], real>
  dsf.out @o : !dsf.array<[], real>
  // CHECK: dsf.state @a_max local
  // CHECK: dsf.state @b_max local
  dsf.step {
    %x = dsf.get @x : !dsf.array<[], real>
    %y = dsf.get @y : !dsf.array<[], real>
    %a = dsf.get @a : !dsf.state<[], real>
    %b = dsf.get @b : !dsf.state<[], real>
    %xx = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %yy = dsf.read %y[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %aa = dsf.read %a[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %bb = dsf.read %b[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %ex = dsf.unary exp %xx : !dsf.value<[], real>
    %ey = dsf.unary exp %yy : !dsf.value<[], real>
    %a1 = dsf.binary add %aa, %ex : !dsf.value<[], real>, !dsf.value<[], real>
    %b1 = dsf.binary add %bb, %ey : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @a, %a1[] : !dsf.value<[], real>
    dsf.set @b, %b1[] : !dsf.value<[], real>
    %sum = dsf.binary add %a1, %b1 : !dsf.value<[], real>, !dsf.value<[], real>
    %o = dsf.unary log %sum : !dsf.value<[], real>
    dsf.set @o, %o[] : !dsf.value<[], real>
  }
}

// -----

// An output that needs exp(m) itself.
// CHECK-LABEL: dsf.recurrence @unnormalised
// CHECK-NOT: local
// expected-remark@+1 {{left as it is, o: its value has the scale of a state}}
dsf.recurrence @unnormalised {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @a : !dsf.state<[], real>
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[], real>
    %a = dsf.get @a : !dsf.state<[], real>
    %xx = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %aa = dsf.read %a[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %ex = dsf.unary exp %xx : !dsf.value<[], real>
    %a1 = dsf.binary add %aa, %ex : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @a, %a1[] : !dsf.value<[], real>
    dsf.set @o, %a1[] : !dsf.value<[], real>
  }
}

// -----

// States that feed each other have no maximum of their own.
// expected-remark@+1 {{left as it is, states a and b depend on each other}}
dsf.recurrence @coupled {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @a : !dsf.state<[], real>
  dsf.state @b : !dsf.state<[], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[], real>
    %a = dsf.get @a : !dsf.state<[], real>
    %b = dsf.get @b : !dsf.state<[], real>
    %xx = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %aa = dsf.read %a[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %bb = dsf.read %b[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %ex = dsf.unary exp %xx : !dsf.value<[], real>
    %eb = dsf.binary mul %ex, %bb : !dsf.value<[], real>, !dsf.value<[], real>
    %ea = dsf.binary mul %ex, %aa : !dsf.value<[], real>, !dsf.value<[], real>
    %a1 = dsf.binary add %aa, %eb : !dsf.value<[], real>, !dsf.value<[], real>
    %b1 = dsf.binary add %bb, %ea : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @a, %a1[] : !dsf.value<[], real>
    dsf.set @b, %b1[] : !dsf.value<[], real>
  }
}

// -----

// The history behind delay() holds numbers, not mantissas.
// expected-remark@+1 {{left as it is, past: the step passes a scaled state to dsf.shift}}
dsf.recurrence @delayed {
  dsf.in @x : !dsf.array<[], real>
  dsf.state @a : !dsf.state<[], real>
  dsf.state @past hidden : !dsf.state<[2], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[], real>
    %a = dsf.get @a : !dsf.state<[], real>
    %past = dsf.get @past : !dsf.state<[2], real>
    %xx = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %aa = dsf.read %a[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %ex = dsf.unary exp %xx : !dsf.value<[], real>
    %a1 = dsf.binary add %aa, %ex : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @a, %a1[] : !dsf.value<[], real>
    %row = dsf.pack %a1[] : !dsf.value<[], real> -> !dsf.array<[], real>
    %next = dsf.shift %past, %row : !dsf.state<[2], real>, !dsf.array<[], real> -> !dsf.array<[2], real>
    %nm = dsf.read %next[m] : !dsf.array<[2], real> -> !dsf.value<[m: 2], real>
    dsf.set @past, %nm[m] : !dsf.value<[m: 2], real>
  }
}

// -----

// A bounded exponent, and one that is measured from a maximum already, need
// nothing.
// CHECK-LABEL: dsf.recurrence @stable
// CHECK-NOT: local
// CHECK: dsf.set @m
dsf.recurrence @stable {
  dsf.in @x : !dsf.array<[], real>
  dsf.in @y : !dsf.array<[], real> range #dsf.interval<closed -5.0, closed 5.0>
  dsf.state @m : !dsf.state<[], real> init {
    %low = dsf.constant -inf
    dsf.yield %low[] : !dsf.value<[], real>
  }
  dsf.state @a : !dsf.state<[], real>
  dsf.state @b : !dsf.state<[], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[], real>
    %y = dsf.get @y : !dsf.array<[], real>
    %m = dsf.get @m : !dsf.state<[], real>
    %a = dsf.get @a : !dsf.state<[], real>
    %b = dsf.get @b : !dsf.state<[], real>
    %xx = dsf.read %x[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %yy = dsf.read %y[] : !dsf.array<[], real> -> !dsf.value<[], real>
    %mm = dsf.read %m[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %aa = dsf.read %a[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %bb = dsf.read %b[] : !dsf.state<[], real> -> !dsf.value<[], real>
    %top = dsf.binary max %mm, %xx : !dsf.value<[], real>, !dsf.value<[], real>
    %dm = dsf.binary sub %mm, %top : !dsf.value<[], real>, !dsf.value<[], real>
    %dx = dsf.binary sub %xx, %top : !dsf.value<[], real>, !dsf.value<[], real>
    %em = dsf.unary exp %dm : !dsf.value<[], real>
    %ex = dsf.unary exp %dx : !dsf.value<[], real>
    %ey = dsf.unary exp %yy : !dsf.value<[], real>
    %ea = dsf.binary mul %em, %aa : !dsf.value<[], real>, !dsf.value<[], real>
    %a1 = dsf.binary add %ea, %ex : !dsf.value<[], real>, !dsf.value<[], real>
    %b1 = dsf.binary add %bb, %ey : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.set @a, %a1[] : !dsf.value<[], real>
    dsf.set @b, %b1[] : !dsf.value<[], real>
    dsf.set @m, %top[] : !dsf.value<[], real>
  }
}
