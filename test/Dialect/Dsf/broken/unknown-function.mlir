%a = dsf.constant 1.0
%b = dsf.unary arctan %a : !dsf.value<[], real>
