dsf.recurrence @r {
  dsf.in @x : !dsf.tensor<[4], real>
  dsf.step {}
}
