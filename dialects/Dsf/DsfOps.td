//===- DsfOps.td - Operations of the dsf dialect -----------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DSF_OPS
#define LRC_DSF_OPS

include "dialects/Dsf/DsfDialect.td"
include "dialects/Dsf/DsfTypes.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Dsf_Op<string mnemonic, list<Trait> traits = []>
    : Op<Dsf_Dialect, mnemonic, traits>;

//===----------------------------------------------------------------------===//
// The recurrence and its declarations
//===----------------------------------------------------------------------===//

def Dsf_RecurrenceOp : Dsf_Op<"recurrence", [
    IsolatedFromAbove, NoRegionArguments, NoTerminator, SingleBlock, Symbol,
    SymbolTable]> {
  let summary = "one time step of a sequence model";
  let description = [{
    Declarations come first, then either one `dsf.step` or, after `dsf-split`,
    the three phases `dsf.input`, `dsf.transition` and `dsf.readout`.

    `reverse` runs time from the last step to the first. `finals` names the
    states that are returned after the last step; without it all are.

    ```mlir
    dsf.recurrence @leaky {
      dsf.dim @D
      dsf.in @x : !dsf.array<[@D], real>
      dsf.state @h : !dsf.state<[@D], real>
      dsf.out @o : !dsf.array<[@D], real>
      dsf.step {
        %h = dsf.get @h : !dsf.state<[@D], real>
        %x = dsf.get @x : !dsf.array<[@D], real>
        %hi = dsf.read %h[i] : !dsf.state<[@D], real> -> !dsf.value<[i: @D], real>
        %xi = dsf.read %x[i] : !dsf.array<[@D], real> -> !dsf.value<[i: @D], real>
        %a = dsf.constant 0.9
        %ah = dsf.binary mul %a, %hi : !dsf.value<[], real>, !dsf.value<[i: @D], real>
        %n = dsf.binary add %ah, %xi : !dsf.value<[i: @D], real>, !dsf.value<[i: @D], real>
        dsf.set @h, %n[i] : !dsf.value<[i: @D], real>
        dsf.set @o, %n[i] : !dsf.value<[i: @D], real>
      }
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, UnitAttr:$reverse,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$finals,
                       OptionalAttr<Dsf_ScheduleAttr>:$schedule);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`reverse` $reverse^)? (`finals` $finals^)?
    (`schedule` $schedule^)? $body
    attr-dict-with-keyword
  }];
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// The first op of type `OpT` in the body, or null.
    template <typename OpT> OpT getPhase() {
      auto range = getBody().template getOps<OpT>();
      return range.empty() ? OpT() : *range.begin();
    }
    /// Whether `state` is returned after the last step.
    bool isFinal(::llvm::StringRef state);
    /// Whether no extent refers to a `dsf.dim` any more.
    bool isSpecialized();
  }];
}

class Dsf_DeclOp<string mnemonic, list<Trait> traits = []>
    : Dsf_Op<mnemonic, !listconcat(traits, [Symbol,
        HasParent<"::lrc::dsf::RecurrenceOp">])>;

def Dsf_DimOp : Dsf_DeclOp<"dim"> {
  let summary = "static size that is fixed when a kernel is compiled";
  let description = [{
    A base dim may have a default; a derived dim is a quasi-affine function of
    dims declared before it, in which every division must be exact.

    ```mlir
    dsf.dim @K
    dsf.dim @R default 2
    dsf.dim @P = affine_map<()[s0] -> (s0 floordiv 2)> of [@K]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       OptionalAttr<I64Attr>:$default_size,
                       OptionalAttr<AffineMapAttr>:$derived,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$of);
  let assemblyFormat = [{
    $sym_name (`default` $default_size^)? (`=` $derived^ `of` $of)? attr-dict
  }];
  let hasVerifier = 1;
}

class Dsf_FieldOp<string mnemonic, list<Trait> traits = []>
    : Dsf_DeclOp<mnemonic, traits> {
  dag fieldArguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$type,
                            OptionalAttr<TypeAttr>:$storage,
                            OptionalAttr<Dsf_RangeAttr>:$range);
}

