dsf.recurrence @r {
  dsf.step {
    dsf.for 4 () : () -> () {
    ^bb0(%r0: index):
      dsf.for 4 () : () -> () {
      ^bb0(%r1: index):
        dsf.for 4 () : () -> () {
        ^bb0(%r2: index):
          dsf.for 4 () : () -> () {
          ^bb0(%r3: index):
            dsf.for 4 () : () -> () {
            ^bb0(%r4: index):
              dsf.for 4 () : () -> () {
              ^bb0(%r5: index):
                dsf.for 4 () : () -> () {
                ^bb0(%r6: index):
                  dsf.for 4 () : () -> () {
                  ^bb0(%r7: index):
                    dsf.for 4 () : () -> () {
                    ^bb0(%r8: index):
                      dsf.for 4 () : () -> () {
                      ^bb0(%r9: index):
                        dsf.for 4 () : () -> () {
                        ^bb0(%r10: index):
                          dsf.for 4 () : () -> () {
                          ^bb0(%r11: index):
                            dsf.for 4 () : () -> () {
                            ^bb0(%r12: index):
                              dsf.for 4 () : () -> () {
                              ^bb0(%r13: index):
                                dsf.for 4 () : () -> () {
                                ^bb0(%r14: index):
                                  dsf.for 4 () : () -> () {
                                  ^bb0(%r15: index):
                                    dsf.for 4 () : () -> () {
                                    ^bb0(%r16: index):
                                      dsf.for 4 () : () -> () {
                                      ^bb0(%r17: index):
                                        dsf.for 4 () : () -> () {
                                        ^bb0(%r18: index):
                                          dsf.for 4 () : () -> () {
                                          ^bb0(%r19: index):
                                            dsf.for 4 () : () -> () {
                                            ^bb0(%r20: index):
                                              dsf.for 4 () : () -> () {
                                              ^bb0(%r21: index):
                                                dsf.for 4 () : () -> () {
                                                ^bb0(%r22: index):
                                                  dsf.for 4 () : () -> () {
                                                  ^bb0(%r23: index):
                                                    dsf.for 4 () : () -> () {
                                                    ^bb0(%r24: index):
                                                      dsf.for 4 () : () -> () {
                                                      ^bb0(%r25: index):
                                                        dsf.for 4 () : () -> () {
                                                        ^bb0(%r26: index):
                                                          dsf.for 4 () : () -> () {
                                                          ^bb0(%r27: index):
                                                            dsf.for 4 () : () -> () {
                                                            ^bb0(%r28: index):
                                                              dsf.for 4 () : () -> () {
                                                              ^bb0(%r29: index):
                                                                dsf.for 4 () : () -> () {
                                                                ^bb0(%r30: index):
                                                                  dsf.for 4 () : () -> () {
                                                                  ^bb0(%r31: index):
                                                                    dsf.for 4 () : () -> () {
                                                                    ^bb0(%r32: index):
                                                                      dsf.for 4 () : () -> () {
                                                                      ^bb0(%r33: index):
                                                                        dsf.for 4 () : () -> () {
                                                                        ^bb0(%r34: index):
                                                                          dsf.for 4 () : () -> () {
                                                                          ^bb0(%r35: index):
                                                                            dsf.for 4 () : () -> () {
                                                                            ^bb0(%r36: index):
                                                                              dsf.for 4 () : () -> () {
                                                                              ^bb0(%r37: index):
                                                                                dsf.for 4 () : () -> () {
                                                                                ^bb0(%r38: index):
                                                                                  dsf.for 4 () : () -> () {
                                                                                  ^bb0(%r39: index):
                                                                                    dsf.yield
                                                                                  }
                                                                                  dsf.yield
                                                                                }
                                                                                dsf.yield
                                                                              }
                                                                              dsf.yield
                                                                            }
                                                                            dsf.yield
                                                                          }
                                                                          dsf.yield
                                                                        }
                                                                        dsf.yield
                                                                      }
                                                                      dsf.yield
                                                                    }
                                                                    dsf.yield
                                                                  }
                                                                  dsf.yield
                                                                }
                                                                dsf.yield
                                                              }
                                                              dsf.yield
                                                            }
                                                            dsf.yield
                                                          }
                                                          dsf.yield
                                                        }
                                                        dsf.yield
                                                      }
                                                      dsf.yield
                                                    }
                                                    dsf.yield
                                                  }
                                                  dsf.yield
                                                }
                                                dsf.yield
                                              }
                                              dsf.yield
                                            }
                                            dsf.yield
                                          }
                                          dsf.yield
                                        }
                                        dsf.yield
                                      }
                                      dsf.yield
                                    }
                                    dsf.yield
                                  }
                                  dsf.yield
                                }
                                dsf.yield
                              }
                              dsf.yield
                            }
                            dsf.yield
                          }
                          dsf.yield
                        }
                        dsf.yield
                      }
                      dsf.yield
                    }
                    dsf.yield
                  }
                  dsf.yield
                }
                dsf.yield
              }
              dsf.yield
            }
            dsf.yield
          }
          dsf.yield
        }
        dsf.yield
      }
      dsf.yield
    }
  }
}
