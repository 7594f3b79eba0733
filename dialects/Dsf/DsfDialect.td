//===- DsfDialect.td - The dsf dialect ---------------------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DSF_DIALECT
#define LRC_DSF_DIALECT

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"

def Dsf_Dialect : Dialect {
  let name = "dsf";
  let cppNamespace = "::lrc::dsf";
  let summary = "One time step of a recurrence, in index notation";
  let description = [{
    A `dsf.recurrence` says what one time step of a sequence model computes, in
    the terms of the Dynamical Systems Framework: state transition, input and
    readout. Time is implicit. Values are labelled by index variables; storage
    types and precision are not part of the mathematics and live on the
    declarations. `dialects/Dsf/README.md` has the semantics and the numbered
    constraints.
  }];
  let extraClassDeclaration = "void registerTypesAndAttributes();";
  let hasConstantMaterializer = 1;
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// Enums
//===----------------------------------------------------------------------===//

class Dsf_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::lrc::dsf";
}

def Dsf_Kind : Dsf_Enum<"Kind", "mathematical kind of a value", [
    I32EnumAttrCase<"Real", 0, "real">,
    I32EnumAttrCase<"Complex", 1, "complex">,
    I32EnumAttrCase<"Bool", 2, "bool">]>;

def Dsf_UnaryKind : Dsf_Enum<"UnaryKind", "pointwise function of one value", [
    I32EnumAttrCase<"Neg", 0, "neg">,
    I32EnumAttrCase<"Exp", 1, "exp">,
    I32EnumAttrCase<"Log", 2, "log">,
    I32EnumAttrCase<"Expm1", 3, "expm1">,
    I32EnumAttrCase<"Log1p", 4, "log1p">,
    I32EnumAttrCase<"Sqrt", 5, "sqrt">,
    I32EnumAttrCase<"Rsqrt", 6, "rsqrt">,
    I32EnumAttrCase<"Abs", 7, "abs">,
    I32EnumAttrCase<"Sign", 8, "sign">,
    I32EnumAttrCase<"Sin", 9, "sin">,
    I32EnumAttrCase<"Cos", 10, "cos">,
    I32EnumAttrCase<"Tan", 11, "tan">,
    I32EnumAttrCase<"Tanh", 12, "tanh">,
    I32EnumAttrCase<"Sigmoid", 13, "sigmoid">,
    I32EnumAttrCase<"LogSigmoid", 14, "logsigmoid">,
    I32EnumAttrCase<"Softplus", 15, "softplus">,
    I32EnumAttrCase<"Silu", 16, "silu">,
    I32EnumAttrCase<"Gelu", 17, "gelu">,
    I32EnumAttrCase<"Relu", 18, "relu">,
    I32EnumAttrCase<"Elu", 19, "elu">,
    I32EnumAttrCase<"Erf", 20, "erf">,
    I32EnumAttrCase<"Floor", 21, "floor">,
    I32EnumAttrCase<"Not", 22, "not">,
    I32EnumAttrCase<"Re", 23, "real">,
    I32EnumAttrCase<"Im", 24, "imag">,
    I32EnumAttrCase<"Conj", 25, "conj">]>;

def Dsf_BinaryKind : Dsf_Enum<"BinaryKind", "pointwise function of two values", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Sub", 1, "sub">,
    I32EnumAttrCase<"Mul", 2, "mul">,
    I32EnumAttrCase<"Div", 3, "div">,
    I32EnumAttrCase<"Rem", 4, "rem">,
    I32EnumAttrCase<"Pow", 5, "pow">,
    I32EnumAttrCase<"Min", 6, "min">,
    I32EnumAttrCase<"Max", 7, "max">,
    I32EnumAttrCase<"LogAddExp", 8, "logaddexp">,
    I32EnumAttrCase<"And", 9, "and">,
    I32EnumAttrCase<"Or", 10, "or">,
    I32EnumAttrCase<"Lt", 11, "lt">,
    I32EnumAttrCase<"Le", 12, "le">,
    I32EnumAttrCase<"Gt", 13, "gt">,
    I32EnumAttrCase<"Ge", 14, "ge">,
    I32EnumAttrCase<"Eq", 15, "eq">,
    I32EnumAttrCase<"Ne", 16, "ne">,
    I32EnumAttrCase<"Complex", 17, "complex">]>;

def Dsf_ReduceKind : Dsf_Enum<"ReduceKind", "reduction over index variables", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Prod", 1, "prod">,
    I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">]>;

def Dsf_ScheduleKind : Dsf_Enum<"ScheduleKind", "how time is run through", [
    I32EnumAttrCase<"Sequential", 0, "sequential">,
    I32EnumAttrCase<"Chunked", 1, "chunked">,
    I32EnumAttrCase<"Scan", 2, "scan">,
    I32EnumAttrCase<"Split", 3, "split">]>;

#endif // LRC_DSF_DIALECT
