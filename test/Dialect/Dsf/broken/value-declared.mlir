dsf.recurrence @r {
  dsf.state @h : !dsf.value<[i: 4], real>
  dsf.step {}
}
