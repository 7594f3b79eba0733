//===- Collect.h - Diagnostics of the libraries as values -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_COLLECT_H
#define LRC_LIB_JIT_COLLECT_H

#include "lib/Frontend/Diagnostics.h"
#include "lrc/Result.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"

namespace lrc {

/// A diagnostic without a place.
Diagnostic makeError(const llvm::Twine &message);
Diagnostics toDiagnostics(llvm::Error error);
Diagnostics toDiagnostics(const frontend::Diagnostics &diagnostics);

/// While it lives, errors of an MLIR context are collected, with the lines of
/// the source that `sources` has as its main buffer.
class MlirDiagnostics {
public:
  MlirDiagnostics(mlir::MLIRContext *context, llvm::SourceMgr &sources);

  /// What was collected; never empty, so that a failure without a diagnostic is
  /// reported too.
  Diagnostics take();
  bool empty() const { return collected.empty(); }

private:
  Diagnostic convert(mlir::Diagnostic &diagnostic) const;

  llvm::SourceMgr &sources;
  Diagnostics collected;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace lrc

#endif // LRC_LIB_JIT_COLLECT_H
