dsf.recurrence @r {
  dsf.in @x : !dsf.array<[4], re