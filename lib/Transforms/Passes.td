//===- Passes.td - Passes on the dsf dialect ---------------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_PASSES
#define LRC_LIB_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def DsfSpecialize : Pass<"dsf-specialize", "::lrc::dsf::RecurrenceOp"> {
  let summary = "fix the sizes of a recurrence";
  let description = [{
    Replaces dims by integers, puts the values of parameters that are not given
    in their place, unrolls micro-loops, and checks that every subscript stays
    within its axis. What is known twice is kept once.

    With `dims=K=64`:

    ```mlir
    dsf.recurrence @r {
      dsf.dim @K
      dsf.in @x : !dsf.array<[@K], real>
      dsf.param @scale : !dsf.param<[], real> default {
        %K = dsf.extent @K
        %n = dsf.number %K
        %r = dsf.unary rsqrt %n : !dsf.value<[], real>
        dsf.yield %r[] : !dsf.value<[], real>
      }
      dsf.out @o : !dsf.array<[@K], real>
      dsf.step {
        %x = dsf.get @x : !dsf.array<[@K], real>
        %xi = dsf.read %x[i] : !dsf.array<[@K], real> -> !dsf.value<[i: @K], real>
        %p = dsf.get @scale : !dsf.param<[], real>
        %s = dsf.read %p[] : !dsf.param<[], real> -> !dsf.value<[], real>
        %o = dsf.binary mul %s, %xi : !dsf.value<[], real>, !dsf.value<[i: @K], real>
        dsf.set @o, %o[i] : !dsf.value<[i: @K], real>
      }
    }
    ```

    becomes

    ```mlir
    dsf.recurrence @r {
      dsf.in @x : !dsf.array<[64], real>
      dsf.out @o : !dsf.array<[64], real>
      dsf.step {
        %s = dsf.constant 1.250000e-01
        %x = dsf.get @x : !dsf.array<[64], real>
        %xi = dsf.read %x[i] : !dsf.array<[64], real> -> !dsf.value<[i: 64], real>
        %o = dsf.binary mul %s, %xi : !dsf.value<[], real>, !dsf.value<[i: 64], real>
        dsf.set @o, %o[i] : !dsf.value<[i: 64], real>
      }
    }
    ```
  }];
  let options = [
    ListOption<"dims", "dims", "std::string", "sizes of dims: K=64,V=32">,
    ListOption<"scalars", "set", "std::string",
               "values of scalar parameters: scale=0.5">,
    ListOption<"given", "given", "std::string",
               "parameters that come as tensors: A,b">,
    ListOption<"storage", "storage", "std::string",
               "element types in memory: q=bf16,k=bf16">];
}

#endif // LRC_LIB_TRANSFORMS_PASSES
