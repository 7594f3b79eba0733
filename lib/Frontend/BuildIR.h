//===- BuildIR.h - From a checked tree to dsf ops ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_FRONTEND_BUILDIR_H
#define LRC_FRONTEND_BUILDIR_H

#include "lib/Frontend/AST.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace lrc::frontend {

/// One dsf.recurrence for each recurrence of a file that was checked without
/// errors. Every op has its place in the text. Null, with a diagnostic of
/// `context`, if the result does not verify.
mlir::OwningOpRef<mlir::ModuleOp> buildModule(const ast::File &file,
                                              mlir::MLIRContext *context);

} // namespace lrc::frontend

#endif // LRC_FRONTEND_BUILDIR_H
