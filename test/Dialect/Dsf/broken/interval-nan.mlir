dsf.recurrence @r {
  dsf.in @x : !dsf.array<[], real> range #dsf.interval<closed 0x7FF8000000000000, closed 1.0>
  dsf.step {}
}
