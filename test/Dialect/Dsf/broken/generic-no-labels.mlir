"dsf.recurrence"() <{sym_name = "r"}> ({
  "dsf.param"() <{sym_name = "a", type = !dsf.param<[2], real>}> ({
    %0 = "dsf.constant"() <{value = 1.0 : f64}> : () -> !dsf.value<[], real>
    "dsf.yield"(%0) : (!dsf.value<[], real>) -> ()
  }) : () -> ()
  "dsf.step"() ({
  ^bb0:
  }) : () -> ()
}) : () -> ()
