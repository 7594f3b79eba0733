//===- Bench.cpp - lrc bench: time kernels beside predictions and roofs ---===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeSchedules.h"
#include "lib/Driver/BenchGpu.h"
#include "lib/Driver/Command.h"
#include "lib/Driver/Costs.h"
#include "lib/Driver/Trial.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MathExtras.h"

using namespace lrc;
using namespace lrc::driver;
namespace cl = llvm::cl;
namespace json = llvm::json;

static int runBench();

Command &driver::benchCommand() {
  static Command command("bench", "time kernels beside predictions and roofs",
                         runBench);
  return command;
}

static cl::opt<bool> all("all-schedules",
                         cl::desc("time every schedule, with several chunks, "
                                  "lanes and segments"),
                         cl::sub(benchCommand().sub),
                         cl::cat(benchCommand().category));
static cl::opt<int64_t> rounds("rounds",
                               cl::desc("times that each kernel is timed"),
                               cl::value_desc("N"), cl::init(11),
                               cl::sub(benchCommand().sub),
                               cl::cat(benchCommand().category));
static cl::opt<bool> asJson("json",
                            cl::desc("print JSON, an object for each "
                                     "recurrence"),
                            cl::sub(benchCommand().sub),
                            cl::cat(benchCommand().category));
static CompileFlags flags(benchCommand());

namespace {
/// Kernels on threads of the processor.
class CpuReport : public BenchReport {
public:
  using BenchReport::BenchReport;

  int64_t threads = 1;
  /// Of a call, as the recurrence was written.
  double flops = 0;
  double bytes = 0;
  /// Of the threads, in a second.
  double peakFlops = 0;
  double peakBytes = 0;

private:
  double roofOf(double seconds) const {
    return std::max(flops / peakFlops, bytes / peakBytes) / seconds;
  }
  void printFacts(llvm::raw_ostream &os) const override;
  void printColumns(llvm::raw_ostream &os) const override;
  void printNumbers(llvm::raw_ostream &os, const BenchRow &row) const override;
  void addFacts(json::Object &object) const override;
  void addNumbers(json::Object &object, const BenchRow &row) const override;
};
} // namespace

//===----------------------------------------------------------------------===//
// Schedules
//===----------------------------------------------------------------------===//

/// Halves of the lanes down to a vector; 0 stands for what is chosen.
static std::vector<int64_t> lanesToTry(int64_t lanes) {
  constexpr int64_t vector = 16;
  std::vector<int64_t> widths = {lanes};
  while (widths.back() > vector && widths.size() < 4)
    widths.push_back(llvm::alignTo(llvm::divideCeil(widths.back(), 2), vector));
  return widths;
}

