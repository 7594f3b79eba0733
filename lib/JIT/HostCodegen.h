//===- HostCodegen.h - From the LLVM dialect to host code -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_HOSTCODEGEN_H
#define LRC_LIB_JIT_HOSTCODEGEN_H

#include "lib/Pipeline/CpuPipeline.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace lrc {

/// The vector registers of the CPU that this process runs on.
VectorRegisters findHostRegisters();

/// LLVM IR for the CPU that this process runs on.
class HostModule {
public:
  /// Translates a module in the LLVM dialect.
  static llvm::Expected<HostModule> translate(mlir::ModuleOp module);

  /// Scalar optimisations; the code is vector code already.
  void optimize();

  std::string printIr() const;

  /// Assembly text or the bytes of an object file; position independent.
  llvm::Expected<std::string> generate(llvm::CodeGenFileType type);

  /// Generates code into this process.
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> load() &&;

private:
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
};

} // namespace lrc

#endif // LRC_LIB_JIT_HOSTCODEGEN_H
