dsf.recurrence @r {
  dsf.dim @K
  dsf.in @K : !dsf.array<[2], real>
  dsf.step {}
}
