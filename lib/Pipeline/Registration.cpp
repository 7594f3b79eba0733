//===- Registration.cpp - What lrc's tools know ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/Registration.h"

#include "dialects/Dsf/Dsf.h"
#include "dialects/Tile/Tile.h"
#include "lib/Conversion/Passes.h"
#include "lib/Schedule/Passes.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/Passes.h"

void lrc::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<dsf::DsfDialect, tile::TileDialect, mlir::arith::ArithDialect,
                  mlir::LLVM::LLVMDialect, mlir::math::MathDialect,
                  mlir::scf::SCFDialect, mlir::vector::VectorDialect>();
}

void lrc::registerPasses() {
  mlir::registerTransformsPasses();
  registerLrcConversionPasses();
  lrc::registerLrcTransformsPasses();
  lrc::registerLrcSchedulePasses();
}
