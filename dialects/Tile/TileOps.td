//===- TileOps.td - The tile dialect -----------------------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TILE_OPS
#define LRC_TILE_OPS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::lrc::tile";
  let summary = "What a work item computes, on value-semantic tiles";
  let description = [{
    A `tile.kernel` is the program of one work item: one sequence, one head and
    one block of the value axis (the *lanes*). Tiles are builtin tensors of
    static shape; pointwise work is upstream `arith` and `math` on tensors;
    loops over time are `scf.for` that carry state tiles. The dialect adds what
    upstream lacks. `dialects/Tile/README.md` has the semantics and the
    numbered constraints.
  }];
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = "void registerTypes();";
}

def Tile_Role : I32EnumAttr<"Role", "what a kernel argument is", [
    I32EnumAttrCase<"Input", 0, "input">,
    I32EnumAttrCase<"Param", 1, "param">,
    I32EnumAttrCase<"Initial", 2, "initial">,
    I32EnumAttrCase<"Output", 3, "output">,
    I32EnumAttrCase<"Final", 4, "final">]> {
  let cppNamespace = "::lrc::tile";
}

def Tile_Combine : I32EnumAttr<"Combine", "how a reduction combines", [
    I32EnumAttrCase<"Sum", 0, "sum">,
    I32EnumAttrCase<"Prod", 1, "prod">,
    I32EnumAttrCase<"Max", 2, "max">,
    I32EnumAttrCase<"Min", 3, "min">]> {
  let cppNamespace = "::lrc::tile";
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

def Tile_RefType : TypeDef<Tile_Dialect, "Ref"> {
  let mnemonic = "ref";
  let summary = "a tensor in memory, seen from one sequence and head";
  let description = [{
    `!tile.ref<128x64xbf16>` has the shape and the element type of one step.
    Where the sequence and the steps lie in memory is known to the caller.
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape,
                        "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
}

def Tile_Tensor : TensorOf<[AnyType]>;

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

def Tile_KernelOp : Tile_Op<"kernel", [
    IsolatedFromAbove, NoTerminator, SingleBlock, Symbol]> {
  let summary = "program of one work item";
  let description = [{
    `blocks` work items share a sequence and head: item b has the lanes
    b * width .. of every axis that is marked `lanes`. Arguments come in the
    order inputs, parameters, initial states, outputs, final states; `names` and
    `roles` describe them.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$names,
                       DenseI32ArrayAttr:$roles, I64Attr:$blocks);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    Role getRole(unsigned argument) {
      return static_cast<Role>(getRoles()[argument]);
    }
    ::llvm::StringRef getName(unsigned argument) {
      return ::llvm::cast<::mlir::StringAttr>(getNames()[argument]).getValue();
    }
  }];
}

//===----------------------------------------------------------------------===//
// Where the work item is
//===----------------------------------------------------------------------===//

class Tile_Query<string mnemonic> : Tile_Op<mnemonic, [Pure]> {
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Tile_StepsOp : Tile_Query<"steps"> {
  let summary = "number of steps of this sequence";
}

def Tile_HeadOp : Tile_Query<"head"> {
  let summary = "index of this head";
}

def Tile_HeadsOp : Tile_Query<"heads"> {
  let summary = "number of heads";
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

def Tile_GivenOp : Tile_Op<"given", [Pure]> {
  let summary = "whether the caller passed an optional tensor";
  let arguments = (ins Tile_RefType:$ref);
  let results = (outs I1:$result);
  let assemblyFormat = "$ref attr-dict `:` type($ref)";
}

def Tile_LoadOp : Tile_Op<"load", [MemoryEffects<[MemRead]>]> {
  let summary = "read a tile";
  let description = [{
    The tensor's slice at step `time`, or the whole tensor where time is not
    given. Axis `lanes` is cut down to this item's block. A complex tensor is
    read one `part` at a time: 0 is the real, 1 the imaginary part.
    ```mlir
    %v = tile.load %v_ref at %t lanes 0 : !tile.ref<128xbf16> -> tensor<64xbf16>
    ```
  }];
  let arguments = (ins Tile_RefType:$ref, Optional<Index>:$time,
                       OptionalAttr<I64Attr>:$lanes,
                       OptionalAttr<I64Attr>:$part);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $ref (`at` $time^)? (`lanes` $lanes^)? (`part` $part^)? attr-dict `:`
    type($ref) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store", [MemoryEffects<[MemWrite]>]> {
  let summary = "write a tile";
  let description = [{
    As `tile.load`. A tile without lanes is the same in every block, and block 0
    alone writes it. Nothing happens where the caller passed no tensor.
  }];
  let arguments = (ins Tile_Tensor:$tile, Tile_RefType:$ref,
                       Optional<Index>:$time, OptionalAttr<I64Attr>:$lanes,
                       OptionalAttr<I64Attr>:$part);
  let assemblyFormat = [{
    $tile `,` $ref (`at` $time^)? (`lanes` $lanes^)? (`part` $part^)? attr-dict
    `:` type($tile) `,` type($ref)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

def Tile_AccessOp : Tile_Op<"access", [Pure]> {
  let summary = "result[d...] = source[map(d...)]: broadcast, transpose, index";
  let description = [{
    ```mlir
    %b = tile.access %x by affine_map<(i, j) -> (i)> : tensor<128xf32> -> tensor<128x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$source, AffineMapAttr:$map);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $source `by` $map attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "sum, product, maximum or minimum over axes";
  let arguments = (ins Tile_Combine:$fn, Tile_Tensor:$source,
                       DenseI64ArrayAttr:$axes);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $fn $source `over` $axes attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "0, 1, 2, ... as real numbers";
  let description = [{
    With `lanes`, the numbers of this item's block.
  }];
  let arguments = (ins UnitAttr:$lanes);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "(`lanes` $lanes^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_RealOp : Tile_Op<"real", [Pure]> {
  let summary = "an index as a real number";
  let arguments = (ins Index:$index);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$index attr-dict `:` type($result)";
}

def Tile_ShiftOp : Tile_Op<"shift", [Pure]> {
  let summary = "a new first row; the last row is dropped";
  let arguments = (ins Tile_Tensor:$past, Tile_Tensor:$row);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $past `,` $row attr-dict `:` type($past) `,` type($row)  `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LRC_TILE_OPS
