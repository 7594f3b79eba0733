//===- GpuKernel.cpp - Compile and launch recurrences on a GPU ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/GpuKernel.h"

#include "dialects/Tile/Tile.h"
#include "lib/Gpu/CubinCache.h"
#include "lib/Gpu/GpuScan.h"
#include "lib/Gpu/PtxModule.h"
#include "lib/Gpu/StreamMemory.h"
#include "lib/Gpu/Toolkit.h"
#include "lib/Pipeline/CpuPipeline.h"
#include "lib/Pipeline/GpuPipeline.h"
#include "lib/Pipeline/RunPasses.h"
#include "lib/Schedule/GpuSchedule.h"
#include "lib/Schedule/Schedule.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <chrono>

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

static dsf::RecurrenceOp recurrenceOf(ModuleOp module) {
  return *module.getOps<dsf::RecurrenceOp>().begin();
}

static GpuScheduleRequest toRequest(const GpuOptions &options,
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

static llvm::Error stabilize(ModuleOp module) {
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

static tile::KernelOp kernelOf(ModuleOp module) {
  return *module.getOps<tile::KernelOp>().begin();
}

/// A warp of carriers for each 16 lanes, and as many preparers as leave
/// carriers enough registers.
static void formTeams(GpuShape &shape, int64_t lanes, int64_t preparers) {
  constexpr int64_t warpThreads = 32;
  constexpr int64_t warpLanes = 16;
  if (!shape.tensorCores || lanes % warpLanes != 0)
    return;
  shape.threads = lanes / warpLanes * warpThreads;
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

/// A recurrence as tiles, and what becomes of them.
struct Lowered {
  OwningOpRef<ModuleOp> module;
  OwningOpRef<ModuleOp> tiles;
  GpuShape shape;
  dsf::ScheduleAttr schedule;
};

/// Code of a kernel, assembled where there is a ptxas.
struct Built {
  Lowered lowered;
  std::string ptx;
  std::optional<Assembled> assembled;
  double lowerTime = 0;
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

static LLVM::LLVMFuncOp functionOf(const Lowered &lowered, StringRef symbol) {
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
static llvm::Expected<Built> build(dsf::RecurrenceOp recurrence,
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

static int64_t elementBytes(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * elementBytes(complex.getElementType());
  return element.getIntOrFloatBitWidth() / 8;
}

static llvm::Expected<const GpuTarget *> targetOf(const CudaDevice &device) {
  const GpuTarget *target = findGpuTarget(device.getCapability());
  if (!target)
    return llvm::createStringError(
        device.getName() + " has compute capability " +
        llvm::Twine(device.getCapability() / 10) + "." +
        llvm::Twine(device.getCapability() % 10) +
        ", for which there is no target");
  return target;
}

/// Several kernels that run segments of time in parallel.
llvm::Expected<std::unique_ptr<GpuKernel>>
GpuKernel::compileScan(dsf::RecurrenceOp recurrence, const GpuOptions &options,
                       const GpuTarget &target, int64_t segments) {
  OwningOpRef<ModuleOp> module = copyIntoModule(recurrence, options.symbol);
  if (llvm::Error error = stabilize(*module))
    return std::move(error);
  std::string reason = whyNot(dsf::ScheduleKind::Scan, recurrenceOf(*module));
  if (!reason.empty())
    return llvm::createStringError("schedule scan does not apply: " + reason);
  llvm::Expected<std::unique_ptr<GpuScan>> scan =
      GpuScan::compile(recurrenceOf(*module), options, segments);
  if (!scan)
    return scan.takeError();
  std::unique_ptr<GpuKernel> kernel(new GpuKernel);
  kernel->scan = std::move(*scan);
  kernel->schedule = {dsf::ScheduleKind::Scan, 1, 0, segments};
  for (const ScanPlan::Slot &slot : kernel->scan->getPlan().getSlots()) {
    int64_t row = slot.elements * slot.elementBytes;
    kernel->rows.push_back({slot.name, tile::Role(int(slot.role)),
                            slot.elementBytes, slot.elements,
                            std::min<int64_t>(16, row & -row)});
  }
  return std::move(kernel);
}

llvm::Expected<std::unique_ptr<GpuKernel>>
GpuKernel::compile(dsf::RecurrenceOp recurrence, const GpuOptions &options) {
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (!device)
    return device.takeError();
  llvm::Expected<const GpuTarget *> target = targetOf(**device);
  if (!target)
    return target.takeError();
  if (options.mayScan) {
    int64_t segments = chooseSegments(recurrence, toRequest(options, **target));
    if (segments > 1) {
      llvm::Expected<std::unique_ptr<GpuKernel>> scan =
          compileScan(recurrence, options, **target, segments);
      if (scan) {
        (*scan)->device = *device;
        return scan;
      }
      // Where the choice was free, there are others.
      if (options.schedule)
        return scan.takeError();
      llvm::consumeError(scan.takeError());
    }
  }
  llvm::Expected<Built> built = build(recurrence, options, **target);
  if (!built)
    return built.takeError();
  std::unique_ptr<GpuKernel> kernel(new GpuKernel);
  kernel->device = *device;
  kernel->lowerTime = built->lowerTime;
  kernel->schedule = {built->lowered.schedule.getKind(),
                      built->lowered.schedule.getChunk(),
                      built->lowered.schedule.getLanes()};
  tile::KernelOp tiles = kernelOf(*built->lowered.tiles);
  kernel->blocks = tiles.getBlocks();
  for (BlockArgument argument : tiles.getBody().getArguments()) {
    auto type = cast<tile::RefType>(argument.getType());
    int64_t bytes = elementBytes(type.getElementType());
    int64_t row =
        type.getShape().empty() ? bytes : bytes * type.getShape().back();
    kernel->rows.push_back({tiles.getName(argument.getArgNumber()).str(),
                            tiles.getRole(argument.getArgNumber()), bytes,
                            ShapedType::getNumElements(type.getShape()),
                            std::min<int64_t>(16, row & -row)});
  }
  LLVM::LLVMFuncOp function = functionOf(built->lowered, options.symbol);
  auto bytesOf = [&](StringRef name) {
    return function->getAttrOfType<IntegerAttr>(name).getInt();
  };
  kernel->layout = {bytesOf("lrc.threads"), bytesOf("lrc.shared_bytes"),
                    bytesOf("lrc.scratch_bytes"), true};
  // Without ptxas the driver assembles.
  llvm::Expected<CudaModule> loaded =
      (*device)->load(built->assembled ? built->assembled->cubin : built->ptx);
  if (!loaded)
    return loaded.takeError();
  kernel->module = *loaded;
  llvm::Expected<CudaFunction> entry = (*device)->find(*loaded, options.symbol);
  if (!entry)
    return entry.takeError();
  kernel->function = *entry;
  if (llvm::Error error = (*device)->setSharedBytes(kernel->function,
                                                    kernel->layout.sharedBytes))
    return std::move(error);
  return std::move(kernel);
}

GpuKernel::GpuKernel() = default;

GpuKernel::~GpuKernel() {
  if (module)
    device->unload(module);
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

llvm::Error GpuKernel::checkAlignment(const lrc_call &call) const {
  for (auto [index, row] : llvm::enumerate(rows)) {
    const lrc_tensor &tensor = call.tensors[index];
    uint64_t bits = reinterpret_cast<uintptr_t>(tensor.data);
    for (int64_t stride :
         {tensor.stride_batch, tensor.stride_time, tensor.stride_head})
      bits |= uint64_t(stride * row.elementBytes);
    if (bits % row.alignment != 0)
      return llvm::createStringError(
          row.name +
          ": expected a tensor on the GPU whose address and strides "
          "are multiples of " +
          llvm::Twine(row.alignment) + " bytes");
  }
  return llvm::Error::success();
}

/// From the first to behind the last element of a tensor.
int64_t GpuKernel::countBytes(const lrc_call &call, unsigned index) const {
  const TensorRow &row = rows[index];
  const lrc_tensor &tensor = call.tensors[index];
  bool hasTime =
      row.role == tile::Role::Input || row.role == tile::Role::Output;
  bool packed = call.segments && hasTime;
  int64_t batch = packed ? 1 : call.batch;
  int64_t steps = packed ? call.segments[call.batch] : call.steps;
  if (batch <= 0 || (hasTime && steps <= 0) || tensor.slices <= 0)
    return 0;
  int64_t last = (batch - 1) * tensor.stride_batch +
                 (tensor.slices - 1) * tensor.stride_head;
  if (hasTime)
    last += (steps - 1) * tensor.stride_time;
  return (last + row.elements) * row.elementBytes;
}

llvm::Error GpuKernel::runOnHost(const lrc_call &call) const {
  llvm::Expected<CudaDevice *> entered = CudaDevice::get();
  if (!entered)
    return entered.takeError();
  CudaStream stream = nullptr;
  StreamMemory memory(*device, stream);
  std::vector<lrc_tensor> tensors(call.tensors, call.tensors + rows.size());
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    if (!tensor.data)
      continue;
    int64_t bytes = countBytes(call, index);
    llvm::Expected<DevicePointer> place = memory.allocate(bytes);
    if (!place)
      return place.takeError();
    // Results too: what is between their rows must come back as it was.
    if (llvm::Error error = device->copyIn(*place, tensor.data, bytes, stream))
      return error;
    tensor.data = reinterpret_cast<void *>(*place);
  }
  lrc_call copy = call;
  copy.tensors = tensors.data();
  if (llvm::Error error = launch(copy, stream))
    return error;
  for (auto [index, tensor] : llvm::enumerate(tensors)) {
    bool isResult = rows[index].role == tile::Role::Output ||
                    rows[index].role == tile::Role::Final;
    if (!tensor.data || !isResult)
      continue;
    if (llvm::Error error =
            device->copyOut(call.tensors[index].data,
                            reinterpret_cast<DevicePointer>(tensor.data),
                            countBytes(call, index), stream))
      return error;
  }
  return device->synchronize(stream);
}

llvm::Error GpuKernel::launch(const lrc_call &call, CudaStream stream) const {
  if (scan)
    return scan->launch(call, stream);
  StreamMemory memory(*device, stream);
  return launch(call, stream, memory);
}

llvm::Error GpuKernel::launch(const lrc_call &call, CudaStream stream,
                              StreamMemory &memory) const {
  int64_t items = call.batch * call.heads * blocks;
  if (items <= 0)
    return llvm::Error::success();
  if (items > INT32_MAX)
    return llvm::createStringError(
        "expected fewer sequences and heads: a launch has at most 2^31 - 1 "
        "blocks");
  llvm::Expected<CudaDevice *> entered = CudaDevice::get();
  if (!entered)
    return entered.takeError();
  if (llvm::Error error = checkAlignment(call))
    return error;
  llvm::Expected<const int64_t *> segments =
      memory.upload(call.segments, call.batch + 1);
  if (!segments)
    return segments.takeError();
  llvm::Expected<const int64_t *> origins =
      memory.upload(call.origins, call.batch);
  if (!origins)
    return origins.takeError();
  DevicePointer scratch = 0;
  if (layout.scratchBytes > 0) {
    llvm::Expected<DevicePointer> area =
        memory.allocate(layout.scratchBytes * items);
    if (!area)
      return area.takeError();
    scratch = *area;
  }
  // The call, and the tensors behind it.
  std::vector<char> parameter(sizeof(lrc_call) +
                              rows.size() * sizeof(lrc_tensor));
  lrc_call copy = call;
  copy.segments = *segments;
  copy.origins = *origins;
  copy.tensors = nullptr;
  std::memcpy(parameter.data(), &copy, sizeof(copy));
  std::memcpy(parameter.data() + sizeof(copy), call.tensors,
              rows.size() * sizeof(lrc_tensor));
  void *parameters[] = {parameter.data(), &scratch};
  return device->launch(function, items, layout.threads, layout.sharedBytes,
                        stream, parameters);
}
