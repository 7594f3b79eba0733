dsf.recurrence @r {
  dsf.step {
    %0 = arith.constant 1.0 : f32
    %1 = arith.addf %0, %0 : f32
  }
}
