//===- DsfTypes.td - Types and attributes of the dsf dialect -*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DSF_TYPES
#define LRC_DSF_TYPES

include "dialects/Dsf/DsfDialect.td"
include "mlir/IR/AttrTypeBase.td"

class Dsf_Type<string name, string typeMnemonic> : TypeDef<Dsf_Dialect, name> {
  let mnemonic = typeMnemonic;
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Dsf_ValueType : Dsf_Type<"Value", "value"> {
  let summary = "per-step value, a function of its index variables";
  let description = [{
    `!dsf.value<[i: @K, j: @V], real>` is a real number for every i < K and
    j < V. Elementwise operations broadcast by label: the result has the union
    of the operands' labels. An extent is a `dsf.dim` symbol or, once the
    recurrence is specialised, an integer.
  }];
  let parameters = (ins
    ArrayRefParameter<"::mlir::StringAttr">:$labels,
    ArrayRefParameter<"::mlir::Attribute">:$extents,
    "::lrc::dsf::Kind":$kind);
  let builders = [TypeBuilder<(ins "::lrc::dsf::Kind":$kind), [{
    return $_get($_ctxt, ::llvm::ArrayRef<::mlir::StringAttr>(),
                 ::llvm::ArrayRef<::mlir::Attribute>(), kind);
  }]>];
  let extraClassDeclaration = [{
    /// Position of `label`, or -1 when the value does not depend on it.
    int64_t getPosition(::mlir::StringAttr label) const;
    /// The same labels with another kind.
    ValueType withKind(::lrc::dsf::Kind kind) const;
  }];
}

class Dsf_PositionalType<string name, string typeMnemonic>
    : Dsf_Type<name, typeMnemonic> {
  let parameters = (ins
    ArrayRefParameter<"::mlir::Attribute">:$extents,
    "::lrc::dsf::Kind":$kind);
}

def Dsf_ArrayType : Dsf_PositionalType<"Array", "array"> {
  let summary = "array of one time step, indexed by position";
  let description = [{
    What an input or output holds at one step, or a named intermediate:
    `!dsf.array<[@K, @V], real>`. `dsf.read` makes a labelled value of it.
  }];
}

def Dsf_StateType : Dsf_PositionalType<"State", "state"> {
  let summary = "array that is carried from one step to the next";
}

def Dsf_ParamType : Dsf_PositionalType<"Param", "param"> {
  let summary = "array that is the same for all time steps";
}

def Dsf_AnyPositional
    : AnyTypeOf<[Dsf_ArrayType, Dsf_StateType, Dsf_ParamType]>;

//===----------------------------------------------------------------------===//
// Ranges: documentation, test data and an input to the analyses
//===----------------------------------------------------------------------===//

class Dsf_Attr<string name, string attrMnemonic> : AttrDef<Dsf_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Dsf_IntervalAttr : Dsf_Attr<"Interval", "interval"> {
  let summary = "declared range of a real tensor";
  let description = [{
    `#dsf.interval<open -inf, closed 0.0>` is (-inf, 0].
  }];
  let parameters = (ins "::mlir::FloatAttr":$lowerBound,
                        "::mlir::FloatAttr":$upperBound,
                        "bool":$lowerOpen, "bool":$upperOpen);
  let builders = [AttrBuilder<(ins "double":$lower, "double":$upper,
                                   "bool":$lowerOpen, "bool":$upperOpen), [{
    auto f64 = ::mlir::Float64Type::get($_ctxt);
    return $_get($_ctxt, ::mlir::FloatAttr::get(f64, lower),
                 ::mlir::FloatAttr::get(f64, upper), lowerOpen, upperOpen);
  }]>];
  let extraClassDeclaration = [{
    double getLower() const { return getLowerBound().getValueAsDouble(); }
    double getUpper() const { return getUpperBound().getValueAsDouble(); }
  }];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Dsf_ChoiceAttr : Dsf_Attr<"Choice", "choice"> {
  let summary = "declared finite set of values, such as {0, 1}";
  let parameters = (ins "::mlir::DenseF64ArrayAttr":$list);
  let extraClassDeclaration = [{
    ::llvm::ArrayRef<double> getValues() const { return getList(); }
  }];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Dsf_UnitNormAttr : Dsf_Attr<"UnitNorm", "unit_norm"> {
  let summary = "vectors along the last axis have 2-norm 1";
}

def Dsf_RangeAttr : AnyAttrOf<[Dsf_IntervalAttr, Dsf_ChoiceAttr,
                               Dsf_UnitNormAttr]>;

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

def Dsf_BlockAttr : Dsf_Attr<"Block", "block"> {
  let summary = "how a block of a GPU runs the lanes that it has";
  let description = [{
    `threads` that carry the states, and `preparers` beside them, which compute
    what needs no state; 0 preparers is one team. So many blocks are `resident`
    on a multiprocessor, loads of the next chunk have so many `stages`, and what
    tensor cores read of a state as many `forms`. With 0 `cores` products are not
    for tensor cores.
  }];
  let parameters = (ins DefaultValuedParameter<"int64_t", "0">:$threads,
                        DefaultValuedParameter<"int64_t", "0">:$preparers,
                        DefaultValuedParameter<"int64_t", "1">:$resident,
                        DefaultValuedParameter<"int64_t", "0">:$stages,
                        DefaultValuedParameter<"int64_t", "1">:$forms,
                        DefaultValuedParameter<"int64_t", "1">:$cores);
  let assemblyFormat = [{
    `<` struct($threads, $preparers, $resident, $stages, $forms, $cores) `>`
  }];
}

def Dsf_ScheduleAttr : Dsf_Attr<"Schedule", "schedule"> {
  let summary = "how a kernel runs through time: a decision, made or pinned";
  let description = [{
    `#dsf.schedule<chunked, chunk = 32, lanes = 64>`: chunks of 32 steps, work
    items of 64 lanes. `sequential` is one step after the other. With `segments`
    above 1, time is cut into so many parts that run in parallel: in a `scan` all
    are summed up first, in a `split` the states alone run through them first. 0
    lanes leaves their number to the lowering. `block` is for GPUs.
  }];
  let parameters = (ins EnumParameter<Dsf_ScheduleKind>:$kind,
                        DefaultValuedParameter<"int64_t", "1">:$chunk,
                        DefaultValuedParameter<"int64_t", "0">:$lanes,
                        DefaultValuedParameter<"int64_t", "1">:$segments,
                        OptionalParameter<"BlockAttr">:$block);
  let assemblyFormat = [{
    `<` $kind (`,` struct($chunk, $lanes, $segments, $block)^)? `>`
  }];
  let genVerifyDecl = 1;
}

#endif // LRC_DSF_TYPES
