dsf.recurrence @r {
  dsf.in @x : !dsf.array<[], real>
  dsf.param @W : !dsf.param<[2], real>
  dsf.step {}
}
