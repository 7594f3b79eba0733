%0 = "dsf.binary"() <{fn = 0 : i32}> : () -> !dsf.value<[], real>
