//===- RunPasses.cpp - Run passes on a module of one's own ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Pipeline/RunPasses.h"

using namespace mlir;
using namespace lrc;

OwningOpRef<ModuleOp> lrc::copyIntoModule(dsf::RecurrenceOp recurrence,
                                          StringRef symbol) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(recurrence.getLoc());
  OpBuilder builder = OpBuilder::atBlockBegin(module->getBody());
  auto copy = cast<dsf::RecurrenceOp>(builder.clone(*recurrence));
  copy.setSymName(symbol);
  return module;
}

llvm::Error lrc::runPasses(ModuleOp module,
                           llvm::function_ref<void(OpPassManager &)> add) {
  std::string report;
  ScopedDiagnosticHandler handler(module.getContext(),
                                  [&](mlir::Diagnostic &d) {
                                    llvm::raw_string_ostream stream(report);
                                    stream << (report.empty() ? "" : "; ") << d;
                                    return success();
                                  });
  PassManager manager(module.getContext(), ModuleOp::getOperationName());
#ifdef NDEBUG
  manager.enableVerifier(false);
#endif
  add(manager);
  if (succeeded(manager.run(module)))
    return llvm::Error::success();
  return llvm::createStringError(
      report.empty() ? "the passes failed without saying why" : report);
}

std::string lrc::printModule(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  stream << "\n";
  return text;
}
