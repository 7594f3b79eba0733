//===- Forecast.h - Predicted times of schedules ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For people: a choice is made of counts of instructions, which are the same
// everywhere; here they become nanoseconds of a machine that was measured.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_FORECAST_H
#define LRC_LIB_SCHEDULE_FORECAST_H

#include "lib/Schedule/ScheduleModel.h"

#include "mlir/IR/OwningOpRef.h"

namespace lrc {

/// The shape of calls, as far as it is known.
struct CallShape {
  int64_t batchHeads = 1;
  int64_t steps = 0;
};

class Forecast {
public:
  /// For a specialised recurrence, which stays as it is. The request is that of
  /// a compilation.
  Forecast(dsf::RecurrenceOp recurrence, const ScheduleRequest &request,
           CallShape shape, const CpuTarget &target);

  /// Why a schedule does not apply; empty when it does.
  llvm::StringRef whyNot(dsf::ScheduleKind kind) const;

  /// The best schedules of a kind, or of those that apply; the best first.
  llvm::Expected<llvm::SmallVector<dsf::ScheduleAttr>>
  findBest(std::optional<dsf::ScheduleKind> kind, unsigned count) const;

  /// The problem of which the first of these is the answer.
  solver::Problem getProblem() const;

  /// What chooseSchedule sets for the request.
  llvm::Expected<dsf::ScheduleAttr> choose() const;

  /// Lanes that work items share out.
  int64_t getLanes() const { return calls->getWorkload().lanes; }

  /// Nanoseconds of a call, divided by its tokens and heads.
  double perToken(dsf::ScheduleAttr schedule) const;

private:
  ScheduleModel makeModel(Kinds kinds) const;
  Kinds kindsOf(std::optional<dsf::ScheduleKind> kind) const;

  mlir::OwningOpRef<dsf::RecurrenceOp> recurrence;
  ScheduleRequest request;
  CallShape shape;
  CpuTarget target;
  std::string reasons[4];
  std::unique_ptr<ScheduleModel> calls;
};

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_FORECAST_H
