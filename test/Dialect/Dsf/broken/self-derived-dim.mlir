dsf.recurrence @r {
  dsf.dim @P = affine_map<()[s0] -> (s0 * 2)> of [@P]
  dsf.step {}
}
