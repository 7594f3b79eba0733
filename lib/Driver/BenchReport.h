//===- BenchReport.h - What lrc bench prints --------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_BENCHREPORT_H
#define LRC_LIB_DRIVER_BENCHREPORT_H

#include "lib/Driver/Measure.h"

#include "llvm/Support/JSON.h"

namespace lrc::driver {

/// A kernel that was timed.
struct BenchRow {
  ScheduleInfo schedule;
  Timing timing;
  double compileSeconds = 0;
  double predicted = 0; // seconds of a call; 0 where nothing is predicted
};

/// The times of a recurrence, on whatever it ran.
class BenchReport {
public:
  explicit BenchReport(const Workbench &bench);
  virtual ~BenchReport() = default;

  void printText(llvm::raw_ostream &os) const;
  void printJson(llvm::raw_ostream &os) const;

  /// The first is what the options say.
  std::vector<BenchRow> rows;

protected:
  /// The rest of the first line, and the lines below it.
  virtual void printFacts(llvm::raw_ostream &os) const = 0;
  /// Names of the columns behind the schedule, and a row of them.
  virtual void printColumns(llvm::raw_ostream &os) const = 0;
  virtual void printNumbers(llvm::raw_ostream &os,
                            const BenchRow &row) const = 0;
  virtual void addFacts(llvm::json::Object &object) const = 0;
  virtual void addNumbers(llvm::json::Object &object,
                          const BenchRow &row) const = 0;

private:
  const BenchRow &findBest() const;
  /// How many times as long as the best the choice takes.
  double overBest() const;

  std::string name;
  std::string shape;
  std::vector<std::string> assumed;
};

/// From the specialised recurrence to machine code.
double secondsToCompile(const Kernel &kernel);

/// The kernel of the options first, then those of `others` that it can be
/// compared with.
Result<std::vector<Kernel>> compileAll(Workbench &bench,
                                       llvm::ArrayRef<ScheduleInfo> others);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_BENCHREPORT_H
