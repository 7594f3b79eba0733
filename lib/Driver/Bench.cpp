//===- Bench.cpp - lrc bench: time kernels beside predictions and roofs ---===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeSchedules.h"
#include "lib/Driver/Command.h"
#include "lib/Driver/Costs.h"
#include "lib/Driver/Measure.h"
#include "lib/Driver/Trial.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
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
struct Row {
  ScheduleInfo schedule;
  Timing timing;
  double predicted = 0; // seconds of a call
};

/// All that is printed of a recurrence.
struct BenchReport {
  std::string name;
  std::string shape;
  std::vector<std::string> assumed;
  int64_t threads = 1;
  /// Of a call, as the recurrence was written.
  double flops = 0;
  double bytes = 0;
  /// Of the threads, in a second.
  double peakFlops = 0;
  double peakBytes = 0;
  /// The first is what the options say.
  std::vector<Row> rows;

  double roofOf(double seconds) const {
    return std::max(flops / peakFlops, bytes / peakBytes) / seconds;
  }
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
  if (forecast.whyNot(Kind::Chunked).empty())
    for (int64_t chunk : {8, 16, 32, 64, 128})
      for (int64_t width : widths)
        infos.push_back({Schedule::Chunked, chunk, width});
  if (forecast.whyNot(Kind::Scan).empty())
    for (int64_t segments : {2, 4, 8})
      infos.push_back({Schedule::Scan, 1, 0, segments});
  return infos;
}

static bool isSame(const ScheduleInfo &a, const ScheduleInfo &b) {
  return a.kind == b.kind && a.chunk == b.chunk && a.lanes == b.lanes &&
         a.segments == b.segments;
}

