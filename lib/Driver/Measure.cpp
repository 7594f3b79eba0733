//===- Measure.cpp - Time kernels against each other ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/Measure.h"

#include "lib/Driver/AssumedSizes.h"
#include "lib/Driver/Tensors.h"
#include "lib/Gpu/GpuBuild.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/Stopwatch.h"

#include <cstring>
#include <ctime>

using namespace lrc;
using namespace lrc::driver;

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

/// Drawing takes longer than running: one sequence of so many steps is drawn,
/// and repeated.
static constexpr int64_t drawnSteps = 64;

/// Mean of the distance from the closed end of a range: gates of trained models
/// are near it, and products of many of them are no denormal numbers.
static constexpr double gateTail = 1.0 / 16;

/// [1, t, ...] repeated to [batch, steps, ...].
static llvm::Expected<Tensor> repeat(const Tensor &drawn, int64_t batch,
                                     int64_t steps) {
  llvm::SmallVector<int64_t> shape = drawn.shape;
  int64_t period = shape[1];
  shape[0] = batch;
  shape[1] = steps;
  llvm::Expected<Tensor> result = Tensor::create(drawn.dtype, shape);
  if (!result)
    return result.takeError();
  size_t row = drawn.data.size() / std::max<int64_t>(period, 1);
  for (int64_t at = 0; at < batch * steps; ++at)
    std::memcpy(result->data.data() + at * row,
                drawn.data.data() + at % steps % period * row, row);
  return result;
}

Result<void> Workbench::makeTensors() {
  VerifyCase small = shape;
  small.batch = 1;
  small.steps = std::min(shape.steps, drawnSteps);
  RandomInputs random(1, gateTail);
  auto common = options.dtypes.find("");
  ElementType type =
      common == options.dtypes.end() ? ElementType::F32 : common->second;
  tensors = drawTensors(signature, small, options.scalars, type, random);
  for (auto &[name, tensor] : tensors) {
    if (signature.findField(name)->role != Field::Role::Input)
      continue;
    llvm::Expected<Tensor> whole = repeat(tensor, shape.batch, shape.steps);
    if (!whole)
      return makeError(name + ": " + llvm::toString(whole.takeError()));
    tensor = std::move(*whole);
  }
  castInputs(signature, options.dtypes, tensors);
  return {};
}

Result<Workbench> Workbench::create(Program &program, CompileOptions options) {
  Workbench bench;
  bench.program = &program;
  Result<Signature> signature = program.signature(options.recurrence);
  if (!signature)
    return signature.diagnostics();
  bench.signature = *signature;
  bench.assumed = completeSizes(bench.signature, options);
  for (auto [name, size] : {std::pair("B", 1), std::pair("T", 4096)})
    if (!bench.signature.findDim(name) &&
        options.sizes.emplace(name, size).second)
      bench.assumed.push_back(name);
  bench.options = options;
  if (llvm::Error error = checkOptions(bench.signature, options))
    return toDiagnostics(std::move(error));
  Sizes fixed = options.sizes;
  for (const auto &[name, value] : options.scalars)
    if (bench.signature.findDim(name))
      fixed[name] = int64_t(value);
  bench.shape = caseOf(bench.signature, fixed);
  if (bench.shape.batch < 1 || bench.shape.steps < 1)
    return makeError("expected a shape with at least one step, got " +
                     bench.shape.label());
  Result<void> made = bench.makeTensors();
  if (!made)
    return made.diagnostics();
  return std::move(bench);
}

