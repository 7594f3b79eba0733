dsf.recurrence @r {
  dsf.in @x : !dsf.array<[99999999999999999999], real>
  dsf.step {}
}
