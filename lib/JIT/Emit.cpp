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
  case Level::Nvvm:
  case Level::Ptx:
  case Level::Cubin:
    break;
  }
  llvm_unreachable("unknown level");
}

static std::optional<GpuLevel> toGpuLevel(Level level) {
  switch (level) {
  case Level::Dsf:
    return GpuLevel::Dsf;
  case Level::Tile:
    return GpuLevel::Tile;
  case Level::Nvvm:
    return GpuLevel::Nvvm;
  case Level::Llvm:
    return GpuLevel::Llvm;
  case Level::Ptx:
    return GpuLevel::Ptx;
  case Level::Cubin:
    return GpuLevel::Cubin;
  default:
    return std::nullopt;
  }
}

GpuOptions lrc::toGpuOptions(const KernelRequest &request) {
  GpuOptions options;
  options.schedule = dsf::symbolizeScheduleKind(spell(request.schedule));
  options.chunk = request.chunk;
  options.segments = request.segments;
  options.lanes = request.lanes;
  options.block = request.block;
  options.batchHeads = request.batchHeads;
  options.steps = request.steps;
  return options;
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

llvm::Expected<const GpuTarget *>
lrc::gpuTargetFor(const KernelRequest &request) {
  if (request.target != "cuda")
    return findGpuTarget(request.target);
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (device)
    if (const GpuTarget *own = findGpuTarget((*device)->getCapability()))
      return own;
  llvm::consumeError(device.takeError());
  constexpr const char *usual = "sm_90a";
  return findGpuTarget(usual);
}

llvm::Expected<GpuModel> lrc::modelFor(dsf::RecurrenceOp recurrence,
                                       const KernelRequest &request) {
  llvm::Expected<const GpuTarget *> target = gpuTargetFor(request);
  if (!target)
    return target.takeError();
  return modelFor(recurrence, toGpuOptions(request), **target);
}

static Result<std::string> emitGpuLevel(Specialized &specialized,
                                        const KernelRequest &request,
                                        Level level,
                                        const std::string &symbol) {
  std::optional<GpuLevel> gpuLevel = toGpuLevel(level);
  if (!gpuLevel)
    return makeError("expected dsf, tile, nvvm, llvm, ptx or cubin to be "
                     "written for a GPU");
  llvm::Expected<const GpuTarget *> target = gpuTargetFor(request);
  if (!target)
    return toDiagnostics(target.takeError());
  GpuOptions options = toGpuOptions(request);
  options.symbol = symbol;
  llvm::Expected<std::string> text =
      emitGpu(specialized.recurrence, options, **target, *gpuLevel);
  if (!text)
    return toDiagnostics(text.takeError());
  return std::move(*text);
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
  if (request.target != "cpu")
    return emitGpuLevel(specialized, request, level, symbol);
  if (toGpuLevel(level) && level > Level::Header)
    return makeError("expected a GPU to write this level for, such as "
                     "--target=sm_90a");
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
