//===- Report.h - What is known about a recurrence, in words ----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_REPORT_H
#define LRC_LIB_EXPLAIN_REPORT_H

#include "lib/Algebra/Spectrum.h"
#include "lib/Transforms/Linearize.h"

namespace lrc {

/// A group of states, which is run as one.
struct StageReport {
  std::vector<std::string> states;
  GroupKind kind = GroupKind::Sequential;
  /// Why chunks of it are not products of tiles; empty when they are.
  std::string limits;
  OperatorClass cls;
  std::string classText;
  /// Of several states, the class of each that enters another, or itself.
  std::vector<std::string> blocks;
  std::string why;
  /// The transition as a product of factors; empty where it has no such form.
  std::string lambda;
  /// Definitions of the states' next values, in index notation.
  std::vector<std::string> step;
  Spectrum spectrum;
  std::string eigenvalues;
  Tracking tracking = Tracking::Unknown;
  std::string sentence;
};

struct Report {
  std::vector<StageReport> stages;
  std::vector<std::string> outputs;
  /// Of the stage that can track most.
  Tracking tracking = Tracking::T0;
};

/// Analyses a specialised recurrence, which stays as it is.
Report makeReport(dsf::RecurrenceOp recurrence);

/// "real, in [0, 1]" or the like.
std::string spellSpectrum(const Spectrum &spectrum);

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_REPORT_H
