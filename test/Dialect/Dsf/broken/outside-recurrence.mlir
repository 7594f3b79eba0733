dsf.in @x : !dsf.array<[4], real>
