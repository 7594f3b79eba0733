dsf.recurrence @r {
  dsf.dim @K default 9223372036854775807
  dsf.dim @P = affine_map<()[s0] -> (s0 * s0)> of [@K]
  dsf.step {}
}
