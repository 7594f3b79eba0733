"dsf.recurrence"() <{sym_name = "r"}> ({
  "dsf.step"() ({
    "dsf.for"() <{count = "many"}> ({
    ^bb0(%r: index):
      "dsf.yield"() : () -> ()
    }) : () -> ()
  }) : () -> ()
}) : () -> ()
