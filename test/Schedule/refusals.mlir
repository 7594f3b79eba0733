// RUN: lrc-opt %s --verify-diagnostics --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=chunked}))'

// expected-error@+1 {{schedule chunked does not apply: state h: the step mixes the axes of state h densely}}
dsf.recurrence @dense {
  dsf.in @x : !dsf.array<[2], real>
  dsf.param @W : !dsf.param<[2, 2], real>
  dsf.state @h : !dsf.state<[2], real>
  dsf.out @o : !dsf.array<[2], real>
  dsf.step {
    %0 = dsf.get @x : !dsf.array<[2], real>
    %1 = dsf.get @W : !dsf.param<[2, 2], real>
    %2 = dsf.get @h : !dsf.state<[2], real>
    %3 = dsf.read %0[d] : !dsf.array<[2], real> -> !dsf.value<[d: 2], real>
    %4 = dsf.read %1[d, e] : !dsf.param<[2, 2], real> -> !dsf.value<[d: 2, e: 2], real>
    %5 = dsf.read %2[e] : !dsf.state<[2], real> -> !dsf.value<[e: 2], real>
    %6 = dsf.binary mul %4, %5 : <[d: 2, e: 2], real>, <[e: 2], real>
    %7 = dsf.reduce sum %6 over [e] : <[d: 2, e: 2], real>
    %8 = dsf.binary add %3, %7 : <[d: 2], real>, <[d: 2], real>
    %9 = dsf.unary tanh %8 : <[d: 2], real>
    dsf.set @o, %9 [d] : <[d: 2], real>
    dsf.set @h, %9 [d] : <[d: 2], real>
  }
}
