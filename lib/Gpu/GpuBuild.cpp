//===- GpuBuild.cpp - Code of recurrences for GPUs ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/GpuBuild.h"

#include "lib/Gpu/CubinCache.h"
#include "lib/Gpu/PtxModule.h"
#include "lib/Pipeline/CpuPipeline.h"
#include "lib/Pipeline/GpuPipeline.h"
#include "lib/Pipeline/RunPasses.h"
#include "lib/Transforms/Passes.h"
#include "lib/Transforms/Segments.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

#include <chrono>
#include <deque>

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

dsf::RecurrenceOp lrc::recurrenceOf(ModuleOp module) {
  return *module.getOps<dsf::RecurrenceOp>().begin();
}

GpuRequest lrc::toRequest(const GpuOptions &options) {
  GpuRequest request;
  request.kind = options.schedule;
  request.chunk = options.chunk;
  request.lanes = options.lanes;
  request.segments = options.segments;
  request.block = options.block;
  request.batchHeads = options.batchHeads;
  request.steps = options.steps;
  return request;
}

llvm::Error lrc::stabilize(ModuleOp module) {
  return runPasses(module, [](OpPassManager &manager) {
    manager.addNestedPass<dsf::RecurrenceOp>(createDsfStabilize());
  });
}

static GpuShape shapeFor(dsf::BlockAttr block, const GpuOptions &options,
                         const GpuTarget &target) {
  constexpr int64_t many = 64;
  GpuShape shape;
  shape.sharedBytes = target.blockSharedBytes;
  shape.threads = block.getThreads();
  shape.preparers = block.getPreparers();
  shape.resident = block.getResident();
  shape.prefetching = Prefetching(block.getStages());
  shape.twoForms = block.getForms() == 2;
  shape.tensorCores = block.getCores() != 0;
  shape.manySteps = options.steps == 0 || options.steps >= many;
  return shape;
}

