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

def DsfStabilize : Pass<"dsf-stabilize", "::lrc::dsf::RecurrenceOp"> {
  let summary = "keep states that are fed by exp(x) as mantissa and maximum";
  let description = [{
    A state to which exp(x) is added, where x may be large, holds numbers that no
    floating-point type has; quotients of such states are small numbers all the
    same. The state S becomes exp(m) S~ with a running maximum m of the
    exponents, a local state that all states with the same exponents share, and
    what is read from S is rewritten with exp(m) cancelled. What the caller
    gives and gets is S. lib/Transforms/README.md has the derivation.

    A recurrence is left as it is when an output needs exp(m) itself, which may
    overflow, and when all exponents are within +-60.

    ```mlir
    dsf.recurrence @softmax {
      dsf.in @s : !dsf.array<[], real>
      dsf.in @v : !dsf.array<[4], real>
      dsf.state @u : !dsf.state<[], real>
      dsf.state @w : !dsf.state<[4], real>
      dsf.out @o : !dsf.array<[4], real>
      dsf.step {
        %s = ...
        %e = dsf.unary exp %s : !dsf.value<[], real>
        %u1 = dsf.binary add %u, %e : !dsf.value<[], real>, !dsf.value<[], real>
        %ev = dsf.binary mul %e, %v : !dsf.value<[], real>, !dsf.value<[j: 4], real>
        %w1 = dsf.binary add %w, %ev : !dsf.value<[j: 4], real>, !dsf.value<[j: 4], real>
        %o = dsf.binary div %w1, %u1 : !dsf.value<[j: 4], real>, !dsf.value<[], real>
        ...
      }
    }
    ```

    becomes

    ```mlir
    dsf.recurrence @softmax {
      dsf.in @s : !dsf.array<[], real>
      dsf.in @v : !dsf.array<[4], real>
      dsf.state @u : !dsf.state<[], real> final {
        // %u exp(%m)
      }
      dsf.state @w : !dsf.state<[4], real> final {
        // %w exp(%m)
      }
      dsf.out @o : !dsf.array<[4], real>
      dsf.state @u_max local : !dsf.state<[], real> init {
        // -1e30 where %u and %w start at 0, else 0
      }
      dsf.step {
        %s = ...
        %m = ...
        %m1 = dsf.binary max %m, %s : !dsf.value<[], real>, !dsf.value<[], real>
        %dm = dsf.binary sub %m, %m1 : !dsf.value<[], real>, !dsf.value<[], real>
        %a = dsf.unary exp %dm : !dsf.value<[], real>
        %ds = dsf.binary sub %s, %m1 : !dsf.value<[], real>, !dsf.value<[], real>
        %e = dsf.unary exp %ds : !dsf.value<[], real>
        %au = dsf.binary mul %a, %u : !dsf.value<[], real>, !dsf.value<[], real>
        %u1 = dsf.binary add %au, %e : !dsf.value<[], real>, !dsf.value<[], real>
        %aw = dsf.binary mul %a, %w : !dsf.value<[], real>, !dsf.value<[j: 4], real>
        %ev = dsf.binary mul %e, %v : !dsf.value<[], real>, !dsf.value<[j: 4], real>
        %w1 = dsf.binary add %aw, %ev : !dsf.value<[j: 4], real>, !dsf.value<[j: 4], real>
        %o = dsf.binary div %w1, %u1 : !dsf.value<[j: 4], real>, !dsf.value<[], real>
        dsf.set @u_max, %m1[] : !dsf.value<[], real>
        ...
      }
    }
    ```
  }];
  let options = [
    Option<"explain", "explain", "bool", "false",
           "say which states share a maximum, and why there is none">];
  let statistics = [
    Statistic<"numMaxima", "num-maxima", "number of running maxima">];
}

