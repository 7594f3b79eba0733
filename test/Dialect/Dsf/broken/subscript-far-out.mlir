dsf.recurrence @r {
  dsf.in @x : !dsf.array<[4], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[4], real>
    %v = dsf.read %x[9223372036854775807] : !dsf.array<[4], real> -> !dsf.value<[], real>
  }
}
