dsf.recurrence @r {
  dsf.in @x : !dsf.array<[4294967296, 4294967296, 4294967296], real>
  dsf.step {}
}
