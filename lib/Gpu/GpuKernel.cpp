//===- GpuKernel.cpp - Compile and launch recurrences on a GPU ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/GpuKernel.h"

#include "dialects/Tile/Tile.h"
#include "lib/Gpu/PtxModule.h"
#include "lib/Gpu/Toolkit.h"
#include "lib/Pipeline/CpuPipeline.h"
#include "lib/Pipeline/GpuPipeline.h"
#include "lib/Pipeline/RunPasses.h"
#include "lib/Schedule/GpuSchedule.h"
#include "lib/Transforms/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

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
  request.multiprocessors = target.multiprocessors;
  return request;
}

static llvm::Error lowerToTiles(ModuleOp module,
                                const GpuScheduleRequest &request) {
  if (llvm::Error error = runPasses(module, [](OpPassManager &manager) {
        manager.addNestedPass<dsf::RecurrenceOp>(createDsfStabilize());
      }))
    return error;
  if (llvm::Error error = chooseGpuSchedule(recurrenceOf(module), request))
    return error;
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

static GpuShape shapeFor(tile::KernelOp kernel, const GpuTarget &target) {
  GpuShape shape;
  shape.sharedBytes = target.blockSharedBytes;
  shape.tensorCores = hasHalfTensors(kernel);
  return shape;
}

static tile::KernelOp kernelOf(ModuleOp module) {
  return *module.getOps<tile::KernelOp>().begin();
}

namespace {
/// A recurrence as tiles, and what becomes of them.
struct Lowered {
  OwningOpRef<ModuleOp> module;
  OwningOpRef<ModuleOp> tiles;
  GpuShape shape;
};
} // namespace

/// Lowers with the widest blocks and longest chunks that fit.
static llvm::Expected<Lowered> lower(dsf::RecurrenceOp recurrence,
                                     const GpuOptions &options,
                                     const GpuTarget &target) {
  llvm::Error last = llvm::Error::success();
  for (GpuScheduleRequest &request : fittingRequests(toRequest(options, target)))
    for (auto [tensorCores, prefetches] :
         {std::pair(true, true), std::pair(true, false),
          std::pair(false, false)}) {
      llvm::consumeError(std::move(last));
      Lowered result;
      result.module = copyIntoModule(recurrence, options.symbol);
      if (llvm::Error error = lowerToTiles(*result.module, request))
        return std::move(error);
      result.tiles = cast<ModuleOp>((*result.module)->clone());
      result.shape = shapeFor(kernelOf(*result.module), target);
      // Without tensor cores everything fits: what does not goes to scratch.
      bool needed = result.shape.tensorCores == tensorCores ||
                    (!tensorCores && request.isLast);
      if (!needed)
        continue;
      result.shape.tensorCores = tensorCores;
      result.shape.prefetches = prefetches;
      last = runPasses(*result.module, [&](OpPassManager &manager) {
        addGpuPasses(manager, result.shape);
      });
      if (!last)
        return result;
    }
  return std::move(last);
}

llvm::Expected<std::string> lrc::emitGpu(dsf::RecurrenceOp recurrence,
                                         const GpuOptions &options,
                                         const GpuTarget &target,
                                         GpuLevel level) {
  if (level == GpuLevel::Dsf)
    return printModule(*copyIntoModule(recurrence, options.symbol));
  llvm::Expected<Lowered> lowered = lower(recurrence, options, target);
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
  if (level == GpuLevel::Llvm)
    return code->printIr();
  llvm::Expected<std::string> ptx = code->printPtx();
  if (!ptx || level == GpuLevel::Ptx)
    return ptx;
  llvm::Expected<Assembled> assembled = assemble(*ptx, target);
  if (!assembled)
    return assembled.takeError();
  return std::move(assembled->cubin);
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

llvm::Expected<std::unique_ptr<GpuKernel>>
GpuKernel::compile(dsf::RecurrenceOp recurrence, const GpuOptions &options) {
  auto start = std::chrono::steady_clock::now();
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (!device)
    return device.takeError();
  llvm::Expected<const GpuTarget *> target = targetOf(**device);
  if (!target)
    return target.takeError();
  std::unique_ptr<GpuKernel> kernel(new GpuKernel);
  kernel->device = *device;

  llvm::Expected<Lowered> lowered = lower(recurrence, options, **target);
  if (!lowered)
    return lowered.takeError();
  ModuleOp module = *lowered->module;
  tile::KernelOp tiles = kernelOf(*lowered->tiles);
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
  auto function = cast<LLVM::LLVMFuncOp>(module.lookupSymbol(options.symbol));
  auto bytesOf = [&](StringRef name) {
    return function->getAttrOfType<IntegerAttr>(name).getInt();
  };
  kernel->layout = {lowered->shape.threads, bytesOf("lrc.shared_bytes"),
                    bytesOf("lrc.scratch_bytes"), true};

  llvm::Expected<PtxModule> code = PtxModule::translate(module, **target);
  if (!code)
    return code.takeError();
  kernel->lowerTime = std::chrono::duration<double, std::milli>(
                          std::chrono::steady_clock::now() - start)
                          .count();
  code->optimize();
  llvm::Expected<std::string> image = code->printPtx();
  if (!image)
    return image.takeError();
  // Without ptxas the driver assembles.
  if (findPtxas()) {
    llvm::Expected<Assembled> assembled = assemble(*image, **target);
    if (!assembled)
      return assembled.takeError();
    image = std::move(assembled->cubin);
  }
  llvm::Expected<CudaModule> loaded = (*device)->load(*image);
  if (!loaded)
    return loaded.takeError();
  kernel->module = *loaded;
  llvm::Expected<CudaFunction> entry =
      (*device)->find(*loaded, options.symbol);
  if (!entry)
    return entry.takeError();
  kernel->function = *entry;
  if (llvm::Error error = (*device)->setSharedBytes(
          kernel->function, kernel->layout.sharedBytes))
    return std::move(error);
  return std::move(kernel);
}

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
          row.name + ": expected a tensor on the GPU whose address and strides "
                     "are multiples of " +
          llvm::Twine(row.alignment) + " bytes");
  }
  return llvm::Error::success();
}

