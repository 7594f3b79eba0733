//===- RunPasses.h - Run passes on a module of one's own --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_RUNPASSES_H
#define LRC_LIB_PIPELINE_RUNPASSES_H

#include "dialects/Dsf/Dsf.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

namespace lrc {

/// A module with a copy of a recurrence, under another name.
mlir::OwningOpRef<mlir::ModuleOp> copyIntoModule(dsf::RecurrenceOp recurrence,
                                                 llvm::StringRef symbol);

/// Runs the passes that `add` adds; what they report is the error.
llvm::Error runPasses(mlir::ModuleOp module,
                      llvm::function_ref<void(mlir::OpPassManager &)> add);

std::string printModule(mlir::ModuleOp module);

} // namespace lrc

#endif // LRC_LIB_PIPELINE_RUNPASSES_H
