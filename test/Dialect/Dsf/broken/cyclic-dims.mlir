dsf.recurrence @r {
  dsf.dim @P = affine_map<()[s0] -> (s0 + 1)> of [@Q]
  dsf.dim @Q = affine_map<()[s0] -> (s0 + 1)> of [@P]
  dsf.step {}
}
