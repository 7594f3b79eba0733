dsf.recurrence @r {
  dsf.dim @K default 4
  dsf.dim @P = affine_map<()[s0] -> (8 floordiv (s0 - 4))> of [@K]
  dsf.step {}
}
