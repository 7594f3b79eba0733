//===- TileKernel.cpp - Compile and run a tile kernel from text -----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/Codegen/TileKernel.h"

#include "lib/Pipeline/Registration.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace lrc;
using namespace lrc::test;

std::string
lrc::test::substitute(std::string text,
                      const std::map<std::string, std::string> &values) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      result += text[i];
      continue;
    }
    size_t end = i + 1;
    while (end < text.size() && std::isupper(text[end]))
      ++end;
    auto found = values.find(text.substr(i + 1, end - i - 1));
    result += found == values.end() ? "?" : found->second;
    i = end - 1;
  }
  return result;
}

[[noreturn]] static void fail(const std::string &message) {
  llvm::errs() << "TileKernel: " << message << "\n";
  std::abort();
}

TileKernel::TileKernel(const std::string &text, VectorRegisters registers) {
  mlir::DialectRegistry registry;
  registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    fail("does not parse:\n" + text);
  mlir::PassManager manager(&context);
  addVectorPasses(manager, registers);
  addLlvmPasses(manager);
  if (mlir::failed(manager.run(*module)))
    fail("does not lower:\n" + text);
  auto host = HostModule::translate(*module);
  if (!host)
    fail(llvm::toString(host.takeError()));
  host->optimize();
  auto loaded = std::move(*host).load();
  if (!loaded)
    fail(llvm::toString(loaded.takeError()));
  jit = std::move(*loaded);
  auto address = jit->lookup("kernel");
  if (!address)
    fail(llvm::toString(address.takeError()));
  function = address->toPtr<lrc_kernel>();
}

int32_t TileKernel::run(int64_t steps, std::vector<lrc_tensor> tensors,
                        int64_t blocks) const {
  lrc_call call{1, steps, 1, nullptr, tensors.data(), nullptr};
  return function(&call, 0, blocks);
}