namespace {
/// Memory of a stream, released when the work before is done.
class StreamMemory {
public:
  StreamMemory(CudaDevice &device, CudaStream stream)
      : device(device), stream(stream) {}
  ~StreamMemory() {
    for (DevicePointer pointer : pointers)
      llvm::consumeError(device.release(pointer, stream));
  }

  llvm::Expected<DevicePointer> allocate(int64_t bytes) {
    llvm::Expected<DevicePointer> pointer = device.allocate(bytes, stream);
    if (pointer)
      pointers.push_back(*pointer);
    return pointer;
  }

  /// A copy of numbers of the host; null for null.
  llvm::Expected<const int64_t *> upload(const int64_t *numbers,
                                         int64_t count) {
    if (!numbers)
      return nullptr;
    int64_t bytes = count * int64_t(sizeof(int64_t));
    llvm::Expected<DevicePointer> pointer = allocate(bytes);
    if (!pointer)
      return pointer.takeError();
    if (llvm::Error error = device.copyIn(*pointer, numbers, bytes, stream))
      return std::move(error);
    return reinterpret_cast<const int64_t *>(*pointer);
  }

private:
  CudaDevice &device;
  CudaStream stream;
  std::vector<DevicePointer> pointers;
};
} // namespace

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
    if (llvm::Error error = device->copyOut(
            call.tensors[index].data,
            reinterpret_cast<DevicePointer>(tensor.data),
            countBytes(call, index), stream))
      return error;
  }
  return device->synchronize(stream);
}

llvm::Error GpuKernel::launch(const lrc_call &call, CudaStream stream) const {
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
  StreamMemory memory(*device, stream);
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