double Workbench::countTokens() const {
  return double(shape.batch) * double(shape.steps) *
         double(std::max<int64_t>(shape.heads, 1));
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

CompileOptions Workbench::withSchedule(const ScheduleInfo &schedule) const {
  CompileOptions scheduled = options;
  scheduled.schedule = schedule.kind;
  scheduled.chunk = schedule.chunk > 1 ? schedule.chunk : 0;
  scheduled.lanes = schedule.lanes;
  scheduled.segments = schedule.segments > 1 ? schedule.segments : 0;
  scheduled.block = schedule.block;
  return scheduled;
}

Result<Kernel> Workbench::compile(const CompileOptions &scheduled) {
  return program->kernelFor(describe(tensors).args(), {}, scheduled);
}

Result<ResultSpecs> Workbench::describeResults(const Kernel &kernel) {
  return kernel.results(describe(tensors).args());
}

Result<void> Workbench::run(const Kernel &kernel) {
  if (results.empty()) {
    Result<ResultSpecs> specs = describeResults(kernel);
    if (!specs)
      return specs.diagnostics();
    llvm::Expected<TensorMap> allocated = allocate(*specs);
    if (!allocated)
      return toDiagnostics(allocated.takeError());
    results = std::move(*allocated);
  }
  return kernel.run(describe(tensors).args(), describe(results).args());
}

Result<KernelRequest> Workbench::makeRequest(const CompileOptions &scheduled) {
  llvm::Expected<Binding> binding =
      bindTensors(signature, viewsOf(tensors), toBindRequest(scheduled));
  if (!binding)
    return toDiagnostics(binding.takeError());
  llvm::Expected<KernelRequest> request =
      requestFor(signature, scheduled, *binding, {});
  if (!request)
    return toDiagnostics(request.takeError());
  return std::move(*request);
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// Calls that a reading of the clock is taken of.
static int64_t countCalls(const Sampling &sampling, double seconds) {
  double calls = sampling.enough / std::max(seconds, 1e-7);
  return std::clamp<int64_t>(int64_t(calls), 1, sampling.mostCalls);
}

Result<std::vector<Timing>>
driver::measureInTurns(size_t kernels, const Sampling &sampling,
                       TimeCalls timeCalls,
                       llvm::function_ref<void(double)> onRound) {
  constexpr double farSlower = 3;
  std::vector<std::vector<double>> samples(kernels);
  std::vector<int64_t> calls;
  double fastest = INFINITY;
  for (size_t index = 0; index < kernels; ++index) {
    // The first call touches memory, the second tells how long calls are.
    for (int call = 0; call < 2; ++call) {
      Result<double> warm = timeCalls(index, 1);
      if (!warm)
        return warm.diagnostics();
      if (call == 0)
        continue;
      samples[index].push_back(*warm);
      calls.push_back(countCalls(sampling, *warm));
      fastest = std::min(fastest, *warm);
    }
  }
  std::vector<bool> isTimed;
  for (std::vector<double> &own : samples) {
    isTimed.push_back(own.front() < farSlower * fastest);
    if (isTimed.back())
      own.clear();
  }
  for (int64_t round = 0; round < sampling.rounds; ++round)
    for (size_t index = 0; index < kernels; ++index) {
      if (!isTimed[index])
        continue;
      Result<double> seconds = timeCalls(index, calls[index]);
      if (!seconds)
        return seconds.diagnostics();
      samples[index].push_back(*seconds);
      if (onRound)
        onRound(double(round * kernels + index + 1) /
                double(sampling.rounds * kernels));
    }
  std::vector<Timing> timings(kernels);
  for (auto [own, timing] : llvm::zip_equal(samples, timings)) {
    llvm::sort(own);
    timing.median = own[own.size() / 2];
    timing.best = own.front();
  }
  return timings;
}

/// Seconds of this thread.
static double readOwnClock() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Seconds of a call; `own` becomes those of this thread if they are fewer.
static Result<double> timeCalls(Workbench &bench, const Kernel &kernel,
                                int64_t calls, double &own) {
  double start = readOwnClock();
  Stopwatch watch;
  for (int64_t call = 0; call < calls; ++call)
    if (Result<void> done = bench.run(kernel); !done)
      return done.diagnostics();
  double seconds = watch.milliseconds() / 1e3 / double(calls);
  own = std::min(own, (readOwnClock() - start) / double(calls));
  return seconds;
}

Result<std::vector<Timing>>
driver::measure(Workbench &bench, llvm::ArrayRef<Kernel> kernels,
                int64_t rounds, llvm::function_ref<void(double)> onRound) {
  Sampling sampling;
  sampling.rounds = rounds;
  std::vector<double> own(kernels.size(), INFINITY);
  Result<std::vector<Timing>> timings = measureInTurns(
      kernels.size(), sampling,
      [&](size_t index, int64_t calls) {
        return timeCalls(bench, kernels[index], calls, own[index]);
      },
      onRound);
  if (!timings)
    return timings;
  for (auto [timing, seconds] : llvm::zip_equal(*timings, own))
    timing.ownBest = seconds;
  return timings;
}

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

Result<std::vector<GpuChoice>>
driver::findBestOnGpu(Program &program, Workbench &bench, unsigned count) {
  Result<KernelRequest> request = bench.makeRequest(bench.getOptions());
  if (!request)
    return request.diagnostics();
  Result<Specialized> specialized = program.getImpl()->specialize(*request);
  if (!specialized)
    return specialized.diagnostics();
  llvm::Expected<GpuModel> model = modelFor(specialized->recurrence, *request);
  if (!model)
    return toDiagnostics(model.takeError());
  auto best = model->findBest(count);
  if (!best)
    return toDiagnostics(best.takeError());
  return std::vector<GpuChoice>(best->begin(), best->end());
}

std::string driver::spellBlock(const Sizes &block) {
  const Sizes plain = {{"preparers", 0},
                       {"resident", 1},
                       {"stages", 0},
                       {"forms", 1},
                       {"cores", 1}};
  std::string text;
  for (const auto &[name, value] : block) {
    auto usual = plain.find(name);
    if (usual == plain.end() || usual->second != value)
      text += ", " + name + " = " + std::to_string(value);
  }
  return text;
}

std::string driver::spell(const ScheduleInfo &schedule) {
  std::string text = lrc::spell(schedule.kind);
  auto add = [&](const char *name, int64_t value, int64_t least) {
    if (value > least)
      text += std::string(", ") + name + " = " + std::to_string(value);
  };
  add("chunk", schedule.chunk, 1);
  add("lanes", schedule.lanes, 0);
  add("segments", schedule.segments, 1);
  if (schedule.chunk > 1)
    text += spellBlock(schedule.block);
  return text;
}

dsf::ScheduleAttr driver::toAttribute(mlir::MLIRContext *context,
                                      const ScheduleInfo &schedule) {
  dsf::ScheduleKind kind =
      *dsf::symbolizeScheduleKind(lrc::spell(schedule.kind));
  return dsf::ScheduleAttr::get(
      context, kind, schedule.chunk, schedule.lanes, schedule.segments,
      schedule.block.empty() ? dsf::BlockAttr()
                             : toBlock(context, schedule.block));
}
