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
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
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

def Tile_OriginOp : Tile_Query<"origin"> {
  let summary = "index of the first step of this sequence";
  let description = [{
    0, unless the sequence goes on from steps that ran before.
  }];
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

    With `rows` the tile has one more, leading, axis: row c is the step
    `time + c`, or `time - c` with `backwards`. `lanes` still counts the axes of
    the tensor.
    ```mlir
    %v = tile.load %v_ref at %t lanes 0 : !tile.ref<128xbf16> -> tensor<64xbf16>
    %q = tile.load %q_ref at %t rows : !tile.ref<128xbf16> -> tensor<32x128xbf16>
    ```
  }];
  let arguments = (ins Tile_RefType:$ref, Optional<Index>:$time,
                       OptionalAttr<I64Attr>:$lanes,
                       OptionalAttr<I64Attr>:$part,
                       UnitAttr:$rows, UnitAttr:$backwards);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $ref (`at` $time^)? (`rows` $rows^)? (`backwards` $backwards^)?
    (`lanes` $lanes^)? (`part` $part^)? attr-dict `:` type($ref) `->`
    type($result)
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
                       OptionalAttr<I64Attr>:$part,
                       UnitAttr:$rows, UnitAttr:$backwards);
  let assemblyFormat = [{
    $tile `,` $ref (`at` $time^)? (`rows` $rows^)? (`backwards` $backwards^)?
    (`lanes` $lanes^)? (`part` $part^)? attr-dict `:` type($tile) `,` type($ref)
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

def Tile_InverseOp : Tile_Op<"inverse", [
    Pure, AllTypesMatch<["matrix", "result"]>]> {
  let summary = "inverse of a square matrix, for each index of leading axes";
  let description = [{
    Stands before the loops over time. Gauss-Jordan elimination with the largest
    pivot of each column.
    ```mlir
    %m = tile.inverse %a : tensor<8x4x4xf64>
    ```
  }];
  let arguments = (ins Tile_Tensor:$matrix);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$matrix attr-dict `:` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Rows: tiles with a leading time axis
//===----------------------------------------------------------------------===//

def Tile_ProductOp : Tile_Op<"product", [
    Pure, OptionalTypesMatchWith<"init has the type of the result", "result",
                                 "init", "$_self">]> {
  let summary = "result = init + sum of lhs * rhs over the axes that go";
  let description = [{
    `maps` take the iteration space to the axes of lhs, rhs and result, as in
    `vector.contract`; axes of the iteration space that the result lacks are
    summed. `strictly_lower` promises that lhs, of two axes, is 0 where its
    second subscript is not below its first.
    ```mlir
    %o = tile.product %a, %x init %c
        maps [affine_map<(t, s, j) -> (t, s)>, affine_map<(t, s, j) -> (s, j)>,
              affine_map<(t, s, j) -> (t, j)>] strictly_lower
        : tensor<32x32xf32>, tensor<32x64xf32> -> tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$lhs, Tile_Tensor:$rhs,
                       Optional<Tile_Tensor>:$init, AffineMapArrayAttr:$maps,
                       UnitAttr:$strictly_lower);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`init` $init^)? `maps` $maps
    (`strictly_lower` $strictly_lower^)? attr-dict `:` type($lhs) `,` type($rhs)
    `->` type($result)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::AffineMap getMap(unsigned index) {
      return ::llvm::cast<::mlir::AffineMapAttr>(getMaps()[index]).getValue();
    }
    ::mlir::AffineMap getLhsMap() { return getMap(0); }
    ::mlir::AffineMap getRhsMap() { return getMap(1); }
    ::mlir::AffineMap getResultMap() { return getMap(2); }
    /// Sizes of the iteration space.
    ::llvm::SmallVector<int64_t> getSizes();
  }];
}

def Tile_DecayedProductOp : Tile_Op<"decayed_product", [
    Pure, AllTypesMatch<["q", "k"]>]> {
  let summary = "products of rows, decayed by the rows between them";
  let description = [{
    result[t,s] = sum_i q[t,i] * (prod_{s < r < t} decay[r,i]) * k[s,i] for
    s < t, and 0 for s >= t. `decay` has the shape of q, or one number for each
    row; without it the product is 1. Decays are multiplied, never divided by:
    any decay is exact, and none of absolute value up to 1 makes anything
    overflow. If `inclusive`, the product is over s < r <= t, and s = t is among
    the results.
    ```mlir
    %a = tile.decayed_product %q, %k decay %w
        : tensor<32x128xf32>, tensor<32x128xf32> -> tensor<32x32xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$q, Tile_Tensor:$k,
                       Optional<Tile_Tensor>:$decay, UnitAttr:$inclusive);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $q `,` $k (`decay` $decay^)? (`inclusive` $inclusive^)? attr-dict `:`
    type($q)
    (`,` type($decay)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_DecayedApplyOp : Tile_Op<"decayed_apply", [
    Pure, AllTypesMatch<["tile", "decay", "result"]>]> {
  let summary = "a strictly lower product, decayed by the rows between";
  let description = [{
    result[t,j] = sum_{s < t} matrix[t,s] * (prod_{s < r < t} decay[r,j]) *
    tile[s,j].
    ```mlir
    %o = tile.decayed_apply %a, %x decay %b : tensor<32x32xf32>, tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$matrix, Tile_Tensor:$tile,
                       Tile_Tensor:$decay);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $matrix `,` $tile `decay` $decay attr-dict `:` type($matrix) `,`
    type($result)
  }];
  let hasVerifier = 1;
}

def Tile_SolveOp : Tile_Op<"solve", [
    Pure, AllTypesMatch<["rhs", "result"]>,
    OptionalTypesMatchWith<"scale has the type of the result", "result",
                           "scale", "$_self">]> {
  let summary = "a unit lower triangular system of rows";
  let description = [{
    X[t,j] = rhs[t,j] + scale[t,j] * sum_{s < t} matrix[t,s] * X[s,j]. Entries
    of the matrix on and above the diagonal are not looked at. Without `scale`
    it is 1.
    ```mlir
    %x = tile.solve %a, %b scale %g : tensor<32x32xf32>, tensor<32x64xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$matrix, Tile_Tensor:$rhs,
                       Optional<Tile_Tensor>:$scale);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $matrix `,` $rhs (`scale` $scale^)? attr-dict `:` type($matrix) `,`
    type($result)
  }];
  let hasVerifier = 1;
}

def Tile_InterleaveOp : Tile_Op<"interleave", [Pure]> {
  let summary = "N tiles of one type, interleaved along an axis";
  let description = [{
    Axis `axis` of the result is N times as long:
    result[.., r * N + m, ..] = parts[m][.., r, ..].
    ```mlir
    %x = tile.interleave %p, %q axis 0
        : tensor<32x8xf32>, tensor<32x8xf32> -> tensor<64x8xf32>
    ```
  }];
  let arguments = (ins Variadic<Tile_Tensor>:$parts, I64Attr:$axis);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $parts `axis` $axis attr-dict `:` type($parts) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ScanOp : Tile_Op<"scan", [
    AttrSizedOperandSegments, RecursiveMemoryEffects, RecursivelySpeculatable,
    SingleBlock]> {
  let summary = "a pointwise recurrence over the rows of a chunk";
  let description = [{
    The body takes the states and one row of each of `rows` to the next states,
    with `arith`, `math` and `tile.access` on those and on tiles from outside.
    Row c of a result is the state after row c was taken. With `backwards` the
    last row is taken first.
    ```mlir
    %h = tile.scan (%s = %h0) rows (%a = %as, %b = %bs)
        : (tensor<8xf32>, tensor<32x8xf32>, tensor<32x8xf32>) -> tensor<32x8xf32> {
      %p = arith.mulf %a, %s : tensor<8xf32>
      %n = arith.addf %p, %b : tensor<8xf32>
      tile.yield %n : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Tile_Tensor>:$inits,
                       Variadic<Tile_Tensor>:$rows, UnitAttr:$backwards);
  let results = (outs Variadic<Tile_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    /// Makes the block with its arguments, and its ops where `body` is given.
    OpBuilder<(ins "::mlir::TypeRange":$results, "::mlir::ValueRange":$inits,
                   "::mlir::ValueRange":$rows, CArg<"bool", "false">:$backwards,
                   CArg<"::llvm::function_ref<void(::mlir::OpBuilder &, "
                        "::mlir::Location, ::mlir::ValueRange)>",
                        "nullptr">:$body)>];
  let extraClassDeclaration = [{
    /// Block arguments: the states, then a row of each of `rows`.
    ::mlir::Block::BlockArgListType getStateArguments() {
      return getBody().front().getArguments().take_front(getInits().size());
    }
    ::mlir::Block::BlockArgListType getRowArguments() {
      return getBody().front().getArguments().drop_front(getInits().size());
    }
    ::mlir::OperandRange getYielded() {
      return getBody().front().getTerminator()->getOperands();
    }
  }];
}

def Tile_YieldOp : Tile_Op<"yield", [
    Pure, Terminator, ReturnLike, HasParent<"ScanOp">]> {
  let summary = "the next states of a scan";
  let arguments = (ins Variadic<Tile_Tensor>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

def Tile_PreviousOp : Tile_Op<"previous", [
    Pure, AllTypesMatch<["rows", "result"]>]> {
  let summary = "each row's predecessor";
  let description = [{
    result[0] = init, result[c] = rows[c - 1].
    ```mlir
    %p = tile.previous %rows, %init : tensor<32x8xf32>, tensor<8xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$rows, Tile_Tensor:$init);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $rows `,` $init attr-dict `:` type($result) `,` type($init)
  }];
  let hasVerifier = 1;
}

def Tile_WindowOp : Tile_Op<"window", [Pure]> {
  let summary = "the last rows, after each row";
  let description = [{
    past[N, D...], rows[C, D...]: result[c, m] is rows[c - m] where m <= c and
    past[m - c - 1] before: the register behind `delay`, newest row first.
    ```mlir
    %w = tile.window %past, %rows
        : tensor<3x8xf32>, tensor<32x8xf32> -> tensor<32x3x8xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$past, Tile_Tensor:$rows);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = [{
    $past `,` $rows attr-dict `:` type($past) `,` type($rows) `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // LRC_TILE_OPS
