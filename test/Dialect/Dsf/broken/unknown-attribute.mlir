dsf.recurrence @r {
  dsf.in @x : !dsf.array<[4], real> range #dsf.positive
  dsf.step {}
}