/// Kernels whose times are worth knowing.
static std::vector<ScheduleInfo> schedulesToTry(const Forecast &forecast) {
  using Kind = dsf::ScheduleKind;
  std::vector<ScheduleInfo> infos = {{Schedule::Sequential}};
  std::vector<int64_t> widths = lanesToTry(forecast.getLanes());
  for (int64_t width : widths)
    infos.push_back({Schedule::Sequential, 1, width});
  bool hasChunks = forecast.whyNot(Kind::Chunked).empty();
  std::vector<int64_t> splitChunks = {1};
  if (hasChunks)
    splitChunks = {8, 32};
  if (hasChunks)
    for (int64_t chunk : {8, 16, 32, 64, 128})
      for (int64_t width : widths)
        infos.push_back({Schedule::Chunked, chunk, width});
  for (int64_t segments : {2, 4, 8}) {
    if (forecast.whyNot(Kind::Scan).empty())
      infos.push_back({Schedule::Scan, 1, 0, segments});
    for (int64_t chunk : splitChunks)
      infos.push_back({Schedule::Split, chunk, 0, segments});
  }
  return infos;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

static double bytesOfStep(const Workbench &bench,
                          const KernelRequest &request) {
  double bytes = 0;
  for (const Field &field : bench.getSignature().fields) {
    if (field.role != Field::Role::Input && field.role != Field::Role::Output)
      continue;
    double count = double(sizeInBytes(toDType(request.types.at(field.name))));
    for (const Extent &extent : field.extents)
      count *= double(extent.dim.empty() ? extent.size
                                         : request.dims.at(extent.dim));
    bytes += count;
  }
  return bytes;
}

static Result<std::unique_ptr<BenchReport>>
benchmark(Program &program, const CompileOptions &options) {
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
  const CpuTarget &target = hostTarget();
  Forecast forecast = makeForecast(recurrence, *request, bench->getOptions());

  auto report = std::make_unique<CpuReport>(*bench);
  report->threads = request->threads;
  report->flops = double(countStep(recurrence).flops) * bench->countTokens();
  report->bytes = bytesOfStep(*bench, *request) * bench->countTokens();
  double cores = double(std::min(request->threads, target.threads));
  report->peakFlops = target.fmaGflops * 1e9 * cores;
  report->peakBytes = target.copyGBps * 1e9 * cores / double(target.threads);

  Result<std::vector<Kernel>> kernels = compileAll(
      *bench, all ? schedulesToTry(forecast) : std::vector<ScheduleInfo>());
  if (!kernels)
    return kernels.diagnostics();
  Result<std::vector<Timing>> timings = measure(*bench, *kernels, rounds);
  if (!timings)
    return timings.diagnostics();
  for (auto [kernel, timing] : llvm::zip_equal(*kernels, *timings)) {
    dsf::ScheduleAttr attribute =
        toAttribute(recurrence.getContext(), kernel.schedule());
    report->rows.push_back(
        {kernel.schedule(), timing, secondsToCompile(kernel),
         forecast.perToken(attribute) * bench->countTokens() / 1e9});
  }
  return std::unique_ptr<BenchReport>(std::move(report));
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

void CpuReport::printFacts(llvm::raw_ostream &os) const {
  os << ", threads = " << threads
     << llvm::format("\na call: %.4g GFLOP, %.4g MB; the threads: %.3g "
                     "GFLOP/s, %.3g GB/s\n",
                     flops / 1e9, bytes / 1e6, peakFlops / 1e9,
                     peakBytes / 1e9);
}

void CpuReport::printColumns(llvm::raw_ostream &os) const {
  os << llvm::format(" %10s %10s %9s %8s %8s", "ms", "predicted", "GFLOP/s",
                     "GB/s", "of roof");
}

void CpuReport::printNumbers(llvm::raw_ostream &os, const BenchRow &row) const {
  double seconds = row.timing.median;
  os << llvm::format(" %10.4g %10.4g %9.3g %8.3g %8.2f", seconds * 1e3,
                     row.predicted * 1e3, flops / seconds / 1e9,
                     bytes / seconds / 1e9, roofOf(seconds));
}

void CpuReport::addFacts(json::Object &object) const {
  object["threads"] = threads;
  object["flops"] = flops;
  object["bytes"] = bytes;
  object["peak_gflops"] = peakFlops / 1e9;
  object["peak_gbytes"] = peakBytes / 1e9;
}

void CpuReport::addNumbers(json::Object &object, const BenchRow &row) const {
  double seconds = row.timing.median;
  object["thread_seconds"] = row.timing.ownBest;
  object["predicted_seconds"] = row.predicted;
  object["gflops"] = flops / seconds / 1e9;
  object["gbytes"] = bytes / seconds / 1e9;
  object["of_roof"] = roofOf(seconds);
}

//===----------------------------------------------------------------------===//
// The command
//===----------------------------------------------------------------------===//

static int runBench() {
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  bool onGpu = options->target == "cuda";
  if (!onGpu && options->target != "cpu")
    return fail("expected target cpu or cuda, the GPU of this machine, got '" +
                llvm::Twine(options->target) + "'");
  rounds = std::max<int64_t>(rounds, 1);
  const std::string &spec = benchCommand().spec;
  Result<Program> program = Program::fromFile(spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty())
    names = {options->recurrence};
  for (const std::string &name : names) {
    options->recurrence = name;
    Result<std::unique_ptr<BenchReport>> report =
        onGpu ? benchmarkOnGpu(*program, *options, all, rounds)
              : benchmark(*program, *options);
    if (!report)
      return fail(inFile(spec, report.diagnostics()));
    if (asJson)
      (*report)->printJson(llvm::outs());
    else
      (*report)->printText(llvm::outs());
  }
  return good;
}
