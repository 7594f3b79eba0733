//===- ScheduleModel.h - Schedules as integers, and their cost --*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_SCHEDULEMODEL_H
#define LRC_LIB_SCHEDULE_SCHEDULEMODEL_H

#include "lib/Schedule/Schedule.h"
#include "lib/Schedule/Workload.h"
#include "lib/Solver/Problem.h"
#include "lib/Target/CpuTarget.h"

namespace lrc {

/// What the parts of a scan cost, for one sequence, one head and one step.
struct ScanWork {
  double perLane = 0;
  double shared = 0;
  /// Numbers that a segment carries, in the part that carries most.
  double states = 0;
  /// Parallel regions, one after the other, that a sequence takes.
  int64_t regions = 0;
};

/// The schedules of a recurrence as an integer problem. Its variables are
/// `chunk`, 1 of which is the sequential schedule, `lanes` of a work item,
/// `segments`, above 1 of which is a scan, unless `split` is 1. Its objective
/// is the time of one step of all sequences, in 1/1024 of the time of a vector
/// instruction.
class ScheduleModel {
public:
  /// Measures a specialised recurrence, which has a `dsf.form` if `kinds` has
  /// chunks. Sizes and threads come from the request, and what it fixes.
  ScheduleModel(dsf::RecurrenceOp recurrence, const ScheduleRequest &request,
                Kinds kinds, const CpuTarget &target);

  const solver::Problem &getProblem() const { return problem; }
  const Workload &getWorkload() const { return work; }

  /// The best schedules, the best first; at most `count`.
  llvm::Expected<llvm::SmallVector<dsf::ScheduleAttr>>
  findBest(unsigned count) const;

  /// Vector instructions of one step of all sequences, on the thread that has
  /// most of them, with its share of what a call takes to start.
  double countInstructions(dsf::ScheduleAttr schedule) const;

private:
  void addVariables(const ScheduleRequest &request, Kinds kinds);
  void addCost(const ScheduleRequest &request, const CpuTarget &target);
  solver::Expr costOf(double count) const;
  solver::Expr stepCost(const Workload &work, const solver::Expr &lanes,
                        const CpuTarget &target) const;
  solver::Expr rowCost(const Workload &work, const solver::Expr &lanes,
                       const solver::Expr &rows) const;
  solver::Expr valueOr(llvm::StringRef variable, int64_t value) const;
  void addLimits(const ScheduleRequest &request, Kinds kinds,
                 const CpuTarget &target);
  dsf::ScheduleAttr decode(const solver::Assignment &assignment) const;

  mlir::MLIRContext *context;
  Workload work;
  ScanWork scanWork;
  /// Of the states alone, in a split.
  std::optional<Workload> passWork;
  /// Numbers in a vector.
  int64_t perVector = 1;
  solver::Problem problem;
};

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_SCHEDULEMODEL_H
