dsf.recurrence @r {
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %0 = dsf.constant 1.0
    dsf.set @o, %0[] : !dsf.value<[], real>
    dsf.set @o, %0[] : !dsf.value<[], real>
  }
}
