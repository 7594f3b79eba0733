//===- GpuKernel.cpp - Recurrences on the GPU of this machine -------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Gpu/GpuKernel.h"

#include "lib/Gpu/GpuSegments.h"
#include "lib/Gpu/StreamMemory.h"
#include "lib/Pipeline/RunPasses.h"
#include "lib/Schedule/Schedule.h"

using namespace mlir;
using namespace lrc;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

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
GpuKernel::compileSegments(dsf::RecurrenceOp recurrence,
                           const GpuOptions &options,
                           dsf::ScheduleAttr schedule) {
  OwningOpRef<ModuleOp> module = copyIntoModule(recurrence, options.symbol);
  if (llvm::Error error = stabilize(*module))
    return std::move(error);
  llvm::Expected<std::unique_ptr<GpuSegments>> parts =
      GpuSegments::compile(recurrenceOf(*module), options, schedule);
  if (!parts)
    return parts.takeError();
  std::unique_ptr<GpuKernel> kernel(new GpuKernel);
  kernel->segments = std::move(*parts);
  kernel->schedule = schedule;
  for (const SegmentPlan::Slot &slot : kernel->segments->getPlan().getSlots()) {
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
  if (options.maySegment) {
    llvm::Expected<GpuModel> model = modelFor(recurrence, options, **target);
    if (!model)
      return model.takeError();
    auto best = model->findBest(1);
    if (!best)
      return best.takeError();
    dsf::ScheduleAttr schedule = best->front().schedule;
    if (hasSegments(schedule.getKind())) {
      llvm::Expected<std::unique_ptr<GpuKernel>> kernel =
          compileSegments(recurrence, options, schedule);
      if (kernel) {
        (*kernel)->device = *device;
        return kernel;
      }
      // Where the choice was free, there are others.
      if (options.schedule || recurrence.getScheduleAttr())
        return kernel.takeError();
      llvm::consumeError(kernel.takeError());
    }
  }
  llvm::Expected<Built> built = build(recurrence, options, **target);
  if (!built)
    return built.takeError();
  std::unique_ptr<GpuKernel> kernel(new GpuKernel);
  kernel->device = *device;
  kernel->lowerTime = built->lowerTime;
  kernel->schedule = built->lowered.schedule;
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
  if (segments)
    return segments->launch(call, stream);
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
