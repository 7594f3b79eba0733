dsf.recurrence @r {
  dsf.recurrence @s {
    dsf.step {}
  }
  dsf.step {}
}
