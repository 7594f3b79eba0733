//===- Source.cpp - From text to dsf ops ----------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Source.h"

#include "dialects/Tile/Tile.h"
#include "lib/Frontend/BuildIR.h"
#include "lib/Frontend/Frontend.h"
#include "lib/JIT/Collect.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace lrc;

using ModuleRef = mlir::OwningOpRef<mlir::ModuleOp>;

Result<std::unique_ptr<llvm::MemoryBuffer>>
lrc::readSource(const std::string &path) {
  if (llvm::sys::fs::is_directory(path))
    return makeError(path + ": expected a file, got a directory");
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/true);
  if (std::error_code error = buffer.getError())
    return makeError(path + ": " + llvm::StringRef(error.message()).lower());
  return std::move(*buffer);
}

static Result<ModuleRef> parseDsf(llvm::SourceMgr &sources,
                                  mlir::MLIRContext *context) {
  frontend::Diagnostics diagnostics(sources);
  std::optional<ast::File> file =
      frontend::parseAndCheck(sources.getMainFileID(), diagnostics);
  if (!file)
    return toDiagnostics(diagnostics);
  MlirDiagnostics errors(context, sources);
  ModuleRef module = frontend::buildModule(*file, context);
  if (!module)
    return errors.take();
  return std::move(module);
}

static Result<ModuleRef> parseMlir(llvm::SourceMgr &sources,
                                   mlir::MLIRContext *context) {
  MlirDiagnostics errors(context, sources);
  // The parser reads from `sources`, whose buffers outlive it.
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, context);
  if (!module)
    return errors.take();
  return std::move(module);
}

/// Standard input has no name to tell its language.
static bool isMlir(llvm::StringRef name, llvm::StringRef text) {
  return name.ends_with(".mlir") ||
         (name == "<stdin>" && text.contains("dsf.recurrence"));
}

Result<ModuleRef> lrc::parseSource(std::unique_ptr<llvm::MemoryBuffer> text,
                                   llvm::SourceMgr &sources,
                                   mlir::MLIRContext *context) {
  std::string name = text->getBufferIdentifier().str();
  bool mlirText = isMlir(name, text->getBuffer());
  sources.AddNewSourceBuffer(std::move(text), llvm::SMLoc());
  Result<ModuleRef> module =
      mlirText ? parseMlir(sources, context) : parseDsf(sources, context);
  if (!module || !(*module)->getOps<dsf::RecurrenceOp>().empty())
    return module;
  if (!(*module)->getOps<tile::KernelOp>().empty())
    return makeError(name + ": expected a recurrence, got kernels of the tile "
                            "level; lrc-opt takes them");
  return makeError(name + ": expected a recurrence, got none");
}
