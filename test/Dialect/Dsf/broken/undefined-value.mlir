dsf.recurrence @r {
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    dsf.set @o, %v[] : !dsf.value<[], real>
  }
}