tile::KernelOp lrc::kernelOf(ModuleOp module) {
  return *module.getOps<tile::KernelOp>().begin();
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

static llvm::Expected<Lowered> lower(dsf::RecurrenceOp recurrence,
                                     const GpuOptions &options,
                                     const GpuTarget &target,
                                     dsf::ScheduleAttr schedule) {
  if (hasSegments(schedule.getKind()))
    return refuseSegments(schedule.getKind());
  Lowered result;
  result.module = copyIntoModule(recurrence, options.symbol);
  result.schedule = schedule;
  recurrenceOf(*result.module).setScheduleAttr(schedule);
  if (llvm::Error error = runPasses(*result.module, addGpuTilePasses))
    return std::move(error);
  result.tiles = cast<ModuleOp>((*result.module)->clone());
  result.shape = shapeFor(schedule.getBlock(), options, target);
  result.shape.halfTensors = hasHalfTensors(recurrence);
  if (llvm::Error error =
          runPasses(*result.module, [&](OpPassManager &manager) {
            addGpuPasses(manager, result.shape);
          }))
    return std::move(error);
  return std::move(result);
}

LLVM::LLVMFuncOp lrc::functionOf(const Lowered &lowered, StringRef symbol) {
  return cast<LLVM::LLVMFuncOp>(ModuleOp(*lowered.module).lookupSymbol(symbol));
}

/// Whether a kernel has the preparers that it was to have.
static bool hasTeams(const Lowered &lowered, const GpuOptions &options) {
  return functionOf(lowered, options.symbol)->hasAttr("lrc.teams");
}

/// Whether registers and shared memory leave room for another block.
static bool sharesMultiprocessor(const Lowered &lowered,
                                 const GpuOptions &options) {
  return functionOf(lowered, options.symbol)
      ->hasAttr(NVVM::NVVMDialect::getMinctasmAttrName());
}

namespace {
/// The kernels of a recurrence that can be lowered, the best under the model
/// first.
class Candidates {
public:
  /// Of a stabilised recurrence.
  Candidates(dsf::RecurrenceOp recurrence, const GpuOptions &options,
             const GpuTarget &target)
      : recurrence(recurrence), options(options), target(target),
        request(toRequest(options)) {}
  ~Candidates() { llvm::consumeError(std::move(last)); }

  /// Nothing after the last one.
  std::optional<Lowered> next();
  /// Why there was none.
  llvm::Error takeError();

private:
  bool askModel();
  bool isAsPlanned(const Lowered &lowered);
  void keep(llvm::Error error) {
    llvm::consumeError(std::move(last));
    last = std::move(error);
  }

  dsf::RecurrenceOp recurrence;
  const GpuOptions &options;
  const GpuTarget &target;
  GpuRequest request;
  bool isAsked = false;
  std::deque<dsf::ScheduleAttr> queue;
  llvm::SmallVector<dsf::ScheduleAttr> tried;
  llvm::Error last = llvm::Error::success();
};
} // namespace

/// Fills the queue with what has not been tried.
bool Candidates::askModel() {
  constexpr unsigned count = 32;
  isAsked = true;
  queue.clear();
  llvm::Expected<GpuModel> model =
      GpuModel::create(recurrence, request, target);
  if (!model) {
    keep(model.takeError());
    return false;
  }
  auto best = model->findBest(count);
  if (!best) {
    keep(best.takeError());
    return false;
  }
  for (const GpuChoice &choice : *best)
    if (!llvm::is_contained(tried, choice.schedule))
      queue.push_back(choice.schedule);
  return true;
}

/// Whether a kernel has become what its block says.
bool Candidates::isAsPlanned(const Lowered &lowered) {
  dsf::BlockAttr block = lowered.schedule.getBlock();
  if (block.getPreparers() > 0 && !hasTeams(lowered, options)) {
    request.hasTeams = false;
    isAsked = false;
    return false;
  }
  return block.getResident() == 1 || sharesMultiprocessor(lowered, options);
}

llvm::Error Candidates::takeError() {
  if (last)
    return std::move(last);
  return llvm::createStringError(
      "no kernel has a block as it is asked for: its "
      "preparers would have nothing to do, or so "
      "many blocks are not resident at once");
}

std::optional<Lowered> Candidates::next() {
  while (true) {
    if (!isAsked && !askModel())
      return std::nullopt;
    if (queue.empty()) {
      // Without tensor cores everything fits: what does not goes to scratch.
      if (!request.block.try_emplace("cores", 0).second)
        return std::nullopt;
      isAsked = false;
      continue;
    }
    dsf::ScheduleAttr schedule = queue.front();
    queue.pop_front();
    tried.push_back(schedule);
    llvm::Expected<Lowered> lowered =
        lower(recurrence, options, target, schedule);
    if (!lowered)
      keep(lowered.takeError());
    else if (isAsPlanned(*lowered))
      return std::move(*lowered);
  }
}

static llvm::Expected<Built> generate(Lowered lowered,
                                      const GpuTarget &target) {
  llvm::Expected<PtxModule> code =
      PtxModule::translate(*lowered.module, target);
  if (!code)
    return code.takeError();
  Built built;
  built.lowered = std::move(lowered);
  code->optimize();
  llvm::Expected<std::string> ptx = code->printPtx();
  if (!ptx)
    return ptx.takeError();
  built.ptx = std::move(*ptx);
  if (!findPtxas())
    return std::move(built);
  llvm::Expected<Assembled> assembled = assembleOnce(built.ptx, target);
  if (!assembled)
    return assembled.takeError();
  built.assembled = std::move(*assembled);
  return std::move(built);
}

/// A stabilised copy, in the module that is returned.
static llvm::Expected<OwningOpRef<ModuleOp>>
prepare(dsf::RecurrenceOp recurrence, const GpuOptions &options) {
  OwningOpRef<ModuleOp> module = copyIntoModule(recurrence, options.symbol);
  if (!options.isStabilized)
    if (llvm::Error error = stabilize(*module))
      return std::move(error);
  return std::move(module);
}

llvm::Expected<GpuModel> lrc::modelFor(dsf::RecurrenceOp recurrence,
                                       const GpuOptions &options,
                                       const GpuTarget &target) {
  llvm::Expected<OwningOpRef<ModuleOp>> module = prepare(recurrence, options);
  if (!module)
    return module.takeError();
  GpuRequest request = toRequest(options);
  request.maySegment = options.maySegment;
  return GpuModel::create(recurrenceOf(**module), request, target);
}

/// Builds candidates until one has registers enough: a kernel that spills them
/// has failed, unless all that were tried do.
llvm::Expected<Built> lrc::build(dsf::RecurrenceOp recurrence,
                                 const GpuOptions &options,
                                 const GpuTarget &target) {
  // A few words cost nothing that could be measured.
  constexpr int64_t toleratedBytes = 32;
  constexpr int mostTries = 5;
  auto start = std::chrono::steady_clock::now();
  llvm::Expected<OwningOpRef<ModuleOp>> module = prepare(recurrence, options);
  if (!module)
    return module.takeError();
  Candidates candidates(recurrenceOf(**module), options, target);
  std::optional<Built> best;
  for (int tries = 0; tries < mostTries; ++tries) {
    std::optional<Lowered> lowered = candidates.next();
    if (!lowered)
      break;
    double lowerTime = std::chrono::duration<double, std::milli>(
                           std::chrono::steady_clock::now() - start)
                           .count();
    llvm::Expected<Built> built = generate(std::move(*lowered), target);
    if (!built)
      return built.takeError();
    built->lowerTime = lowerTime;
    bool isBest =
        !best || (built->assembled &&
                  built->assembled->spillBytes < best->assembled->spillBytes);
    if (isBest)
      best = std::move(*built);
    if (!best->assembled || best->assembled->spillBytes <= toleratedBytes)
      break;
  }
  if (!best)
    return candidates.takeError();
  return std::move(*best);
}

llvm::Expected<std::string> lrc::emitGpu(dsf::RecurrenceOp recurrence,
                                         const GpuOptions &options,
                                         const GpuTarget &target,
                                         GpuLevel level) {
  if (options.schedule && hasSegments(*options.schedule))
    return refuseSegments(*options.schedule);
  if (level == GpuLevel::Dsf)
    return printModule(*copyIntoModule(recurrence, options.symbol));
  if (level == GpuLevel::Ptx || level == GpuLevel::Cubin) {
    llvm::Expected<Built> built = build(recurrence, options, target);
    if (!built)
      return built.takeError();
    if (level == GpuLevel::Ptx)
      return std::move(built->ptx);
    // Says why there is no ptxas.
    if (!built->assembled)
      return assemble(built->ptx, target).takeError();
    return std::move(built->assembled->cubin);
  }
  llvm::Expected<OwningOpRef<ModuleOp>> module = prepare(recurrence, options);
  if (!module)
    return module.takeError();
  Candidates candidates(recurrenceOf(**module), options, target);
  std::optional<Lowered> lowered = candidates.next();
  if (!lowered)
    return candidates.takeError();
  if (level == GpuLevel::Tile)
    return printModule(*lowered->tiles);
  if (level == GpuLevel::Nvvm)
    return printModule(*lowered->module);
  llvm::Expected<PtxModule> code =
      PtxModule::translate(*lowered->module, target);
  if (!code)
    return code.takeError();
  code->optimize();
  return code->printIr();
}
