dsf.recurrence @r {
  dsf.dim @K default 4
  dsf.in @x : !dsf.array<[@K], real>
  dsf.step {
    %x = dsf.get @x : !dsf.array<[@K], real>
    %K = dsf.extent @K
    %v = dsf.read %x map affine_map<(d0)[s0] -> (d0 floordiv (s0 - 4))> (%K) : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
  }
}
