"dsf.recurrence"() <{sym_name = "r"}> ({
  "dsf.in"() <{sym_name = "x"}> : () -> ()
}) : () -> ()
