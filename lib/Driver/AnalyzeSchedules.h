//===- AnalyzeSchedules.h - Schedules and their predicted costs -*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_ANALYZESCHEDULES_H
#define LRC_LIB_DRIVER_ANALYZESCHEDULES_H

#include "lib/JIT/ProgramImpl.h"
#include "lib/Schedule/Forecast.h"

#include "llvm/Support/JSON.h"

namespace lrc::driver {

struct ScheduleReport {
  dsf::ScheduleKind kind;
  std::string whyNot; // it does not apply
  /// The best of the kind and its prediction; nothing where what is asked for
  /// is not possible, and then why.
  dsf::ScheduleAttr best;
  double nanoseconds = 0; // for each token and head
};

struct ScheduleReports {
  std::vector<ScheduleReport> kinds;
  /// What a compilation with these options takes; null where it fails.
  dsf::ScheduleAttr chosen;
  double nanoseconds = 0;
  std::string reason;
  /// Tokens times heads of a call, 0 where they are not known.
  int64_t tokens = 0;
};

/// A forecast for this machine.
Forecast makeForecast(dsf::RecurrenceOp recurrence,
                      const KernelRequest &request,
                      const CompileOptions &options);

ScheduleReports reportSchedules(dsf::RecurrenceOp recurrence,
                                const KernelRequest &request,
                                const CompileOptions &options);

/// The integer problem whose answer is the schedule.
llvm::Expected<solver::Problem> problemOf(dsf::RecurrenceOp recurrence,
                                          const KernelRequest &request,
                                          const CompileOptions &options);

/// "chunked, chunk = 32, lanes = 64"
std::string spell(dsf::ScheduleAttr schedule);

/// `flops` and `bytes` of the step as written.
void printSchedules(llvm::raw_ostream &os, const ScheduleReports &reports,
                    int64_t flops, int64_t bytes);
llvm::json::Array schedulesToJson(const ScheduleReports &reports, int64_t flops,
                                  int64_t bytes);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_ANALYZESCHEDULES_H
