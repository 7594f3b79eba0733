dsf.recurrence @"r {
  dsf.step {}
}
