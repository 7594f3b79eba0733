dsf.recurrence @r {
  dsf.step {
    %x = dsf.get @x : !dsf.array<[4], real>
  }
}
