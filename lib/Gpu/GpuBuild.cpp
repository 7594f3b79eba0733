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

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <chrono>

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Candidates
//===----------------------------------------------------------------------===//

dsf::RecurrenceOp lrc::recurrenceOf(ModuleOp module) {
  return *module.getOps<dsf::RecurrenceOp>().begin();
}

GpuScheduleRequest lrc::toRequest(const GpuOptions &options,
                                  const GpuTarget &target) {
  GpuScheduleRequest request;
  request.kind = options.schedule;
  request.chunk = options.chunk;
  request.batchHeads = options.batchHeads;
  request.steps = options.steps;
  request.segments = options.segments;
  request.multiprocessors = target.multiprocessors;
  return request;
}

llvm::Error lrc::stabilize(ModuleOp module) {
  return runPasses(module, [](OpPassManager &manager) {
    manager.addNestedPass<dsf::RecurrenceOp>(createDsfStabilize());
  });
}

static llvm::Error lowerToTiles(ModuleOp module,
                                const GpuScheduleRequest &request,
                                bool isStabilized,
                                dsf::ScheduleAttr &schedule) {
  if (!isStabilized)
    if (llvm::Error error = stabilize(module))
      return error;
  if (llvm::Error error = chooseGpuSchedule(recurrenceOf(module), request))
    return error;
  schedule = recurrenceOf(module).getScheduleAttr();
  return runPasses(module, addGpuTilePasses);
}

/// Whether a tensor has 16 bits for a number: products then have no more digits
/// to lose than a tensor core keeps.
static bool hasHalfTensors(tile::KernelOp kernel) {
  return llvm::any_of(kernel.getBody().getArgumentTypes(), [](Type type) {
    Type element = cast<tile::RefType>(type).getElementType();
    return element.isBF16() || element.isF16();
  });
}

/// Elements of the matrices that a block carries through chunks of steps; 0
/// where it goes step by step.
static int64_t countChunkStates(tile::KernelOp kernel) {
  auto loops = kernel.getBody().getOps<scf::ForOp>();
  if (loops.empty() || std::next(loops.begin()) == loops.end())
    return 0;
  int64_t elements = 0;
  for (Value state : (*loops.begin()).getRegionIterArgs())
    if (auto type = cast<RankedTensorType>(state.getType()); type.getRank() > 1)
      elements += type.getNumElements();
  return elements;
}

static GpuShape shapeFor(tile::KernelOp kernel, const GpuTarget &target) {
  GpuShape shape;
  shape.sharedBytes = target.blockSharedBytes;
  shape.tensorCores = hasHalfTensors(kernel);
  // With little for each warp to do, fewer wait for each other.
  constexpr int64_t fewElements = 64 * 64;
  constexpr int64_t fewThreads = 128;
  int64_t elements = countChunkStates(kernel);
  if (shape.tensorCores && elements > 0 && elements <= fewElements)
    shape.threads = fewThreads;
  return shape;
}

tile::KernelOp lrc::kernelOf(ModuleOp module) {
  return *module.getOps<tile::KernelOp>().begin();
}

/// A warp of carriers for each 16 lanes, and as many preparers as leave
/// carriers enough registers.
static void formTeams(GpuShape &shape, int64_t lanes, int64_t preparers) {
  if (!shape.tensorCores || lanes <= 0 || lanes % carrierLanes != 0)
    return;
  shape.threads = lanes / carrierLanes * warpThreads;
  shape.preparers = preparers;
}

namespace {
/// One way to lower a recurrence.
struct Candidate {
  GpuScheduleRequest request;
  bool tensorCores = true;
  Prefetching prefetching = Prefetching::TwoPlaces;
  int64_t resident = 2;
  bool twoForms = false;
  int64_t preparers = 0;
  /// Whether few preparers may have much to do: more had no registers.
  bool anyLoad = false;

  bool hasTeams() const { return request.hasTeams; }
};
} // namespace

