dsf.recurrence @r {
  dsf.param @a : !dsf.param<[], real> default {
    %0 = dsf.get @b : !dsf.param<[], real>
    %1 = dsf.read %0[] : !dsf.param<[], real> -> !dsf.value<[], real>
    dsf.yield %1[] : !dsf.value<[], real>
  }
  dsf.param @b : !dsf.param<[], real> default {
    %0 = dsf.get @a : !dsf.param<[], real>
    %1 = dsf.read %0[] : !dsf.param<[], real> -> !dsf.value<[], real>
    dsf.yield %1[] : !dsf.value<[], real>
  }
  dsf.step {}
}
