dsf.recurrence @r {
  dsf.stepp {}
}
