//===- PtxModule.h - From the LLVM dialect to PTX ---------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_PTXMODULE_H
#define LRC_LIB_GPU_PTXMODULE_H

#include "lib/Target/GpuTarget.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace lrc {

class PtxModule {
public:
  /// Translates a module of kernels in the LLVM and NVVM dialects. Functions of
  /// libm are replaced by those of NVIDIA's libdevice; where a kernel needs one
  /// and no CUDA toolkit is found, that is the error.
  static llvm::Expected<PtxModule> translate(mlir::ModuleOp module,
                                             const GpuTarget &target);

  void optimize();
  std::string printIr() const;
  llvm::Expected<std::string> printPtx();

private:
  llvm::Error linkDevice();

  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
};

} // namespace lrc

#endif // LRC_LIB_GPU_PTXMODULE_H
