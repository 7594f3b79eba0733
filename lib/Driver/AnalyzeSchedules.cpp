//===- AnalyzeSchedules.cpp - Schedules and their predicted costs ---------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/AnalyzeSchedules.h"

#include "lib/Driver/Measure.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/JIT/Remembered.h"

#include "llvm/Support/Format.h"

using namespace lrc;
using namespace lrc::driver;
namespace json = llvm::json;

static int64_t findSize(const Sizes &sizes, llvm::StringRef name) {
  auto it = sizes.find(name.str());
  return it == sizes.end() ? 0 : it->second;
}

static CallShape shapeOf(const CompileOptions &options) {
  CallShape shape;
  shape.batchHeads = std::max<int64_t>(findSize(options.sizes, "B"), 1) *
                     std::max<int64_t>(findSize(options.sizes, "H"), 1);
  shape.steps = findSize(options.sizes, "T");
  return shape;
}

static ScheduleRequest toScheduleRequest(const KernelRequest &request) {
  ScheduleRequest result;
  result.kind = dsf::symbolizeScheduleKind(spell(request.schedule));
  result.chunk = request.chunk;
  result.lanes = request.lanes;
  result.segments = request.segments;
  result.threads = request.threads;
  result.batchHeads = request.batchHeads;
  result.steps = request.steps;
  result.maySegment = true;
  return result;
}

Forecast driver::makeForecast(dsf::RecurrenceOp recurrence,
                              const KernelRequest &request,
                              const CompileOptions &options) {
  return Forecast(recurrence, toScheduleRequest(request), shapeOf(options),
                  hostTarget());
}

llvm::Expected<solver::Problem>
driver::problemOf(dsf::RecurrenceOp recurrence, const KernelRequest &request,
                  const CompileOptions &options) {
  if (request.target == "cpu")
    return makeForecast(recurrence, request, options).getProblem();
  llvm::Expected<GpuModel> model = modelFor(recurrence, request);
  if (!model)
    return model.takeError();
  return model->getProblem();
}

/// The best kernel for a GPU.
static llvm::Expected<GpuChoice> chooseForGpu(dsf::RecurrenceOp recurrence,
                                              const KernelRequest &request) {
  llvm::Expected<GpuModel> model = modelFor(recurrence, request);
  if (!model)
    return model.takeError();
  auto best = model->findBest(1);
  if (!best)
    return best.takeError();
  return best->front();
}

static ScheduleReports reportForGpu(dsf::RecurrenceOp recurrence,
                                    const KernelRequest &request,
                                    const CompileOptions &options) {
  ScheduleReports reports;
  CallShape shape = shapeOf(options);
  reports.tokens = shape.batchHeads * shape.steps;
  // The prediction is of as many sequences and heads as the request has.
  double perToken = 1 / double(std::max<int64_t>(request.batchHeads, 1));
  for (dsf::ScheduleKind kind :
       {dsf::ScheduleKind::Sequential, dsf::ScheduleKind::Chunked,
        dsf::ScheduleKind::Scan, dsf::ScheduleKind::Split}) {
    ScheduleReport &entry = reports.kinds.emplace_back();
    entry.kind = kind;
    KernelRequest own = request;
    own.schedule = toSchedule(kind);
    llvm::Expected<GpuChoice> best = chooseForGpu(recurrence, own);
    if (!best) {
      entry.whyNot = llvm::toString(best.takeError());
      continue;
    }
    entry.best = best->schedule;
    // What runs ahead in a split, segment by segment, has no price.
    if (kind != dsf::ScheduleKind::Split)
      entry.nanoseconds = best->nanoseconds * perToken;
  }
  dsf::ScheduleAttr tuned = recallSchedule(recurrence, request);
  mlir::OwningOpRef<dsf::RecurrenceOp> copy = recurrence.clone();
  if (tuned)
    copy->setScheduleAttr(tuned);
  llvm::Expected<GpuChoice> chosen = chooseForGpu(*copy, request);
  if (!chosen) {
    reports.reason = llvm::toString(chosen.takeError());
    return reports;
  }
  reports.chosen = chosen->schedule;
  reports.nanoseconds = chosen->nanoseconds * perToken;
  reports.reason = tuned ? "tuned, the fastest of those that were measured"
                   : request.schedule != Schedule::Auto ? "asked for"
                   : recurrence.getScheduleAttr()
                       ? "pinned in the recurrence"
                       : "the least cost under the model";
  return reports;
}