def DsfSplit : Pass<"dsf-split", "::lrc::dsf::RecurrenceOp"> {
  let summary = "split a step into input, transition and readout";
  let description = [{
    The input phase computes what depends on no state, the transition what the
    new states need, the readout what only outputs need. A signal is a value
    that the input phase hands to the other two. Not signals, but computed
    where they are used:

    - what needs no arithmetic: constants, inputs, parameters, indices;
    - what is the same for all steps;
    - what is larger than everything it varies by, such as the outer product
      k[i] * v[j]: its factors are the signals (`hoist-wide` makes it one).

    The readout takes the new value of a state from the transition (`dsf.get
    @S next`). Other values that depend on a state and that both need are
    computed in both.

    ```mlir
    dsf.step {
      %h = dsf.get @h : !dsf.state<[4], real>
      %x = dsf.get @x : !dsf.array<[4], real>
      %hi = dsf.read %h[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
      %xi = dsf.read %x[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
      %a = dsf.unary sigmoid %xi : !dsf.value<[i: 4], real>
      %n = dsf.binary mul %a, %hi : !dsf.value<[i: 4], real>, !dsf.value<[i: 4], real>
      dsf.set @h, %n[i] : !dsf.value<[i: 4], real>
      %o = dsf.unary tanh %n : !dsf.value<[i: 4], real>
      dsf.set @o, %o[i] : !dsf.value<[i: 4], real>
    }
    ```

    becomes

    ```mlir
    dsf.signal @u0 : !dsf.array<[4], real>
    dsf.input {
      %x = dsf.get @x : !dsf.array<[4], real>
      %xi = dsf.read %x[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
      %a = dsf.unary sigmoid %xi : !dsf.value<[i: 4], real>
      dsf.set @u0, %a[i] : !dsf.value<[i: 4], real>
    }
    dsf.transition {
      %h = dsf.get @h : !dsf.state<[4], real>
      %hi = dsf.read %h[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
      %u = dsf.get @u0 : !dsf.array<[4], real>
      %a = dsf.read %u[i] : !dsf.array<[4], real> -> !dsf.value<[i: 4], real>
      %n = dsf.binary mul %a, %hi : !dsf.value<[i: 4], real>, !dsf.value<[i: 4], real>
      dsf.set @h, %n[i] : !dsf.value<[i: 4], real>
    }
    dsf.readout {
      %h = dsf.get @h next : !dsf.state<[4], real>
      %n = dsf.read %h[i] : !dsf.state<[4], real> -> !dsf.value<[i: 4], real>
      %o = dsf.unary tanh %n : !dsf.value<[i: 4], real>
      dsf.set @o, %o[i] : !dsf.value<[i: 4], real>
    }
    ```
  }];
  let options = [
    Option<"hoistWide", "hoist-wide", "bool", "false",
           "make values that are larger than what they vary by signals too">];
  let statistics = [
    Statistic<"numSignals", "num-signals", "number of signals">];
}

def DsfLinearize : Pass<"dsf-linearize", "::lrc::dsf::RecurrenceOp"> {
  let summary = "add the normal form of a step: decays, factors, contractions";
  let description = [{
    Adds a `dsf.form` beside the `dsf.step` of a specialised recurrence, when
    every group of states that depend on each other is diagonal plus low rank,
    or pointwise, or the register behind a delay. lib/Transforms/README.md has
    the derivation. For gated linear attention:

    ```mlir
    dsf.form {
      ...
      %c = dsf.binary mul %q, %a : !dsf.value<[i: 4], real>, !dsf.value<[i: 4], real>
      %s = dsf.binary mul %c, %S : !dsf.value<[i: 4], real>, !dsf.value<[i: 4, j: 8], real>
      %r = dsf.reduce sum %s over [i] : !dsf.value<[i: 4, j: 8], real>
      ...
      dsf.evolve @S[i, j] keys [i] decay %a : !dsf.value<[i: 4], real>
        add %k : !dsf.value<[i: 4], real> times %v : !dsf.value<[j: 8], real>
    }
    ```
  }];
  let options = [
    Option<"explain", "explain", "bool", "false",
           "say as a remark what each group of states is, and why">];
  let statistics = [
    Statistic<"numAffine", "affine", "groups that are diagonal plus low rank">,
    Statistic<"numSequential", "sequential", "groups without a normal form">];
}

def DsfExpandForm : Pass<"dsf-expand-form", "::lrc::dsf::RecurrenceOp"> {
  let summary = "replace a step by its normal form in plain operations";
  let description = [{
    For tests: what `dsf-linearize` made can then be run by the interpreter.
  }];
}

#endif // LRC_LIB_TRANSFORMS_PASSES
