dsf.recurrence @r {
  dsf.in @x : !dsf.array<[2], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[2], real>
    %v = dsf.read %x[j] : !dsf.array<[2], real> -> !dsf.value<[i: 2], real>
  }
}
