//===- Tune.cpp - lrc tune: measure schedules, remember the best ----------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeSchedules.h"
#include "lib/Driver/Command.h"
#include "lib/Driver/GpuWorkbench.h"
#include "lib/Driver/Measure.h"
#include "lib/JIT/Collect.h"
#include "lib/JIT/Remembered.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;

static int runTune();

Command &driver::tuneCommand() {
  static Command command("tune", "time schedules, remember the fastest",
                         runTune);
  return command;
}

static cl::opt<unsigned> candidates("candidates",
                                    cl::desc("schedules that are timed, the "
                                             "best under the cost model"),
                                    cl::value_desc("N"), cl::init(8),
                                    cl::sub(tuneCommand().sub),
                                    cl::cat(tuneCommand().category));
static cl::opt<int64_t> rounds("rounds",
                               cl::desc("times that each of them is timed"),
                               cl::value_desc("N"), cl::init(11),
                               cl::sub(tuneCommand().sub),
                               cl::cat(tuneCommand().category));
static CompileFlags flags(tuneCommand());

/// Overwrites its line; a file or a pipe gets nothing.
static void showProgress(double share) {
  if (!llvm::errs().is_displayed())
    return;
  constexpr int width = 40;
  int filled = int(share * width);
  llvm::errs() << "\r[" << std::string(filled, '#')
               << std::string(width - filled, ' ')
               << llvm::format("] %3d%%", int(share * 100));
  if (share >= 1)
    llvm::errs() << "\r\033[K";
  llvm::errs().flush();
}

namespace {
/// A kernel that is timed.
struct Candidate {
  Kernel kernel;
  /// Milliseconds of a call.
  double predicted;
};
} // namespace

/// Kernels of the best schedules under the model, the best first.
static Result<std::vector<Candidate>> compileBest(Workbench &bench,
                                                  const Forecast &forecast) {
  auto best = forecast.findBest({}, std::max(1u, candidates.getValue()));
  if (!best)
    return toDiagnostics(best.takeError());
  std::vector<Candidate> kernels;
  for (auto [index, schedule] : llvm::enumerate(*best)) {
    // Compiling is about half of the time.
    showProgress(0.5 * double(index) / double(best->size()));
    Result<Kernel> kernel = bench.compile(bench.withSchedule(toInfo(schedule)));
    if (!kernel)
      return kernel.diagnostics();
    kernels.push_back(
        {*kernel, forecast.perToken(schedule) * bench.countTokens() / 1e6});
  }
  return kernels;
}

/// The same for a GPU, where not all that the model thinks of can be built.
static Result<std::vector<Candidate>> compileBestForGpu(Program &program,
                                                        Workbench &bench) {
  Result<std::vector<GpuChoice>> best =
      findBestOnGpu(program, bench, std::max(1u, candidates.getValue()));
  if (!best)
    return best.diagnostics();
  Result<KernelRequest> request = bench.makeRequest(bench.getOptions());
  if (!request)
    return request.diagnostics();
  // Beyond some number of sequences and heads requests are alike.
  double milliseconds = bench.countTokens() / 1e6 /
                        double(std::max<int64_t>(request->batchHeads, 1));
  std::vector<Candidate> kernels;
  Diagnostics reasons;
  for (auto [index, choice] : llvm::enumerate(*best)) {
    showProgress(0.8 * double(index) / double(best->size()));
    Result<Kernel> kernel =
        bench.compile(bench.withSchedule(toInfo(choice.schedule)));
    if (kernel)
      kernels.push_back({*kernel, choice.nanoseconds * milliseconds});
    else
      reasons = kernel.diagnostics();
  }
  if (kernels.empty())
    return reasons;
  return kernels;
}

static Result<std::vector<Timing>>
time(Workbench &bench, llvm::ArrayRef<Kernel> kernels, bool onGpu) {
  int64_t times = std::max<int64_t>(rounds, 1);
  if (!onGpu)
    return measure(bench, kernels, times,
                   [](double share) { showProgress(0.5 + 0.5 * share); });
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (!device)
    return toDiagnostics(device.takeError());
  Result<std::unique_ptr<GpuWorkbench>> workbench =
      GpuWorkbench::create(**device, bench, kernels.front());
  if (!workbench)
    return workbench.diagnostics();
  Result<std::vector<Timing>> timings = (*workbench)->measure(kernels, times);
  showProgress(1);
  return timings;
}

static Result<void> tune(Program &program, const CompileOptions &options) {
  bool onGpu = options.target != "cpu";
  if (onGpu)
    if (llvm::Expected<CudaDevice *> device = CudaDevice::get(); !device)
      return toDiagnostics(device.takeError());
  Result<Workbench> bench = Workbench::create(program, options);
  if (!bench)
    return bench.diagnostics();
  Result<KernelRequest> request = bench->makeRequest(bench->getOptions());
  if (!request)
    return request.diagnostics();
  Result<Specialized> specialized = program.getImpl()->specialize(*request);
  if (!specialized)
    return specialized.diagnostics();
  dsf::RecurrenceOp recurrence = specialized->recurrence;
  Result<std::vector<Candidate>> compiled =
      onGpu ? compileBestForGpu(program, *bench)
            : compileBest(*bench, makeForecast(recurrence, *request,
                                               bench->getOptions()));
  if (!compiled)
    return compiled.diagnostics();
  std::vector<Kernel> kernels;
  for (const Candidate &candidate : *compiled)
    kernels.push_back(candidate.kernel);
  Result<std::vector<Timing>> timings = time(*bench, kernels, onGpu);
  if (!timings)
    return timings.diagnostics();

  llvm::outs() << bench->getSignature().name << ' ' << bench->label();
  if (!onGpu)
    llvm::outs() << ", threads = " << request->threads;
  llvm::outs() << '\n'
               << llvm::format("%-36s %10s %10s\n", "schedule", "ms",
                               "predicted");
  // What else the machine does makes a run slower, and never faster.
  size_t fastest = 0;
  for (auto [index, timing] : llvm::enumerate(*timings)) {
    llvm::outs() << llvm::format(
        "%-36s %10.4g %10.4g\n", spell(kernels[index].schedule()).c_str(),
        timing.best * 1e3, (*compiled)[index].predicted);
    if (timing.best < (*timings)[fastest].best)
      fastest = index;
  }
  const ScheduleInfo &winner = kernels[fastest].schedule();
  rememberSchedule(recurrence, *request,
                   toAttribute(recurrence.getContext(), winner));
  llvm::outs() << "remembered: " << spell(winner) << '\n';
  return {};
}

static int runTune() {
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  if (options->target != "cpu" && options->target != "cuda")
    return fail("expected target cpu or cuda, the GPU of this machine, got '" +
                options->target + "'");
  if (options->schedule != Schedule::Auto || options->chunk || options->lanes ||
      options->segments || !options->block.empty())
    return fail("tune chooses the schedule: expected none of --schedule, "
                "--chunk, --lanes, --segments and --block");
  const std::string &spec = tuneCommand().spec;
  Result<Program> program = Program::fromFile(spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty())
    names = {options->recurrence};
  for (const std::string &name : names) {
    options->recurrence = name;
    Result<void> done = tune(*program, *options);
    if (!done)
      return fail(inFile(spec, done.diagnostics()));
  }
  return good;
}
