dsf.recurrence @r {
  dsf.in @x : !dsf.array<[-4], real>
  dsf.step {}
}
