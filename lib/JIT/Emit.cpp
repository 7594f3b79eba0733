//===- Emit.cpp - Levels of a compilation as text -------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/SignatureOf.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"

#include "llvm/ADT/StringExtras.h"

using namespace lrc;

static CpuLevel toCpuLevel(Level level) {
  switch (level) {
  case Level::Dsf:
    return CpuLevel::Dsf;
  case Level::Tile:
  case Level::Header: // for the number of blocks
    return CpuLevel::Tile;
  case Level::Vector:
    return CpuLevel::Vector;
  case Level::Llvm:
    return CpuLevel::Llvm;
  case Level::Asm:
    return CpuLevel::Asm;
  case Level::Object:
    return CpuLevel::Object;
  }
  llvm_unreachable("unknown level");
}

CpuOptions lrc::toCpuOptions(const KernelRequest &request) {
  CpuOptions options;
  options.threads = request.threads;
  options.batchHeads = request.batchHeads;
  options.schedule = request.schedule;
  options.chunk = request.chunk;
  options.lanes = request.lanes;
  options.segments = request.segments;
  options.steps = request.steps;
  return options;
}

static bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

Result<std::string> lrc::emitLevel(Specialized &specialized,
                                   const KernelRequest &request, Level level,
                                   const std::string &symbol) {
  if (!isIdentifier(symbol))
    return makeError("expected a C identifier as the name of the kernel, got "
                     "'" +
                     symbol + "'");
  if (level == Level::Header || level == Level::Object)
    if (Result<void> usable = checkHeaderNames(request, symbol); !usable)
      return usable.diagnostics();
  CpuOptions options = toCpuOptions(request);
  options.symbol = symbol;
  int64_t blocks = 1;
  Signature signature = signatureOf(specialized.recurrence);
  llvm::Expected<std::string> text =
      emitCpu(specialized.recurrence, options, toCpuLevel(level), blocks);
  if (!text)
    return toDiagnostics(text.takeError());
  if (level == Level::Header)
    return makeHeader(signature, request, symbol, blocks);
  return std::move(*text);
}
