dsf.recurrence @r {
  dsf.in @x : !dsf.array<[@K], real>
  dsf.step {}
}
