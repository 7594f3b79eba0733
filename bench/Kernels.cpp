//===- Kernels.cpp - Compile a recurrence for a benchmark -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

#include "lib/Frontend/BuildIR.h"
#include "lib/Frontend/Diagnostics.h"
#include "lib/Frontend/Frontend.h"
#include "lib/Pipeline/Registration.h"
#include "lib/Transforms/Specialize.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/SourceMgr.h"

#include <omp.h>

using namespace lrc;

[[noreturn]] static void fail(const std::string &message) {
  llvm::errs() << "lrc-bench: " << message << "\n";
  std::exit(2);
}

static mlir::OwningOpRef<mlir::ModuleOp> read(const std::string &path,
                                              mlir::MLIRContext &context) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    fail("cannot read " + path);
  llvm::SourceMgr sources;
  unsigned id = sources.AddNewSourceBuffer(std::move(*buffer), {});
  frontend::Diagnostics diagnostics(sources);
  auto file = frontend::parseAndCheck(id, diagnostics);
  if (!file)
    fail("errors in " + path + "; lrc fmt shows them");
  return frontend::buildModule(*file, &context);
}

std::unique_ptr<CpuKernel>
bench::compileFile(const std::string &path,
                   const llvm::StringMap<int64_t> &dims, int64_t batchHeads) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = read(std::string(LRC_SOURCE_DIR) + "/" + path, context);
  if (!module)
    fail("cannot build " + path);
  auto recurrence = *module->getOps<dsf::RecurrenceOp>().begin();
  Specialization specialization;
  specialization.dims = dims;
  if (mlir::failed(specialize(recurrence, specialization)))
    fail("cannot specialise " + path);
  CpuOptions options;
  options.threads = omp_get_max_threads();
  options.batchHeads = batchHeads;
  auto kernel = CpuKernel::compile(recurrence, options);
  if (!kernel)
    fail(llvm::toString(kernel.takeError()));
  return std::move(*kernel);
}

bench::TileKernel::TileKernel(const std::string &text) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  mlir::PassManager manager(&context);
  addVectorPasses(manager, findHostRegisters());
  addLlvmPasses(manager);
  if (!module || mlir::failed(manager.run(*module)))
    fail("cannot lower a tile kernel");
  auto host = HostModule::translate(*module);
  if (!host)
    fail(llvm::toString(host.takeError()));
  host->optimize();
  if (std::getenv("LRC_BENCH_ASM")) {
    auto assembly = host->generate(llvm::CodeGenFileType::AssemblyFile);
    if (assembly)
      llvm::errs() << *assembly;
  }
  auto loaded = std::move(*host).load();
  if (!loaded)
    fail(llvm::toString(loaded.takeError()));
  jit = std::move(*loaded);
  auto address = jit->lookup("kernel");
  if (!address)
    fail(llvm::toString(address.takeError()));
  function = address->toPtr<lrc_kernel>();
}
