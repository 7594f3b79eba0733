//===- Passes.td - Conversions between lrc's levels --------*- tablegen -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_CONVERSION_PASSES
#define LRC_CONVERSION_PASSES

include "mlir/Pass/PassBase.td"

def ConvertDsfToTile : Pass<"convert-dsf-to-tile", "::mlir::ModuleOp"> {
  let summary = "Lower recurrences to tile kernels";
  let description = [{
    Every specialised `dsf.recurrence` becomes a `tile.kernel` of the same name:
    values of parameters alone before the loop over time, the step inside it,
    states as loop-carried tiles. The axis along which the recurrence is parallel
    (see lib/Analysis/Lanes.h) is cut into blocks, a work item each. The
    recurrence's `schedule` says how many steps are taken at a time; a chunk of
    several needs the `dsf.form` that `dsf-linearize` makes.

    ```mlir
    dsf.recurrence @leaky { ... %n = dsf.binary add %ah, %xi ... }
    // becomes
    tile.kernel @leaky blocks 1 (input "x" %x : !tile.ref<8xf32>, ...) {
      %h = scf.for %t = %c0 to %steps step %c1 iter_args(%s = %start) -> (tensor<8xf32>) {
        %xt = tile.load %x at %t lanes 0 : !tile.ref<8xf32> -> tensor<8xf32>
        ...
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "1",
           "threads that will run the kernel">,
    Option<"batchHeads", "batch-heads", "int64_t", "1",
           "sequences times heads, as far as known">,
    Option<"cacheBytes", "cache-bytes", "int64_t", "32768",
           "bytes of first-level data cache that states may take">,
  ];
  let dependentDialects = ["::lrc::tile::TileDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect"];
}

def ConvertTileToVector : Pass<"convert-tile-to-vector", "::mlir::ModuleOp"> {
  let summary = "Lower tile kernels to loops over vectors in memory";
  let description = [{
    Every `tile.kernel` becomes an `llvm.func` with the binary interface of
    include/lrc-c/kernel.h: a loop over work items, scratch buffers for state
    tiles and intermediate tiles, and fused loop nests over `vector` values.
    lib/Conversion/TileToVector/README.md has the rules by which tiles are
    materialised and nests are fused.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", "512",
           "bits of a vector register">,
    Option<"vectorRegisters", "vector-registers", "int64_t", "32",
           "vector registers of the processor">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numNests", "nests", "loop nests made">,
    Statistic<"numBuffers", "buffers", "scratch buffers made">,
  ];
}

def ConvertTileToGpu : Pass<"convert-tile-to-gpu", "::mlir::ModuleOp"> {
  let summary = "Lower tile kernels to functions for blocks of GPU threads";
  let description = [{
    Every `tile.kernel` becomes an `llvm.func` in the nvvm dialect: a block of
    threads for each work item, tiles in shared memory. Its parameters are an
    `lrc_call` by value with the tensors behind it, and a pointer to scratch
    memory. The attributes `lrc.shared_bytes` and `lrc.scratch_bytes` say what a
    block needs, `lrc.teams` that it has preparers. lib/Conversion/TileToGpu/README.md has the rules.
  }];
  let options = [
    Option<"threads", "threads", "int64_t", "256", "threads of a block">,
    Option<"preparers", "preparers", "int64_t", "0",
           "threads beside those, for what needs no state">,
    Option<"sharedBytes", "shared-bytes", "int64_t", "232448",
           "bytes of shared memory that a block may have">,
    Option<"resident", "resident", "int64_t", "2",
           "blocks that a multiprocessor runs at once, if memory allows it">,
    Option<"aligned", "aligned", "bool", "true",
           "whether tensors and their strides are aligned to 16 bytes">,
    Option<"tensorCores", "tensor-cores", "bool", "false",
           "whether products may be computed in bf16 by tensor cores">,
    Option<"places", "places", "int64_t", "0",
           "places of a chunk's inputs, for those that are loaded while the "
           "chunk before is computed; 0: none is">,
    Option<"twoForms", "two-forms", "bool", "false",
           "whether what tensor cores read of a state has two places">,
    Option<"manySteps", "many-steps", "bool", "true",
           "whether inputs of some steps are loaded while those before are "
           "computed">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::NVVM::NVVMDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

def PolynomialMath : Pass<"lrc-polynomial-math"> {
  let summary = "Expand functions to vector polynomials";
  let description = [{
    exp, log, tanh and their like on f32 scalars and vectors become polynomials
    of a few fused multiply-adds, with errors of about 2 ulp. So do sin and cos
    on f64; what else there is on f64 stays a call to libm.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def TileSplitAngles : Pass<"tile-split-angles", "::mlir::ModuleOp"> {
  let summary = "Sines and cosines of times by the addition theorems";
  let description = [{
    In a loop over chunks, cos and sin of (base + row) * w become products of
    those of base * w, one for each chunk, and of row * w, which all chunks
    share. In f32 where no tensor of the kernel is f64.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::lrc::tile::TileDialect"];
}

def TileNarrowProducts : Pass<"tile-narrow-products", "::mlir::ModuleOp"> {
  let summary = "Products that are rounded to f32 in f32";
  let description = [{
    `truncf(mulf(a, extf(b)))` becomes `mulf(truncf(a), b)` where a is made of
    indices, also where the product is read through `tile.access`: what does not
    change in a loop is rounded before it.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::lrc::tile::TileDialect"];
}

def DeviceMath : Pass<"lrc-device-math", "::mlir::ModuleOp"> {
  let summary = "Expand functions as a GPU computes them";
  let description = [{
    exp on f32 becomes the power of two that is an instruction, with a
    correction, to about 2 ulp; functions on f64 become calls that libdevice
    answers. Others are left to `lrc-polynomial-math`.
  }];
  let options = [
    Option<"roughExp", "rough-exp", "bool", "false",
           "leave out the correction of exp on f32">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif // LRC_CONVERSION_PASSES
