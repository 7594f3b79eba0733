//===- OptimizeModule.h - LLVM's optimisations of kernels -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_OPTIMIZEMODULE_H
#define LRC_LIB_PIPELINE_OPTIMIZEMODULE_H

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

#include <string>

namespace lrc {

/// Passes in the syntax of `opt`, whose default pipelines do not vectorise
/// here: kernels are vector code, or that of a thread, already.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    llvm::StringRef passes);

std::string printModule(const llvm::Module &module);

} // namespace lrc

#endif // LRC_LIB_PIPELINE_OPTIMIZEMODULE_H
