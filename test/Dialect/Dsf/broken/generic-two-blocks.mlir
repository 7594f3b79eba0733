"dsf.recurrence"() <{sym_name = "r"}> ({
^bb0:
  "dsf.step"() ({}) : () -> ()
^bb1:
}) : () -> ()
