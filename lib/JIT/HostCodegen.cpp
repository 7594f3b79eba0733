//===- HostCodegen.cpp - From the LLVM dialect to host code ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/HostCodegen.h"

#include "lib/JIT/ExpandBFloat.h"
#include "lib/Pipeline/OptimizeModule.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/CompileUtils.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace lrc;

static llvm::Expected<llvm::orc::JITTargetMachineBuilder> detectHost() {
  static const bool initialized = [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::InitializeNativeTargetAsmParser();
    return true;
  }();
  (void)initialized;
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  builder->setRelocationModel(llvm::Reloc::PIC_);
  return builder;
}

/// Whether the processor rounds f32 to bf16 with an instruction, or LLVM writes
/// the rounding out by itself.
static bool canRoundToBFloat(const llvm::TargetMachine &machine) {
  return !machine.getTargetTriple().isX86() ||
         machine.getTargetFeatureString().contains("+avx512bf16");
}

VectorRegisters lrc::findHostRegisters() {
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (!host.isX86())
    return {128, 32};
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (features.lookup("avx512f"))
    return {512, 32};
  return {features.lookup("avx") ? 256 : 128, 16};
}

llvm::Expected<HostModule> HostModule::translate(ModuleOp source) {
  registerBuiltinDialectTranslation(*source.getContext());
  registerLLVMDialectTranslation(*source.getContext());
  HostModule host;
  host.context = std::make_unique<llvm::LLVMContext>();
  host.module = translateModuleToLLVMIR(source, *host.context);
  if (!host.module)
    return llvm::createStringError("the kernel could not be translated to "
                                   "LLVM IR");
  auto builder = detectHost();
  if (!builder)
    return builder.takeError();
  auto machine = builder->createTargetMachine();
  if (!machine)
    return machine.takeError();
  host.machine = std::move(*machine);
  host.module->setDataLayout(host.machine->createDataLayout());
  host.module->setTargetTriple(host.machine->getTargetTriple());
  if (!canRoundToBFloat(*host.machine))
    expandBFloat(*host.module);
  // Code generation asks each function for its processor.
  for (llvm::Function &function : *host.module) {
    function.addFnAttr("target-cpu", host.machine->getTargetCPU());
    function.addFnAttr("target-features",
                       host.machine->getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", "512");
  }
  return host;
}

void HostModule::optimize() {
  // Loops come as blocks of registers. What default<O2> does beyond this makes
  // no kernel faster, and took a quarter of the time of a compilation.
  optimizeModule(*module, *machine,
                 "function(sroa,early-cse<memssa>,"
                 "instcombine<max-iterations=1;no-verify-fixpoint>,simplifycfg,"
                 "loop-mssa(loop-rotate<no-header-duplication>,licm),"
                 "loop(loop-unroll-full),sroa,early-cse<memssa>,"
                 "instcombine<max-iterations=1;no-verify-fixpoint>,simplifycfg,"
                 "adce)");
}

std::string HostModule::printIr() const { return printModule(*module); }

llvm::Expected<std::string> HostModule::generate(llvm::CodeGenFileType type) {
  llvm::SmallVector<char, 0> bytes;
  bool refused = false;
  // The back end reports what it can't do by aborting.
  llvm::CrashRecoveryContext recovery;
  bool survived = recovery.RunSafely([&] {
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    refused = machine->addPassesToEmitFile(passes, stream, nullptr, type);
    if (!refused)
      passes.run(*module);
  });
  if (!survived || refused)
    return llvm::createStringError("the code generator of this processor "
                                   "failed on the kernel");
  return std::string(bytes.begin(), bytes.end());
}

llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> HostModule::load() && {
  auto builder = detectHost();
  if (!builder)
    return builder.takeError();
  llvm::Expected<std::string> object =
      generate(llvm::CodeGenFileType::ObjectFile);
  if (!object)
    return object.takeError();
  auto jit = llvm::orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(*builder))
                 .create();
  if (!jit)
    return jit.takeError();
  // What fails is returned, not printed as well.
  (*jit)->getExecutionSession().setErrorReporter(
      [](llvm::Error error) { llvm::consumeError(std::move(error)); });
  // libm and the allocator come from this process.
  auto process = llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (llvm::Error error = (*jit)->addObjectFile(
          llvm::MemoryBuffer::getMemBufferCopy(*object, "kernel")))
    return std::move(error);
  return std::move(*jit);
}
