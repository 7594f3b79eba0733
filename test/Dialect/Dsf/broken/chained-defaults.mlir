dsf.recurrence @r {
  dsf.param @p0 : !dsf.param<[], real> default {
    %c = dsf.constant 1.0
    dsf.yield %c[] : !dsf.value<[], real>
  }
  dsf.param @p1 : !dsf.param<[], real> default {
    %a = dsf.get @p0 : !dsf.param<[], real>
    %b = dsf.get @p0 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p2 : !dsf.param<[], real> default {
    %a = dsf.get @p1 : !dsf.param<[], real>
    %b = dsf.get @p1 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p3 : !dsf.param<[], real> default {
    %a = dsf.get @p2 : !dsf.param<[], real>
    %b = dsf.get @p2 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p4 : !dsf.param<[], real> default {
    %a = dsf.get @p3 : !dsf.param<[], real>
    %b = dsf.get @p3 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p5 : !dsf.param<[], real> default {
    %a = dsf.get @p4 : !dsf.param<[], real>
    %b = dsf.get @p4 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p6 : !dsf.param<[], real> default {
    %a = dsf.get @p5 : !dsf.param<[], real>
    %b = dsf.get @p5 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p7 : !dsf.param<[], real> default {
    %a = dsf.get @p6 : !dsf.param<[], real>
    %b = dsf.get @p6 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p8 : !dsf.param<[], real> default {
    %a = dsf.get @p7 : !dsf.param<[], real>
    %b = dsf.get @p7 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p9 : !dsf.param<[], real> default {
    %a = dsf.get @p8 : !dsf.param<[], real>
    %b = dsf.get @p8 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p10 : !dsf.param<[], real> default {
    %a = dsf.get @p9 : !dsf.param<[], real>
    %b = dsf.get @p9 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p11 : !dsf.param<[], real> default {
    %a = dsf.get @p10 : !dsf.param<[], real>
    %b = dsf.get @p10 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p12 : !dsf.param<[], real> default {
    %a = dsf.get @p11 : !dsf.param<[], real>
    %b = dsf.get @p11 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p13 : !dsf.param<[], real> default {
    %a = dsf.get @p12 : !dsf.param<[], real>
    %b = dsf.get @p12 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p14 : !dsf.param<[], real> default {
    %a = dsf.get @p13 : !dsf.param<[], real>
    %b = dsf.get @p13 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p15 : !dsf.param<[], real> default {
    %a = dsf.get @p14 : !dsf.param<[], real>
    %b = dsf.get @p14 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p16 : !dsf.param<[], real> default {
    %a = dsf.get @p15 : !dsf.param<[], real>
    %b = dsf.get @p15 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p17 : !dsf.param<[], real> default {
    %a = dsf.get @p16 : !dsf.param<[], real>
    %b = dsf.get @p16 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p18 : !dsf.param<[], real> default {
    %a = dsf.get @p17 : !dsf.param<[], real>
    %b = dsf.get @p17 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p19 : !dsf.param<[], real> default {
    %a = dsf.get @p18 : !dsf.param<[], real>
    %b = dsf.get @p18 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p20 : !dsf.param<[], real> default {
    %a = dsf.get @p19 : !dsf.param<[], real>
    %b = dsf.get @p19 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p21 : !dsf.param<[], real> default {
    %a = dsf.get @p20 : !dsf.param<[], real>
    %b = dsf.get @p20 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p22 : !dsf.param<[], real> default {
    %a = dsf.get @p21 : !dsf.param<[], real>
    %b = dsf.get @p21 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p23 : !dsf.param<[], real> default {
    %a = dsf.get @p22 : !dsf.param<[], real>
    %b = dsf.get @p22 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p24 : !dsf.param<[], real> default {
    %a = dsf.get @p23 : !dsf.param<[], real>
    %b = dsf.get @p23 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p25 : !dsf.param<[], real> default {
    %a = dsf.get @p24 : !dsf.param<[], real>
    %b = dsf.get @p24 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p26 : !dsf.param<[], real> default {
    %a = dsf.get @p25 : !dsf.param<[], real>
    %b = dsf.get @p25 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p27 : !dsf.param<[], real> default {
    %a = dsf.get @p26 : !dsf.param<[], real>
    %b = dsf.get @p26 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p28 : !dsf.param<[], real> default {
    %a = dsf.get @p27 : !dsf.param<[], real>
    %b = dsf.get @p27 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p29 : !dsf.param<[], real> default {
    %a = dsf.get @p28 : !dsf.param<[], real>
    %b = dsf.get @p28 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p30 : !dsf.param<[], real> default {
    %a = dsf.get @p29 : !dsf.param<[], real>
    %b = dsf.get @p29 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p31 : !dsf.param<[], real> default {
    %a = dsf.get @p30 : !dsf.param<[], real>
    %b = dsf.get @p30 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p32 : !dsf.param<[], real> default {
    %a = dsf.get @p31 : !dsf.param<[], real>
    %b = dsf.get @p31 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p33 : !dsf.param<[], real> default {
    %a = dsf.get @p32 : !dsf.param<[], real>
    %b = dsf.get @p32 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p34 : !dsf.param<[], real> default {
    %a = dsf.get @p33 : !dsf.param<[], real>
    %b = dsf.get @p33 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p35 : !dsf.param<[], real> default {
    %a = dsf.get @p34 : !dsf.param<[], real>
    %b = dsf.get @p34 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p36 : !dsf.param<[], real> default {
    %a = dsf.get @p35 : !dsf.param<[], real>
    %b = dsf.get @p35 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p37 : !dsf.param<[], real> default {
    %a = dsf.get @p36 : !dsf.param<[], real>
    %b = dsf.get @p36 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p38 : !dsf.param<[], real> default {
    %a = dsf.get @p37 : !dsf.param<[], real>
    %b = dsf.get @p37 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p39 : !dsf.param<[], real> default {
    %a = dsf.get @p38 : !dsf.param<[], real>
    %b = dsf.get @p38 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p40 : !dsf.param<[], real> default {
    %a = dsf.get @p39 : !dsf.param<[], real>
    %b = dsf.get @p39 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p41 : !dsf.param<[], real> default {
    %a = dsf.get @p40 : !dsf.param<[], real>
    %b = dsf.get @p40 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p42 : !dsf.param<[], real> default {
    %a = dsf.get @p41 : !dsf.param<[], real>
    %b = dsf.get @p41 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p43 : !dsf.param<[], real> default {
    %a = dsf.get @p42 : !dsf.param<[], real>
    %b = dsf.get @p42 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p44 : !dsf.param<[], real> default {
    %a = dsf.get @p43 : !dsf.param<[], real>
    %b = dsf.get @p43 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p45 : !dsf.param<[], real> default {
    %a = dsf.get @p44 : !dsf.param<[], real>
    %b = dsf.get @p44 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p46 : !dsf.param<[], real> default {
    %a = dsf.get @p45 : !dsf.param<[], real>
    %b = dsf.get @p45 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p47 : !dsf.param<[], real> default {
    %a = dsf.get @p46 : !dsf.param<[], real>
    %b = dsf.get @p46 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p48 : !dsf.param<[], real> default {
    %a = dsf.get @p47 : !dsf.param<[], real>
    %b = dsf.get @p47 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p49 : !dsf.param<[], real> default {
    %a = dsf.get @p48 : !dsf.param<[], real>
    %b = dsf.get @p48 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p50 : !dsf.param<[], real> default {
    %a = dsf.get @p49 : !dsf.param<[], real>
    %b = dsf.get @p49 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p51 : !dsf.param<[], real> default {
    %a = dsf.get @p50 : !dsf.param<[], real>
    %b = dsf.get @p50 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p52 : !dsf.param<[], real> default {
    %a = dsf.get @p51 : !dsf.param<[], real>
    %b = dsf.get @p51 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p53 : !dsf.param<[], real> default {
    %a = dsf.get @p52 : !dsf.param<[], real>
    %b = dsf.get @p52 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p54 : !dsf.param<[], real> default {
    %a = dsf.get @p53 : !dsf.param<[], real>
    %b = dsf.get @p53 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p55 : !dsf.param<[], real> default {
    %a = dsf.get @p54 : !dsf.param<[], real>
    %b = dsf.get @p54 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p56 : !dsf.param<[], real> default {
    %a = dsf.get @p55 : !dsf.param<[], real>
    %b = dsf.get @p55 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p57 : !dsf.param<[], real> default {
    %a = dsf.get @p56 : !dsf.param<[], real>
    %b = dsf.get @p56 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p58 : !dsf.param<[], real> default {
    %a = dsf.get @p57 : !dsf.param<[], real>
    %b = dsf.get @p57 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p59 : !dsf.param<[], real> default {
    %a = dsf.get @p58 : !dsf.param<[], real>
    %b = dsf.get @p58 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p60 : !dsf.param<[], real> default {
    %a = dsf.get @p59 : !dsf.param<[], real>
    %b = dsf.get @p59 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p61 : !dsf.param<[], real> default {
    %a = dsf.get @p60 : !dsf.param<[], real>
    %b = dsf.get @p60 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p62 : !dsf.param<[], real> default {
    %a = dsf.get @p61 : !dsf.param<[], real>
    %b = dsf.get @p61 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p63 : !dsf.param<[], real> default {
    %a = dsf.get @p62 : !dsf.param<[], real>
    %b = dsf.get @p62 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p64 : !dsf.param<[], real> default {
    %a = dsf.get @p63 : !dsf.param<[], real>
    %b = dsf.get @p63 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p65 : !dsf.param<[], real> default {
    %a = dsf.get @p64 : !dsf.param<[], real>
    %b = dsf.get @p64 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p66 : !dsf.param<[], real> default {
    %a = dsf.get @p65 : !dsf.param<[], real>
    %b = dsf.get @p65 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p67 : !dsf.param<[], real> default {
    %a = dsf.get @p66 : !dsf.param<[], real>
    %b = dsf.get @p66 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p68 : !dsf.param<[], real> default {
    %a = dsf.get @p67 : !dsf.param<[], real>
    %b = dsf.get @p67 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p69 : !dsf.param<[], real> default {
    %a = dsf.get @p68 : !dsf.param<[], real>
    %b = dsf.get @p68 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p70 : !dsf.param<[], real> default {
    %a = dsf.get @p69 : !dsf.param<[], real>
    %b = dsf.get @p69 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p71 : !dsf.param<[], real> default {
    %a = dsf.get @p70 : !dsf.param<[], real>
    %b = dsf.get @p70 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p72 : !dsf.param<[], real> default {
    %a = dsf.get @p71 : !dsf.param<[], real>
    %b = dsf.get @p71 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p73 : !dsf.param<[], real> default {
    %a = dsf.get @p72 : !dsf.param<[], real>
    %b = dsf.get @p72 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p74 : !dsf.param<[], real> default {
    %a = dsf.get @p73 : !dsf.param<[], real>
    %b = dsf.get @p73 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p75 : !dsf.param<[], real> default {
    %a = dsf.get @p74 : !dsf.param<[], real>
    %b = dsf.get @p74 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p76 : !dsf.param<[], real> default {
    %a = dsf.get @p75 : !dsf.param<[], real>
    %b = dsf.get @p75 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p77 : !dsf.param<[], real> default {
    %a = dsf.get @p76 : !dsf.param<[], real>
    %b = dsf.get @p76 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p78 : !dsf.param<[], real> default {
    %a = dsf.get @p77 : !dsf.param<[], real>
    %b = dsf.get @p77 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.param @p79 : !dsf.param<[], real> default {
    %a = dsf.get @p78 : !dsf.param<[], real>
    %b = dsf.get @p78 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %y = dsf.read %b[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %z = dsf.binary add %x, %y : !dsf.value<[], real>, !dsf.value<[], real>
    dsf.yield %z[] : !dsf.value<[], real>
  }
  dsf.in @q : !dsf.array<[4], real>
  dsf.out @o : !dsf.array<[], real>
  dsf.step {
    %a = dsf.get @p79 : !dsf.param<[], real>
    %x = dsf.read %a[] : !dsf.param<[], real> -> !dsf.value<[], real>
    %q = dsf.get @q : !dsf.array<[4], real>
    %e = dsf.read %q[4] : !dsf.array<[4], real> -> !dsf.value<[], real>
    dsf.set @o, %x[] : !dsf.value<[], real>
  }
}