/// As many as leave carriers enough registers; more where they have much to do.
constexpr int64_t fewPreparers = 128;
constexpr int64_t manyPreparers = 256;

/// The fastest first, if it fits and its registers do.
static std::vector<Candidate> candidatesFor(const GpuOptions &options,
                                            const GpuTarget &target) {
  std::vector<Candidate> candidates;
  for (const GpuScheduleRequest &request :
       teamRequests(toRequest(options, target)))
    for (int64_t resident : {2, 1})
      for (auto [preparers, anyLoad] :
           {std::pair(fewPreparers, false), std::pair(manyPreparers, false),
            std::pair(fewPreparers, true)})
        candidates.push_back({request, true, Prefetching::TwoPlaces, resident,
                              /*twoForms=*/false, preparers, anyLoad});
  for (const GpuScheduleRequest &request :
       fittingRequests(toRequest(options, target))) {
    for (int64_t resident : {2, 1}) {
      candidates.push_back(
          {request, true, Prefetching::TwoPlaces, resident, true});
      for (Prefetching prefetching :
           {Prefetching::TwoPlaces, Prefetching::OnePlace})
        candidates.push_back({request, true, prefetching, resident});
    }
    for (int64_t resident : {2, 1})
      candidates.push_back({request, true, Prefetching::None, resident});
    // Without tensor cores everything fits: what does not goes to scratch.
    if (request.isLast)
      for (int64_t resident : {2, 1})
        candidates.push_back({request, false, Prefetching::None, resident});
  }
  return candidates;
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

static llvm::Expected<Lowered> lower(dsf::RecurrenceOp recurrence,
                                     const GpuOptions &options,
                                     const GpuTarget &target,
                                     const Candidate &candidate) {
  Lowered result;
  result.module = copyIntoModule(recurrence, options.symbol);
  if (llvm::Error error = lowerToTiles(*result.module, candidate.request,
                                       options.isStabilized, result.schedule))
    return std::move(error);
  result.tiles = cast<ModuleOp>((*result.module)->clone());
  result.shape = shapeFor(kernelOf(*result.module), target);
  result.shape.tensorCores &= candidate.tensorCores;
  if (result.shape.tensorCores)
    result.shape.prefetching = candidate.prefetching;
  result.shape.twoForms = candidate.twoForms;
  if (candidate.hasTeams())
    formTeams(result.shape, result.schedule.getLanes(), candidate.preparers);
  // Where there are too few blocks, each has a multiprocessor to itself.
  int64_t blocks = options.batchHeads * kernelOf(*result.module).getBlocks();
  result.shape.resident =
      blocks > target.multiprocessors ? candidate.resident : 1;
  constexpr int64_t many = 64;
  result.shape.manySteps = options.steps == 0 || options.steps >= many;
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

static PreparerLoad preparerLoadOf(const Lowered &lowered,
                                   const GpuOptions &options) {
  return PreparerLoad(functionOf(lowered, options.symbol)
                          ->getAttrOfType<IntegerAttr>("lrc.preparer_load")
                          .getInt());
}

namespace {
/// Which candidates with teams are worth a try, from those that were lowered.
class TeamFilter {
public:
  explicit TeamFilter(const GpuOptions &options) : options(options) {}

  bool skips(const Candidate &candidate) const {
    bool isForHeavy = candidate.anyLoad || candidate.preparers == manyPreparers;
    return candidate.hasTeams() && (!teamsApply || (isForHeavy && !isHeavy));
  }
  /// Whether its teams suit the kernel.
  bool suits(const Candidate &candidate, const Lowered &lowered) {
    if (!candidate.hasTeams())
      return true;
    PreparerLoad load = preparerLoadOf(lowered, options);
    teamsApply = load != PreparerLoad::None;
    isHeavy |= load == PreparerLoad::Heavy;
    return teamsApply && (load == PreparerLoad::Light || candidate.anyLoad ||
                          candidate.preparers == manyPreparers);
  }

private:
  const GpuOptions &options;
  bool teamsApply = true;
  bool isHeavy = false;
};
} // namespace

/// The first candidate that fits.
static llvm::Expected<Lowered> lowerFitting(dsf::RecurrenceOp recurrence,
                                            const GpuOptions &options,
                                            const GpuTarget &target) {
  llvm::Error last = llvm::Error::success();
  TeamFilter teams(options);
  for (const Candidate &candidate : candidatesFor(options, target)) {
    if (teams.skips(candidate))
      continue;
    llvm::consumeError(std::move(last));
    llvm::Expected<Lowered> lowered =
        lower(recurrence, options, target, candidate);
    if (lowered && teams.suits(candidate, *lowered))
      return lowered;
    last = lowered ? llvm::Error::success() : lowered.takeError();
  }
  return std::move(last);
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

/// Whether registers and shared memory leave room for another block.
static bool sharesMultiprocessor(const Lowered &lowered,
                                 const GpuOptions &options) {
  return functionOf(lowered, options.symbol)
      ->hasAttr(NVVM::NVVMDialect::getMinctasmAttrName());
}

/// Builds candidates until one has registers enough: a kernel that spills them
/// has failed, unless all that were tried do.
llvm::Expected<Built> lrc::build(dsf::RecurrenceOp recurrence,
                                 const GpuOptions &options,
                                 const GpuTarget &target) {
  // A few words cost nothing that could be measured.
  constexpr int64_t toleratedBytes = 32;
  constexpr int mostTries = 4;
  constexpr int mostTeamTries = 2;
  auto start = std::chrono::steady_clock::now();
  std::optional<Built> best;
  llvm::Error last = llvm::Error::success();
  int tries = 0, teamTries = 0;
  bool prefetchingMatters = true;
  TeamFilter teams(options);
  for (const Candidate &candidate : candidatesFor(options, target)) {
    if ((candidate.prefetching == Prefetching::OnePlace &&
         !prefetchingMatters) ||
        teams.skips(candidate) ||
        (candidate.hasTeams() && teamTries == mostTeamTries))
      continue;
    llvm::Expected<Lowered> lowered =
        lower(recurrence, options, target, candidate);
    if (!lowered) {
      llvm::consumeError(std::move(last));
      last = lowered.takeError();
      continue;
    }
    if (!teams.suits(candidate, *lowered))
      continue;
    // One that is alone on its multiprocessor comes later.
    if (candidate.resident > 1 && !sharesMultiprocessor(*lowered, options))
      continue;
    prefetchingMatters = lowered->shape.tensorCores;
    double lowerTime = std::chrono::duration<double, std::milli>(
                           std::chrono::steady_clock::now() - start)
                           .count();
    llvm::Expected<Built> built = generate(std::move(*lowered), target);
    if (!built) {
      llvm::consumeError(std::move(last));
      return built.takeError();
    }
    built->lowerTime = lowerTime;
    bool isBest =
        !best || (built->assembled &&
                  built->assembled->spillBytes < best->assembled->spillBytes);
    if (isBest)
      best = std::move(*built);
    if (!best->assembled || best->assembled->spillBytes <= toleratedBytes)
      break;
    // All of one kind may want more registers than those of the other.
    if (++(candidate.hasTeams() ? teamTries : tries) == mostTries)
      break;
  }
  if (!best)
    return std::move(last);
  llvm::consumeError(std::move(last));
  return std::move(*best);
}

llvm::Expected<std::string> lrc::emitGpu(dsf::RecurrenceOp recurrence,
                                         const GpuOptions &options,
                                         const GpuTarget &target,
                                         GpuLevel level) {
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
  llvm::Expected<Lowered> lowered = lowerFitting(recurrence, options, target);
  if (!lowered)
    return lowered.takeError();
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
