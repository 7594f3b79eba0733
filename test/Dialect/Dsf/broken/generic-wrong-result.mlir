%0 = dsf.constant 1.0
%1 = "dsf.unary"(%0) <{fn = 1 : i32}> : (!dsf.value<[], real>) -> !dsf.value<[i: 4], real>