/// The kernel of the options first, then those to compare it with.
static Result<std::vector<Kernel>> compileAll(Workbench &bench,
                                              const Forecast &forecast) {
  std::vector<Kernel> kernels;
  Result<Kernel> chosen = bench.compile(bench.getOptions());
  if (!chosen)
    return chosen.diagnostics();
  kernels.push_back(*chosen);
  if (!all)
    return kernels;
  for (const ScheduleInfo &schedule : schedulesToTry(forecast)) {
    Result<Kernel> kernel = bench.compile(bench.withSchedule(schedule));
    // Some do not apply although their kind does: too many lanes, say.
    if (!kernel)
      continue;
    bool isKnown = llvm::any_of(kernels, [&](const Kernel &known) {
      return isSame(known.schedule(), kernel->schedule());
    });
    if (!isKnown)
      kernels.push_back(*kernel);
  }
  return kernels;
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

static Result<BenchReport> benchmark(Program &program,
                                     const CompileOptions &options) {
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

  BenchReport report;
  report.name = bench->getSignature().name;
  report.shape = bench->label();
  report.assumed = bench->getAssumed();
  report.threads = request->threads;
  report.flops = double(countStep(recurrence).flops) * bench->countTokens();
  report.bytes = bytesOfStep(*bench, *request) * bench->countTokens();
  double cores = double(std::min(request->threads, target.threads));
  report.peakFlops = target.fmaGflops * 1e9 * cores;
  report.peakBytes = target.copyGBps * 1e9 * cores / double(target.threads);

  Result<std::vector<Kernel>> kernels = compileAll(*bench, forecast);
  if (!kernels)
    return kernels.diagnostics();
  Result<std::vector<Timing>> timings =
      measure(*bench, *kernels, std::max<int64_t>(rounds, 1));
  if (!timings)
    return timings.diagnostics();
  for (auto [kernel, timing] : llvm::zip_equal(*kernels, *timings)) {
    dsf::ScheduleAttr attribute =
        toAttribute(recurrence.getContext(), kernel.schedule());
    report.rows.push_back(
        {kernel.schedule(), timing,
         forecast.perToken(attribute) * bench->countTokens() / 1e9});
  }
  return std::move(report);
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static const Row &findBest(const BenchReport &report) {
  return *llvm::min_element(report.rows, [](const Row &a, const Row &b) {
    return a.timing.median < b.timing.median;
  });
}

static void printText(llvm::raw_ostream &os, const BenchReport &report) {
  os << report.name << ' ' << report.shape;
  if (!report.assumed.empty())
    os << " (assumed: " << llvm::join(report.assumed, ", ") << ')';
  os << ", threads = " << report.threads
     << llvm::format("\na call: %.4g GFLOP, %.4g MB; the threads: %.3g "
                     "GFLOP/s, %.3g GB/s\n\n",
                     report.flops / 1e9, report.bytes / 1e6,
                     report.peakFlops / 1e9, report.peakBytes / 1e9)
     << llvm::format("%-36s %10s %10s %9s %8s %8s\n", "schedule", "ms",
                     "predicted", "GFLOP/s", "GB/s", "of roof");
  for (const Row &row : report.rows) {
    double seconds = row.timing.median;
    os << llvm::format("%-36s %10.4g %10.4g %9.3g %8.3g %8.2f",
                       spell(row.schedule).c_str(), seconds * 1e3,
                       row.predicted * 1e3, report.flops / seconds / 1e9,
                       report.bytes / seconds / 1e9, report.roofOf(seconds));
    if (&row == &report.rows.front())
      os << (row.schedule.tuned ? "  chosen (tuned)" : "  chosen");
    os << '\n';
  }
  const Row &best = findBest(report);
  if (report.rows.size() > 1)
    os << llvm::format("\nthe choice takes %.2f times as long as the best, ",
                       report.rows.front().timing.median / best.timing.median)
       << spell(best.schedule) << '\n';
}

static void printJson(llvm::raw_ostream &os, const BenchReport &report) {
  json::Array rows;
  for (const Row &row : report.rows)
    rows.push_back(
        json::Object{{"schedule", lrc::spell(row.schedule.kind)},
                     {"chunk", row.schedule.chunk},
                     {"lanes", row.schedule.lanes},
                     {"segments", row.schedule.segments},
                     {"tuned", row.schedule.tuned},
                     {"median_seconds", row.timing.median},
                     {"best_seconds", row.timing.best},
                     {"thread_seconds", row.timing.ownBest},
                     {"predicted_seconds", row.predicted},
                     {"gflops", report.flops / row.timing.median / 1e9},
                     {"gbytes", report.bytes / row.timing.median / 1e9},
                     {"of_roof", report.roofOf(row.timing.median)}});
  const Row &best = findBest(report);
  json::Value value = json::Object{
      {"recurrence", report.name},
      {"shape", report.shape},
      {"assumed", json::Array(report.assumed)},
      {"threads", report.threads},
      {"flops", report.flops},
      {"bytes", report.bytes},
      {"peak_gflops", report.peakFlops / 1e9},
      {"peak_gbytes", report.peakBytes / 1e9},
      {"schedules", std::move(rows)},
      {"over_best", report.rows.front().timing.median / best.timing.median}};
  os << llvm::formatv("{0:2}", value) << '\n';
}

static int runBench() {
  Result<CompileOptions> options = flags.read();
  if (!options)
    return fail(options.diagnostics());
  if (options->target != "cpu")
    return fail("expected target cpu: bench/peers/gpu.py times kernels of "
                "GPUs");
  const std::string &spec = benchCommand().spec;
  Result<Program> program = Program::fromFile(spec);
  if (!program)
    return fail(program.diagnostics());
  std::vector<std::string> names = program->recurrences();
  if (!options->recurrence.empty())
    names = {options->recurrence};
  for (const std::string &name : names) {
    options->recurrence = name;
    Result<BenchReport> report = benchmark(*program, *options);
    if (!report)
      return fail(inFile(spec, report.diagnostics()));
    if (asJson)
      printJson(llvm::outs(), *report);
    else
      printText(llvm::outs(), *report);
  }
  return good;
}
