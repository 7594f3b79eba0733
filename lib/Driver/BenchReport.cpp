//===- BenchReport.cpp - What lrc bench prints ----------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Driver/BenchReport.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lrc;
using namespace lrc::driver;
namespace json = llvm::json;

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

static bool isSame(const ScheduleInfo &a, const ScheduleInfo &b) {
  return a.kind == b.kind && a.chunk == b.chunk && a.lanes == b.lanes &&
         a.segments == b.segments && a.block == b.block;
}

Result<std::vector<Kernel>>
driver::compileAll(Workbench &bench, llvm::ArrayRef<ScheduleInfo> others) {
  std::vector<Kernel> kernels;
  Result<Kernel> chosen = bench.compile(bench.getOptions());
  if (!chosen)
    return chosen.diagnostics();
  kernels.push_back(*chosen);
  for (const ScheduleInfo &schedule : others) {
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
// Printing
//===----------------------------------------------------------------------===//

BenchReport::BenchReport(const Workbench &bench)
    : name(bench.getSignature().name), shape(bench.label()),
      assumed(bench.getAssumed()) {}

const BenchRow &BenchReport::findBest() const {
  return *llvm::min_element(rows, [](const BenchRow &a, const BenchRow &b) {
    return a.timing.median < b.timing.median;
  });
}

double driver::secondsToCompile(const Kernel &kernel) {
  return (kernel.times().lower + kernel.times().codegen) / 1e3;
}

double BenchReport::overBest() const {
  return rows.front().timing.median / findBest().timing.median;
}

void BenchReport::printText(llvm::raw_ostream &os) const {
  os << name << ' ' << shape;
  if (!assumed.empty())
    os << " (assumed: " << llvm::join(assumed, ", ") << ')';
  printFacts(os);
  size_t width = 36;
  for (const BenchRow &row : rows)
    width = std::max(width, spell(row.schedule).size() + 1);
  os << '\n' << llvm::left_justify("schedule", width);
  printColumns(os);
  os << "  compile\n";
  for (const BenchRow &row : rows) {
    os << llvm::left_justify(spell(row.schedule), width);
    printNumbers(os, row);
    os << llvm::format(" %8.0f", row.compileSeconds * 1e3);
    if (&row == &rows.front())
      os << (row.schedule.tuned ? "  chosen (tuned)" : "  chosen");
    os << '\n';
  }
  if (rows.size() > 1)
    os << llvm::format("\nthe choice takes %.2f times as long as the best, ",
                       overBest())
       << spell(findBest().schedule) << '\n';
}

static json::Object toJson(const Sizes &sizes) {
  json::Object object;
  for (const auto &[name, size] : sizes)
    object[name] = size;
  return object;
}

void BenchReport::printJson(llvm::raw_ostream &os) const {
  json::Array schedules;
  for (const BenchRow &row : rows) {
    json::Object object{{"schedule", lrc::spell(row.schedule.kind)},
                        {"chunk", row.schedule.chunk},
                        {"lanes", row.schedule.lanes},
                        {"segments", row.schedule.segments},
                        {"block", toJson(row.schedule.block)},
                        {"tuned", row.schedule.tuned},
                        {"median_seconds", row.timing.median},
                        {"best_seconds", row.timing.best},
                        {"compile_seconds", row.compileSeconds}};
    addNumbers(object, row);
    schedules.push_back(std::move(object));
  }
  json::Object object{{"recurrence", name},
                      {"shape", shape},
                      {"assumed", json::Array(assumed)},
                      {"schedules", std::move(schedules)},
                      {"over_best", overBest()}};
  addFacts(object);
  os << llvm::formatv("{0:2}", json::Value(std::move(object))) << '\n';
}
