//===- PtxModule.cpp - From the LLVM dialect to PTX -----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/PtxModule.h"

#include "lib/Gpu/Toolkit.h"
#include "lib/Pipeline/OptimizeModule.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace mlir;
using namespace lrc;

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
makeMachine(const GpuTarget &target) {
  static const bool initialized = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialized;
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return llvm::createStringError(error);
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.name, target.ptx, {}, std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

llvm::Expected<PtxModule> PtxModule::translate(ModuleOp source,
                                               const GpuTarget &target) {
  registerBuiltinDialectTranslation(*source.getContext());
  registerLLVMDialectTranslation(*source.getContext());
  registerNVVMDialectTranslation(*source.getContext());
  PtxModule result;
  result.context = std::make_unique<llvm::LLVMContext>();
  result.module = translateModuleToLLVMIR(source, *result.context);
  if (!result.module)
    return llvm::createStringError("the kernel could not be translated to "
                                   "LLVM IR");
  auto machine = makeMachine(target);
  if (!machine)
    return machine.takeError();
  result.machine = std::move(*machine);
  result.module->setDataLayout(result.machine->createDataLayout());
  result.module->setTargetTriple(result.machine->getTargetTriple());
  if (llvm::Error error = result.linkDevice())
    return std::move(error);
  return result;
}

/// libdevice calls the f64 function f as __nv_f, the f32 one, too.
llvm::Error PtxModule::linkDevice() {
  std::vector<std::string> needed;
  for (llvm::Function &function : *module)
    if (function.isDeclaration() && !function.isIntrinsic()) {
      needed.push_back(function.getName().str());
      function.setName("__nv_" + function.getName());
    }
  if (needed.empty())
    return llvm::Error::success();
  std::optional<std::string> path = findDeviceLibrary();
  if (!path)
    return llvm::createStringError(
        "the kernel calls " + needed.front() +
        ", for which libdevice is needed: no CUDA toolkit was found; CUDA_HOME "
        "says where it is");
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> device =
      llvm::parseIRFile(*path, diagnostic, *context);
  if (!device)
    return llvm::createStringError(*path + ": " + diagnostic.getMessage());
  device->setDataLayout(module->getDataLayout());
  device->setTargetTriple(module->getTargetTriple());
  if (llvm::Linker::linkModules(*module, std::move(device),
                                llvm::Linker::LinkOnlyNeeded))
    return llvm::createStringError(*path + " could not be linked");
  for (llvm::Function &function : *module)
    if (function.getCallingConv() != llvm::CallingConv::PTX_Kernel &&
        !function.isDeclaration())
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
  for (const std::string &name : needed)
    if (llvm::Function *function = module->getFunction("__nv_" + name);
        function && function->isDeclaration())
      return llvm::createStringError("libdevice has no function for " + name);
  return llvm::Error::success();
}

void PtxModule::optimize() { optimizeModule(*module, *machine, "default<O3>"); }

std::string PtxModule::printIr() const { return printModule(*module); }

llvm::Expected<std::string> PtxModule::printPtx() {
  llvm::SmallString<0> text;
  bool refused = false;
  // The back end reports what it can't do by aborting.
  llvm::CrashRecoveryContext recovery;
  bool survived = recovery.RunSafely([&] {
    llvm::raw_svector_ostream stream(text);
    llvm::legacy::PassManager passes;
    refused = machine->addPassesToEmitFile(passes, stream, nullptr,
                                           llvm::CodeGenFileType::AssemblyFile);
    if (!refused)
      passes.run(*module);
  });
  if (!survived || refused)
    return llvm::createStringError("the PTX code generator failed on the "
                                   "kernel");
  return text.str().str();
}
