// RUN: lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=chunked chunk=16}))' | FileCheck %s --check-prefix=CHUNKED
// RUN: lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=sequential}))' | FileCheck %s --check-prefix=SEQUENTIAL
// RUN: lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=sequential chunk=16}))' | FileCheck %s --check-prefix=SEQUENTIAL
// RUN: lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule))' | FileCheck %s --check-prefix=AUTO
// RUN: not lrc-opt %s --pass-pipeline='builtin.module(dsf.recurrence(dsf-schedule{schedule=fast}))' 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Chunks come with the normal form that they are derived from.
// CHUNKED: dsf.recurrence @decays schedule <chunked, chunk = 16, lanes = 3>
// CHUNKED: dsf.form {
// CHUNKED: dsf.evolve @S
// SEQUENTIAL: dsf.recurrence @decays schedule <sequential, lanes = 3>
// SEQUENTIAL-NOT: dsf.form
// The choice is the cost model's, but it is made.
// AUTO: dsf.recurrence @decays schedule <
// UNKNOWN: error: expected schedule auto, sequential, chunked, scan or split, got fast
dsf.recurrence @decays {
  dsf.in @k : !dsf.array<[2], real>
  dsf.in @v : !dsf.array<[3], real>
  dsf.in @a : !dsf.array<[2], real>
  dsf.in @c : !dsf.array<[3], real>
  dsf.state @S : !dsf.state<[2, 3], real>
  dsf.out @o : !dsf.array<[3], real>
  dsf.step {
    %0 = dsf.get @a : !dsf.array<[2], real>
    %1 = dsf.get @c : !dsf.array<[3], real>
    %2 = dsf.get @S : !dsf.state<[2, 3], real>
    %3 = dsf.get @k : !dsf.array<[2], real>
    %4 = dsf.get @v : !dsf.array<[3], real>
    %5 = dsf.read %0[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %6 = dsf.read %1[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %7 = dsf.binary mul %5, %6 : <[i: 2], real>, <[j: 3], real>
    %8 = dsf.read %2[i, j] : !dsf.state<[2, 3], real> -> !dsf.value<[i: 2, j: 3], real>
    %9 = dsf.binary mul %7, %8 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %10 = dsf.read %3[i] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
    %11 = dsf.read %4[j] : !dsf.array<[3], real> -> !dsf.value<[j: 3], real>
    %12 = dsf.binary mul %10, %11 : <[i: 2], real>, <[j: 3], real>
    %13 = dsf.binary add %9, %12 : <[i: 2, j: 3], real>, <[i: 2, j: 3], real>
    %14 = dsf.binary mul %10, %13 : <[i: 2], real>, <[i: 2, j: 3], real>
    %15 = dsf.reduce sum %14 over [i] : <[i: 2, j: 3], real>
    dsf.set @o, %15 [j] : <[j: 3], real>
    dsf.set @S, %13 [i, j] : <[i: 2, j: 3], real>
  }
}
