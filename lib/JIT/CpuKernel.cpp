//===- CpuKernel.cpp - A recurrence compiled for the CPU ------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/CpuKernel.h"

#include "dialects/Tile/Tile.h"
#include "lib/JIT/HostCodegen.h"
#include "lib/JIT/RunItems.h"
#include "lib/JIT/SegmentKernel.h"
#include "lib/JIT/Stopwatch.h"
#include "lib/Pipeline/CpuPipeline.h"
#include "lib/Pipeline/RunPasses.h"
#include "lib/Schedule/GpuModel.h"
#include "lib/Transforms/Segments.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"

#include <unistd.h>

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

static int64_t findCacheBytes() {
  int64_t bytes = 0;
#ifdef _SC_LEVEL1_DCACHE_SIZE
  bytes = sysconf(_SC_LEVEL1_DCACHE_SIZE);
#endif
  constexpr int64_t usual = 48 * 1024;
  return (bytes > 0 ? bytes : usual) / 3 * 2;
}

static CpuPipelineOptions toPipelineOptions(const CpuOptions &options,
                                            bool maySegment) {
  return {options.threads,      options.batchHeads,
          findCacheBytes(),     spell(options.schedule),
          options.chunk,        options.lanes,
          options.segments,     options.steps,
          options.isStabilized, maySegment};
}

/// Sets the schedule of the module's recurrence.
static llvm::Expected<dsf::ScheduleAttr>
scheduleFor(ModuleOp module, const CpuOptions &options, bool maySegment) {
  if (llvm::Error error = runPasses(module, [&](OpPassManager &manager) {
        addSchedulePasses(manager, toPipelineOptions(options, maySegment));
      }))
    return std::move(error);
  return (*module.getOps<dsf::RecurrenceOp>().begin()).getScheduleAttr();
}

static llvm::Error lowerToTiles(ModuleOp module, const CpuOptions &options,
                                int64_t &blocks) {
  if (llvm::Error error = runPasses(module, [&](OpPassManager &manager) {
        addTilePasses(manager, toPipelineOptions(options, false));
      }))
    return error;
  blocks = (*module.getOps<tile::KernelOp>().begin()).getBlocks();
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

llvm::Expected<std::string> lrc::emitCpu(dsf::RecurrenceOp recurrence,
                                         const CpuOptions &options,
                                         CpuLevel level, int64_t &blocks) {
  OwningOpRef<ModuleOp> module = copyIntoModule(recurrence, options.symbol);
  if (level == CpuLevel::Dsf)
    return printModule(*module);
  llvm::Expected<dsf::ScheduleAttr> schedule =
      scheduleFor(*module, options, /*maySegment=*/false);
  if (!schedule)
    return schedule.takeError();
  if (hasSegments(schedule->getKind()))
    return refuseSegments(schedule->getKind());
  if (llvm::Error error = lowerToTiles(*module, options, blocks))
    return std::move(error);
  if (level == CpuLevel::Tile)
    return printModule(*module);
  if (llvm::Error error = runPasses(*module, [](OpPassManager &manager) {
        addVectorPasses(manager, findHostRegisters());
      }))
    return std::move(error);
  if (level == CpuLevel::Vector)
    return printModule(*module);
  if (llvm::Error error = runPasses(*module, addLlvmPasses))
    return std::move(error);
  llvm::Expected<HostModule> host = HostModule::translate(*module);
  if (!host)
    return host.takeError();
  host->optimize();
  if (level == CpuLevel::Llvm)
    return host->printIr();
  return host->generate(level == CpuLevel::Asm
                            ? llvm::CodeGenFileType::AssemblyFile
                            : llvm::CodeGenFileType::ObjectFile);
}

//===----------------------------------------------------------------------===//
// CpuKernel
//===----------------------------------------------------------------------===//

struct CpuKernel::Impl {
  /// Schedules with segments are made of several kernels.
  std::unique_ptr<SegmentKernel> segments;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  lrc_kernel function = nullptr;
  int64_t blocks = 1;
  double lowerTime = 0;
  ScheduleInfo schedule;
};

CpuKernel::CpuKernel(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
CpuKernel::~CpuKernel() = default;

int64_t CpuKernel::getBlocks() const { return impl->blocks; }

Schedule lrc::toSchedule(dsf::ScheduleKind kind) {
  switch (kind) {
  case dsf::ScheduleKind::Sequential:
    return Schedule::Sequential;
  case dsf::ScheduleKind::Chunked:
    return Schedule::Chunked;
  case dsf::ScheduleKind::Scan:
    return Schedule::Scan;
  case dsf::ScheduleKind::Split:
    return Schedule::Split;
  }
  llvm_unreachable("unknown schedule");
}

ScheduleInfo lrc::toInfo(dsf::ScheduleAttr schedule) {
  ScheduleInfo info;
  info.kind = toSchedule(schedule.getKind());
  info.chunk = schedule.getChunk();
  info.lanes = schedule.getLanes();
  info.segments = schedule.getSegments();
  if (dsf::BlockAttr block = schedule.getBlock())
    info.block = toMap(block);
  return info;
}

llvm::Expected<std::unique_ptr<CpuKernel>>
CpuKernel::compile(dsf::RecurrenceOp recurrence, const CpuOptions &options) {
  auto impl = std::make_unique<Impl>();
  Stopwatch watch;
  OwningOpRef<ModuleOp> module = copyIntoModule(recurrence, options.symbol);
  llvm::Expected<dsf::ScheduleAttr> schedule =
      scheduleFor(*module, options, /*maySegment=*/true);
  if (!schedule)
    return schedule.takeError();
  impl->schedule = toInfo(*schedule);
  if (hasSegments(schedule->getKind())) {
    auto copy = *module->getOps<dsf::RecurrenceOp>().begin();
    llvm::Expected<std::unique_ptr<SegmentKernel>> segments =
        SegmentKernel::compile(copy, options, *schedule);
    if (!segments)
      return segments.takeError();
    impl->segments = std::move(*segments);
    return std::unique_ptr<CpuKernel>(new CpuKernel(std::move(impl)));
  }
  if (llvm::Error error = lowerToTiles(*module, options, impl->blocks))
    return std::move(error);
  if (llvm::Error error = runPasses(*module, [](OpPassManager &manager) {
        addVectorPasses(manager, findHostRegisters());
        addLlvmPasses(manager);
      }))
    return std::move(error);
  llvm::Expected<HostModule> host = HostModule::translate(*module);
  if (!host)
    return host.takeError();
  impl->lowerTime = watch.milliseconds();
  host->optimize();
  llvm::Expected<std::unique_ptr<llvm::orc::LLJIT>> jit =
      std::move(*host).load();
  if (!jit)
    return jit.takeError();
  impl->jit = std::move(*jit);
  auto address = impl->jit->lookup(options.symbol);
  if (!address)
    return address.takeError();
  impl->function = address->toPtr<lrc_kernel>();
  return std::unique_ptr<CpuKernel>(new CpuKernel(std::move(impl)));
}

double CpuKernel::getLowerTime() const { return impl->lowerTime; }

const ScheduleInfo &CpuKernel::getSchedule() const { return impl->schedule; }

int32_t CpuKernel::run(const lrc_call &call) const {
  if (impl->segments)
    return impl->segments->run(call);
  return runItems(impl->function, call, call.batch * call.heads * impl->blocks);
}