ScheduleReports driver::reportSchedules(dsf::RecurrenceOp recurrence,
                                        const KernelRequest &request,
                                        const CompileOptions &options) {
  if (request.target != "cpu")
    return reportForGpu(recurrence, request, options);
  Forecast forecast = makeForecast(recurrence, request, options);
  ScheduleReports reports;
  CallShape shape = shapeOf(options);
  reports.tokens = shape.batchHeads * shape.steps;
  for (dsf::ScheduleKind kind :
       {dsf::ScheduleKind::Sequential, dsf::ScheduleKind::Chunked,
        dsf::ScheduleKind::Scan, dsf::ScheduleKind::Split}) {
    ScheduleReport &entry = reports.kinds.emplace_back();
    entry.kind = kind;
    entry.whyNot = forecast.whyNot(kind).str();
    if (!entry.whyNot.empty())
      continue;
    auto best = forecast.findBest(kind, 1);
    if (!best) {
      entry.whyNot = llvm::toString(best.takeError());
      continue;
    }
    entry.best = best->front();
    entry.nanoseconds = forecast.perToken(entry.best);
  }
  if (dsf::ScheduleAttr tuned = recallSchedule(recurrence, request)) {
    reports.chosen = tuned;
    reports.nanoseconds = forecast.perToken(tuned);
    reports.reason = "tuned, the fastest of those that were measured";
    return reports;
  }
  llvm::Expected<dsf::ScheduleAttr> chosen = forecast.choose();
  if (!chosen) {
    reports.reason = llvm::toString(chosen.takeError());
    return reports;
  }
  reports.chosen = *chosen;
  reports.nanoseconds = forecast.perToken(*chosen);
  reports.reason = request.schedule != Schedule::Auto ? "asked for"
                   : recurrence.getScheduleAttr()     ? "pinned in the "
                                                        "recurrence"
                   : isFew(request.steps) ? "few steps are not worth chunks"
                                          : "the least cost under the model";
  return reports;
}

std::string driver::spell(dsf::ScheduleAttr schedule) {
  return spell(toInfo(schedule));
}

void driver::printSchedules(llvm::raw_ostream &os,
                            const ScheduleReports &reports, int64_t flops,
                            int64_t bytes) {
  os << "\nschedules, with times predicted for each token and head\n";
  for (const ScheduleReport &entry : reports.kinds) {
    os << "  " << llvm::left_justify(stringifyScheduleKind(entry.kind), 12)
       << ' ';
    if (!entry.best) {
      os << "does not apply: " << entry.whyNot << '\n';
      continue;
    }
    os << "applies, ";
    if (entry.nanoseconds > 0)
      os << llvm::format("%.3g", entry.nanoseconds) << " ns with ";
    os << spell(entry.best);
    if (entry.kind == dsf::ScheduleKind::Sequential)
      os << "; " << flops << " FLOPs, " << bytes << " bytes";
    os << '\n';
  }
  os << "  chosen       ";
  if (reports.chosen)
    os << spell(reports.chosen) << ": ";
  os << reports.reason << '\n';
  if (reports.chosen && reports.tokens > 0)
    os << "  a call       "
       << llvm::format("%.3g",
                       reports.nanoseconds * double(reports.tokens) / 1e6)
       << " ms predicted\n";
}

json::Array driver::schedulesToJson(const ScheduleReports &reports,
                                    int64_t flops, int64_t bytes) {
  json::Array schedules;
  for (const ScheduleReport &entry : reports.kinds) {
    json::Object object{{"schedule", stringifyScheduleKind(entry.kind)},
                        {"applies", bool(entry.best)}};
    if (!entry.best)
      object["why_not"] = entry.whyNot;
    if (entry.best) {
      object["best"] = spell(entry.best);
      if (entry.nanoseconds > 0)
        object["predicted_ns_per_token"] = entry.nanoseconds;
    }
    if (entry.kind == dsf::ScheduleKind::Sequential) {
      object["flops_per_token"] = flops;
      object["bytes_per_token"] = bytes;
    }
    schedules.push_back(std::move(object));
  }
  return schedules;
}
