dsf.recurrence @r {
  dsf.in @x : tensor<4xf32>
  dsf.step {}
}
