//===- Source.h - From text to dsf ops --------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_SOURCE_H
#define LRC_LIB_JIT_SOURCE_H

#include "dialects/Dsf/Dsf.h"
#include "lrc/Result.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace lrc {

/// The bytes of a file, "-" for standard input.
Result<std::unique_ptr<llvm::MemoryBuffer>> readSource(const std::string &path);

/// Recurrences of a text in the .dsf language, or in MLIR where its name ends
/// in ".mlir". `sources` owns the text and is used for diagnostics.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
parseSource(std::unique_ptr<llvm::MemoryBuffer> text, llvm::SourceMgr &sources,
            mlir::MLIRContext *context);

} // namespace lrc

#endif // LRC_LIB_JIT_SOURCE_H