def Dsf_InOp : Dsf_FieldOp<"in"> {
  let summary = "input with one array per batch element, head and time step";
  let description = [{
    `storage` is the element type in memory (f32 or complex<f32> when absent).
    ```mlir
    dsf.in @g : !dsf.array<[@K], real> storage bf16 range #dsf.interval<(-inf, 0.0]>
    ```
  }];
  let arguments = fieldArguments;
  let assemblyFormat = [{
    $sym_name `:` $type (`storage` $storage^)? (`range` $range^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Dsf_ParamOp : Dsf_FieldOp<"param", [
    NoTerminator, NoRegionArguments]> {
  let summary = "tensor that is the same for all time steps";
  let description = [{
    The `default` region computes the value where the caller gives none. It may
    read parameters declared earlier, `dsf.head` and `dsf.heads`.
  }];
  let arguments = fieldArguments;
  let regions = (region MaxSizedRegion<1>:$init);
  let assemblyFormat = [{
    $sym_name `:` $type (`storage` $storage^)? (`range` $range^)?
    (`default` $init^)? attr-dict
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Dsf_StateOp : Dsf_FieldOp<"state", [
    NoTerminator, NoRegionArguments]> {
  let summary = "array that is carried from one step to the next";
  let description = [{
    Starts at the caller's initial state, else at the value of the `init`
    region, else at 0. That region may read where the states start that are
    declared before it. What is returned after the last step is what is carried,
    or the value of the `final` region, which reads the states as they are then.

    `hidden` marks states that the compiler made and that have a place among
    the arguments of a kernel (the history behind `delay`). A `local` state has
    none: no caller gives it or gets it.

    ```mlir
    dsf.state @u : !dsf.state<[], real> final {
      %u = dsf.get @u : !dsf.state<[], real>
      %m = dsf.get @m : !dsf.state<[], real>
      ...
      dsf.yield %product[] : !dsf.value<[], real>
    }
    dsf.state @m local : !dsf.state<[], real> init {
      %u = dsf.get @u : !dsf.state<[], real>
      ...
      dsf.yield %start[] : !dsf.value<[], real>
    }
    ```
  }];
  let arguments = !con(fieldArguments, (ins UnitAttr:$hidden,
                                            UnitAttr:$local));
  let regions = (region MaxSizedRegion<1>:$init, MaxSizedRegion<1>:$final);
  let assemblyFormat = [{
    $sym_name (`hidden` $hidden^)? (`local` $local^)? `:` $type
    (`storage` $storage^)? (`range` $range^)? (`init` $init^)?
    (`final` $final^)? attr-dict
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Dsf_OutOp : Dsf_FieldOp<"out"> {
  let summary = "output with one array per batch element, head and time step";
  let arguments = fieldArguments;
  let assemblyFormat = [{
    $sym_name `:` $type (`storage` $storage^)? (`range` $range^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Dsf_SignalOp : Dsf_FieldOp<"signal"> {
  let summary = "array that `dsf.input` computes for the other two phases";
  let arguments = fieldArguments;
  let assemblyFormat = "$sym_name `:` $type attr-dict";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Phases
//===----------------------------------------------------------------------===//

class Dsf_PhaseOp<string mnemonic> : Dsf_Op<mnemonic, [
    HasParent<"::lrc::dsf::RecurrenceOp">, NoRegionArguments, NoTerminator,
    SingleBlock]> {
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$body attr-dict-with-keyword";
}

def Dsf_StepOp : Dsf_PhaseOp<"step"> {
  let summary = "the whole step, as it was written";
}

def Dsf_InputOp : Dsf_PhaseOp<"input"> {
  let summary = "what depends on no state: computable for all steps at once";
}

def Dsf_TransitionOp : Dsf_PhaseOp<"transition"> {
  let summary = "from the old states and the signals to the new states";
}

def Dsf_ReadoutOp : Dsf_PhaseOp<"readout"> {
  let summary = "from the old and the new states and the signals to the outputs";
}

def Dsf_FormOp : Dsf_PhaseOp<"form"> {
  let summary = "the step in normal form, beside the step itself";
  let description = [{
    Says the same as the step: states and outputs are defined from inputs,
    parameters and old states. States on which the step acts as diagonal plus
    low rank are defined by `dsf.evolve`; they are read in contractions of the
    old state only. `dsf-linearize` makes it, parallel schedules are derived
    from it (lib/Transforms/README.md).
  }];
}

//===----------------------------------------------------------------------===//
// Access to declarations
//===----------------------------------------------------------------------===//

def Dsf_GetOp : Dsf_Op<"get", [Pure]> {
  let summary = "the current array of an input, parameter, state or signal";
  let description = [{
    A state is read as it was before the step, or as it is after the step with
    `next` (in `dsf.readout` only).
  }];
  let arguments = (ins FlatSymbolRefAttr:$field, UnitAttr:$next);
  let results = (outs Dsf_AnyPositional:$result);
  let assemblyFormat = "$field (`next` $next^)? attr-dict `:` type($result)";
}

def Dsf_SetOp : Dsf_Op<"set"> {
  let summary = "define an output, a signal or the next value of a state";
  let description = [{
    `dsf.set @S, %v[i, j]` says S[i, j] = v for all i, j. A label that the value
    lacks is broadcast; the value has no other labels.
  }];
  let arguments = (ins FlatSymbolRefAttr:$field, Dsf_ValueType:$value,
                       StrArrayAttr:$labels);
  let assemblyFormat = [{
    $field `,` $value custom<Labels>($labels) attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def Dsf_EvolveOp : Dsf_Op<"evolve", [AttrSizedOperandSegments]> {
  let summary = "define the next value of a state by decay and outer products";
  let description = [{
    S'[i, j] = decay[i] * value_decay[j] * S[i, j] + sum_q coupling_q * T_q[i, j]
               + sum_p factor_p[i] * write_p[j]

    where T_q are other states of the same shape, couplings are numbers, and i stands for the axes among `keys`, which readouts contract, and j for
    the others, along which the state is a batch of independent vectors. A decay
    that is not there is 1. Decays and factors do not depend on the state; a
    write may depend on contractions of the old state: such *pseudo-values* make
    the transition diagonal plus low rank.

    ```mlir
    dsf.evolve @S[i, j] keys [i] decay %a : !dsf.value<[i: 4], real>
      add %k : !dsf.value<[i: 4], real> times %v : !dsf.value<[j: 8], real>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$field, StrArrayAttr:$labels,
                       StrArrayAttr:$keys, Optional<Dsf_ValueType>:$decay,
                       Optional<Dsf_ValueType>:$value_decay,
                       OptionalAttr<FlatSymbolRefArrayAttr>:$coupled,
                       Variadic<Dsf_ValueType>:$couplings,
                       Variadic<Dsf_ValueType>:$factors,
                       Variadic<Dsf_ValueType>:$writes);
  let assemblyFormat = [{
    $field custom<Labels>($labels) `keys` custom<Labels>($keys)
    (`decay` $decay^ `:` type($decay))?
    (`value_decay` $value_decay^ `:` type($value_decay))?
    (`couple` $coupled^ `by` $couplings `:` type($couplings))?
    (`add` $factors^ `:` type($factors))?
    (`times` $writes^ `:` type($writes))? attr-dict
  }];
  let hasVerifier = 1;
}

def Dsf_YieldOp : Dsf_Op<"yield"> {
  let summary = "value of a `default`, `init`, `final` or `dsf.for` region";
  let description = [{
    `dsf.yield %v[i, j]` ends a `default`, `init` or `final` region. A `dsf.for`
    yields arrays: `dsf.yield %a, %b : ...`.
  }];
  let arguments = (ins Variadic<AnyTypeOf<[Dsf_ValueType, Dsf_ArrayType]>>:$values,
                       OptionalAttr<StrArrayAttr>:$labels);
  let assemblyFormat = [{
    ($values^)? custom<OptionalLabels>($labels) attr-dict
    (`:` type($values)^)?
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Between positions and labels
//===----------------------------------------------------------------------===//

def Dsf_ReadOp : Dsf_Op<"read", [Pure]> {
  let summary = "index an array: x[i], w[d, W - 1 - m], q[i + 1 - 2 * (i % 2)]";
  let description = [{
    `map` takes the labels of the result, in order, and the symbol operands to
    a position of the source. It is the identity when it is not written.
    ```mlir
    %a = dsf.read %S[i, j] : !dsf.state<[@K, @V], real> -> !dsf.value<[i: @K, j: @V], real>
    %b = dsf.read %x map affine_map<(d0)[s0] -> (s0 - 1 - d0)> (%W)
       : !dsf.param<[@W], real> -> !dsf.value<[m: @W], real>
    ```
    Positions outside of the source are an error that is found when the extents
    are known (`dsf-specialize`).
  }];
  let arguments = (ins Dsf_AnyPositional:$source,
                       Variadic<Index>:$symbols, AffineMapAttr:$map);
  let results = (outs Dsf_ValueType:$result);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
  let hasFolder = 1;
}

def Dsf_PackOp : Dsf_Op<"pack", [Pure]> {
  let summary = "array of a labelled value: let y[i, j] = v";
  let arguments = (ins Dsf_ValueType:$value, StrArrayAttr:$labels);
  let results = (outs Dsf_ArrayType:$result);
  let assemblyFormat = [{
    $value custom<Labels>($labels) attr-dict `:` type($value) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Dsf_ShiftOp : Dsf_Op<"shift", [Pure]> {
  let summary = "history with a new first row: the register behind delay(x, n)";
  let description = [{
    `past[m, ...]` holds a value m + 1 steps ago before the shift, and m steps
    ago after it: row 0 of the result is `value`, row m is row m - 1 of `past`.
    The last row is dropped.
  }];
  let arguments = (ins Dsf_AnyPositional:$past, Dsf_AnyPositional:$value);
  let results = (outs Dsf_ArrayType:$result);
  let assemblyFormat = [{
    $past `,` $value attr-dict `:` type($past) `,` type($value) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def Dsf_InverseOp : Dsf_Op<"inverse", [Pure]> {
  let summary = "inverse of a square matrix that is the same for all steps";
  let description = [{
    The matrix has the last two axes; those before it are a batch. It is made of
    parameters, sizes and constants, and is inverted once, before the first
    step, in f64. That of a singular matrix has infinite elements or NaNs.
    ```mlir
    %m = dsf.inverse %A : !dsf.array<[@D, @N, @N], real> -> !dsf.array<[@D, @N, @N], real>
    ```
  }];
  let arguments = (ins Dsf_AnyPositional:$matrix);
  let results = (outs Dsf_ArrayType:$result);
  let assemblyFormat = [{
    $matrix attr-dict `:` type($matrix) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Dsf_ForOp : Dsf_Op<"for", [SingleBlock, NoTerminator]> {
  let summary = "static micro-loop inside the step";
  let description = [{
    Runs the body `count` times, for r = 0 .. count - 1, carrying arrays.
    ```mlir
    %S1 = dsf.for @R (%S0) : !dsf.state<[@K, @V], real> -> !dsf.array<[@K, @V], real> {
    ^bb0(%r: index, %S: !dsf.array<[@K, @V], real>):
      ...
      dsf.yield %next : !dsf.array<[@K, @V], real>
    }
    ```
    `dsf-specialize` unrolls it.
  }];
  let arguments = (ins AnyAttrOf<[FlatSymbolRefAttr, I64Attr]>:$count,
                       Variadic<Dsf_AnyPositional>:$inits);
  let results = (outs Variadic<Dsf_ArrayType>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $count `(` $inits `)` attr-dict `:` functional-type($inits, $results) $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Leaves
//===----------------------------------------------------------------------===//

class Dsf_ScalarLeaf<string mnemonic, list<Trait> traits = []>
    : Dsf_Op<mnemonic, !listconcat(traits, [
        Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>])> {
  let results = (outs Dsf_ValueType:$result);
}

def Dsf_ConstantOp : Dsf_ScalarLeaf<"constant", [ConstantLike]> {
  let summary = "real constant";
  let arguments = (ins F64Attr:$value);
  let assemblyFormat = "custom<Double>($value) attr-dict";
  let hasFolder = 1;
}

def Dsf_TimeOp : Dsf_ScalarLeaf<"time"> {
  let summary = "index of the step: 0 for the first that runs, in each segment";
  let assemblyFormat = "attr-dict";
}

def Dsf_HeadOp : Dsf_ScalarLeaf<"head"> {
  let summary = "index of the head";
  let assemblyFormat = "attr-dict";
}

def Dsf_HeadsOp : Dsf_ScalarLeaf<"heads"> {
  let summary = "number of heads";
  let assemblyFormat = "attr-dict";
}

def Dsf_NumberOp : Dsf_ScalarLeaf<"number"> {
  let summary = "an extent or a micro-loop index as a real number";
  let arguments = (ins Index:$index);
  let assemblyFormat = "$index attr-dict";
  let hasFolder = 1;
}

def Dsf_ExtentOp : Dsf_Op<"extent", [Pure]> {
  let summary = "size of a dim";
  let arguments = (ins FlatSymbolRefAttr:$dim);
  let results = (outs Index:$result);
  let assemblyFormat = "$dim attr-dict";
}

def Dsf_IndexOp : Dsf_Op<"index", [Pure]> {
  let summary = "an index variable as a real number";
  let description = "`dsf.index : !dsf.value<[i: @K], real>` is i at i.";
  let results = (outs Dsf_ValueType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Pointwise operations and reductions
//===----------------------------------------------------------------------===//

def Dsf_UnaryOp : Dsf_Op<"unary", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "pointwise function of one value";
  let description = [{
    Complex operands: neg, exp, abs, real, imag and conj only. `gelu` is
    x Phi(x); `elu` is x for x > 0, else exp(x) - 1; `sign(0)` is 0.
  }];
  let arguments = (ins Dsf_UnaryKind:$fn, Dsf_ValueType:$operand);
  let results = (outs Dsf_ValueType:$result);
  let assemblyFormat = "$fn $operand attr-dict `:` type($operand)";
  let hasFolder = 1;
}

def Dsf_BinaryOp : Dsf_Op<"binary", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "pointwise function of two values, broadcast by label";
  let description = [{
    A real operand beside a complex one is widened. Comparisons, and, or give
    bool; `complex` makes a complex value of its real and imaginary part.
    `rem` has the sign of the divisor, as % of Python.
  }];
  let arguments = (ins Dsf_BinaryKind:$fn, Dsf_ValueType:$lhs,
                       Dsf_ValueType:$rhs);
  let results = (outs Dsf_ValueType:$result);
  let assemblyFormat = [{
    $fn $lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)
  }];
  let hasFolder = 1;
}

def Dsf_SelectOp : Dsf_Op<"select", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "one of two values, by a condition; no arithmetic mixes them";
  let arguments = (ins Dsf_ValueType:$condition, Dsf_ValueType:$on_true,
                       Dsf_ValueType:$on_false);
  let results = (outs Dsf_ValueType:$result);
  let assemblyFormat = [{
    $condition `,` $on_true `,` $on_false attr-dict `:`
    type($condition) `,` type($on_true) `,` type($on_false)
  }];
}

def Dsf_ReduceOp : Dsf_Op<"reduce", [
    Pure, DeclareOpInterfaceMethods<InferTypeOpInterface>]> {
  let summary = "sum, product, maximum or minimum over index variables";
  let arguments = (ins Dsf_ReduceKind:$fn, Dsf_ValueType:$operand,
                       StrArrayAttr:$labels);
  let results = (outs Dsf_ValueType:$result);
  let assemblyFormat = [{
    $fn $operand `over` custom<Labels>($labels) attr-dict `:` type($operand)
  }];
}

#endif // LRC_DSF_OPS
