//===- GpuWorkbench.cpp - Time kernels on a GPU ---------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/GpuWorkbench.h"

#include "lib/JIT/Collect.h"

#include "llvm/Support/MathExtras.h"

using namespace lrc;
using namespace lrc::driver;

/// Far more than a second cache holds.
static constexpr int64_t copyBytes = int64_t(1) << 30;

static Result<void> check(llvm::Error error) {
  if (error)
    return toDiagnostics(std::move(error));
  return {};
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Adds memory for a tensor; its values are those of `from`, if that is given.
Result<void> GpuWorkbench::place(Described &described, const std::string &name,
                                 DType dtype,
                                 llvm::MutableArrayRef<int64_t> shape,
                                 const Tensor *from) {
  llvm::Expected<uint64_t> bytes = Tensor::byteSize(dtype, shape);
  if (!bytes)
    return toDiagnostics(bytes.takeError());
  llvm::Expected<DevicePointer> pointer = memory.allocate(int64_t(*bytes));
  if (!pointer)
    return toDiagnostics(pointer.takeError());
  described.addOnGpu(name, dtype, shape, reinterpret_cast<void *>(*pointer));
  if (sets.size() == 1)
    callBytes += int64_t(*bytes);
  if (!from)
    return {};
  return check(
      device.copyIn(*pointer, from->data.data(), int64_t(*bytes), stream));
}

Result<void> GpuWorkbench::addSet(Workbench &bench) {
  CallTensors &set = sets.emplace_back();
  for (auto &[name, tensor] : bench.getTensors())
    if (Result<void> done =
            place(set.inputs, name, tensor.dtype, tensor.shape, &tensor);
        !done)
      return done;
  for (auto *list : {&results.outputs, &results.finals})
    for (TensorSpec &spec : *list)
      if (Result<void> done = place(set.outputs, spec.name, toDType(spec.type),
                                    spec.shape, nullptr);
          !done)
        return done;
  return {};
}

/// Twice as many bytes as the second cache has, so that hardly any stay there
/// until they are used again; of tiny tensors as many as can be waited for.
Result<void> GpuWorkbench::makeSets(Workbench &bench) {
  constexpr int64_t fewest = 2, most = 4096;
  int64_t count = fewest;
  for (int64_t number = 0; number < count; ++number) {
    if (Result<void> done = addSet(bench); !done)
      return done;
    int64_t wanted = llvm::divideCeil(2 * device.getSecondCacheBytes(),
                                      std::max<int64_t>(callBytes, 1));
    count = std::clamp(wanted, fewest, most);
  }
  return check(device.synchronize(stream));
}

Result<std::unique_ptr<GpuWorkbench>>
GpuWorkbench::create(CudaDevice &device, Workbench &bench,
                     const Kernel &kernel) {
  std::unique_ptr<GpuWorkbench> created(new GpuWorkbench(device));
  Result<ResultSpecs> results = bench.describeResults(kernel);
  if (!results)
    return results.diagnostics();
  created->results = std::move(*results);
  if (Result<void> done = created->makeSets(bench); !done)
    return done.diagnostics();
  for (DevicePointer *pointer : {&created->copySource, &created->copyTarget}) {
    llvm::Expected<DevicePointer> made = created->memory.allocate(copyBytes);
    if (!made)
      return toDiagnostics(made.takeError());
    *pointer = *made;
  }
  return std::move(created);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

namespace {
/// What the clock is read between.
enum Mark : size_t { BeforeCopy, BeforeCalls, AfterCalls };
} // namespace

Result<void> GpuWorkbench::copy() {
  return check(device.copyOnDevice(copyTarget, copySource, copyBytes, stream));
}

Result<void> GpuWorkbench::mark(size_t number) {
  return check(clock.mark(number));
}

/// A copy that is not timed keeps the GPU busy while the host queues the rest,
/// so that the GPU does not wait for the host in what is timed.
Result<void> GpuWorkbench::queue(const Kernel &kernel, int64_t calls) {
  if (Result<void> done = copy(); !done)
    return done;
  if (Result<void> done = mark(BeforeCopy); !done)
    return done;
  if (Result<void> done = copy(); !done)
    return done;
  if (Result<void> done = mark(BeforeCalls); !done)
    return done;
  for (int64_t call = 0; call < calls; ++call) {
    const CallTensors &set = sets[next++ % sets.size()];
    if (Result<void> done = kernel.run(set.inputs.args(), set.outputs.args());
        !done)
      return done;
  }
  return mark(AfterCalls);
}

Result<double> GpuWorkbench::timeCalls(const Kernel &kernel, int64_t calls) {
  if (Result<void> done = queue(kernel, calls); !done)
    return done.diagnostics();
  llvm::Expected<double> ofCalls =
      clock.secondsBetween(BeforeCalls, AfterCalls);
  if (!ofCalls)
    return toDiagnostics(ofCalls.takeError());
  llvm::Expected<double> ofCopy = clock.secondsBetween(BeforeCopy, BeforeCalls);
  if (!ofCopy)
    return toDiagnostics(ofCopy.takeError());
  copySeconds.push_back(*ofCopy);
  return *ofCalls / double(calls);
}

Result<std::vector<Timing>>
GpuWorkbench::measure(llvm::ArrayRef<Kernel> kernels, int64_t rounds) {
  Sampling sampling;
  sampling.rounds = rounds;
  sampling.enough = 2e-3;
  // The host must have queued all calls before the copies are done.
  sampling.mostCalls = 20;
  return measureInTurns(kernels.size(), sampling,
                        [&](size_t index, int64_t calls) {
                          return timeCalls(kernels[index], calls);
                        });
}

double GpuWorkbench::getCopyBandwidth() const {
  std::vector<double> sorted = copySeconds;
  llvm::sort(sorted);
  return 2.0 * double(copyBytes) / sorted[sorted.size() / 2];
}
