"dsf.recurrence"() <{sym_name = "r"}> ({
}) : () -> ()
