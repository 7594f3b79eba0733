//===- BenchGpu.cpp - lrc bench for a GPU ---------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/BenchGpu.h"

#include "lib/Driver/GpuWorkbench.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/ProgramImpl.h"

#include "llvm/Support/Format.h"

using namespace lrc;
using namespace lrc::driver;
namespace json = llvm::json;

namespace {
/// Kernels on a GPU.
class GpuReport : public BenchReport {
public:
  using BenchReport::BenchReport;

  std::string types;
  std::string device;
  int64_t secondCacheBytes = 0;
  /// Of the tensors of a call, and how many calls have tensors of their own.
  int64_t bytes = 0;
  int64_t sets = 0;
  /// Bytes that a copy moves in a second.
  double copyBandwidth = 0;

private:
  /// Seconds in which a copy moves as much as a call must.
  double floor() const { return double(bytes) / copyBandwidth; }
  void printFacts(llvm::raw_ostream &os) const override;
  void printColumns(llvm::raw_ostream &os) const override;
  void printNumbers(llvm::raw_ostream &os, const BenchRow &row) const override;
  void addFacts(json::Object &object) const override;
  void addNumbers(json::Object &object, const BenchRow &row) const override;
};
} // namespace

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

/// The sequential kernel, and the best under the model.
static Result<std::vector<ScheduleInfo>> schedulesToTry(Program &program,
                                                        Workbench &bench) {
  constexpr unsigned count = 12;
  std::vector<ScheduleInfo> infos = {{Schedule::Sequential}};
  Result<std::vector<GpuChoice>> best = findBestOnGpu(program, bench, count);
  if (!best)
    return best.diagnostics();
  for (const GpuChoice &choice : *best)
    infos.push_back(toInfo(choice.schedule));
  return infos;
}

/// As --dtype takes them: that of the first tensor, and what differs from it.
static std::string spellTypes(const Signature &signature,
                              const Kernel &kernel) {
  std::string text;
  std::optional<ElementType> first;
  for (const Field &field : signature.fields) {
    if (field.role != Field::Role::Input && field.role != Field::Role::Output)
      continue;
    ElementType type = kernel.elementType(field.name);
    if (!first)
      text = spell(type);
    else if (type != *first)
      text += "," + field.name + "=" + std::string(spell(type));
    first = first.value_or(type);
  }
  return text;
}

Result<std::unique_ptr<BenchReport>>
driver::benchmarkOnGpu(Program &program, const CompileOptions &options,
                       bool all, int64_t rounds) {
  // Before tensors are drawn, which takes long.
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (!device)
    return toDiagnostics(device.takeError());
  Result<Workbench> bench = Workbench::create(program, options);
  if (!bench)
    return bench.diagnostics();
  std::vector<ScheduleInfo> others;
  if (all) {
    Result<std::vector<ScheduleInfo>> tried = schedulesToTry(program, *bench);
    if (!tried)
      return tried.diagnostics();
    others = std::move(*tried);
  }
  Result<std::vector<Kernel>> kernels = compileAll(*bench, others);
  if (!kernels)
    return kernels.diagnostics();
  Result<std::unique_ptr<GpuWorkbench>> onGpu =
      GpuWorkbench::create(**device, *bench, kernels->front());
  if (!onGpu)
    return onGpu.diagnostics();
  Result<std::vector<Timing>> timings = (*onGpu)->measure(*kernels, rounds);
  if (!timings)
    return timings.diagnostics();

  auto report = std::make_unique<GpuReport>(*bench);
  report->types = spellTypes(bench->getSignature(), kernels->front());
  report->device = (*device)->getName();
  report->secondCacheBytes = (*device)->getSecondCacheBytes();
  report->bytes = (*onGpu)->getCallBytes();
  report->sets = (*onGpu)->countSets();
  report->copyBandwidth = (*onGpu)->getCopyBandwidth();
  for (auto [kernel, timing] : llvm::zip_equal(*kernels, *timings))
    report->rows.push_back(
        {kernel.schedule(), timing, secondsToCompile(kernel)});
  return std::unique_ptr<BenchReport>(std::move(report));
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void GpuReport::printFacts(llvm::raw_ostream &os) const {
  double all = double(bytes) * double(sets);
  os << ", " << types << ", " << device
     << llvm::format("\na call: %.4g MB; a copy: %.4g GB/s\n",
                     double(bytes) / 1e6, copyBandwidth / 1e9)
     << sets
     << llvm::format(" sets of tensors, %.4g MB; the second cache: %.4g MB\n",
                     all / 1e6, double(secondCacheBytes) / 1e6);
  if (all <= double(secondCacheBytes))
    os << "these tensors stay in the second cache: the floor is not theirs\n";
}

void GpuReport::printColumns(llvm::raw_ostream &os) const {
  os << llvm::format(" %10s %8s %10s %9s", "ms", "GB/s", "floor ms", "/ floor");
}

void GpuReport::printNumbers(llvm::raw_ostream &os, const BenchRow &row) const {
  double seconds = row.timing.median;
  os << llvm::format(" %10.4g %8.4g %10.4g %9.2f", seconds * 1e3,
                     double(bytes) / seconds / 1e9, floor() * 1e3,
                     seconds / floor());
}

void GpuReport::addFacts(json::Object &object) const {
  object["dtype"] = types;
  object["device"] = device;
  object["bytes"] = bytes;
  object["sets"] = sets;
  object["second_cache_bytes"] = secondCacheBytes;
  object["copy_gbytes"] = copyBandwidth / 1e9;
  object["floor_seconds"] = floor();
}

void GpuReport::addNumbers(json::Object &object, const BenchRow &row) const {
  double seconds = row.timing.median;
  object["gbytes"] = double(bytes) / seconds / 1e9;
  object["over_floor"] = seconds / floor();
}
