//===- GpuModel.h - Kernels of a GPU as integers, and their cost -*- C++
//-*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_GPUMODEL_H
#define LRC_LIB_SCHEDULE_GPUMODEL_H

#include "lib/Schedule/Schedule.h"
#include "lib/Schedule/Workload.h"
#include "lib/Solver/Problem.h"
#include "lib/Target/GpuTarget.h"

#include <map>

namespace lrc {

/// What a kernel of a GPU is chosen for.
struct GpuRequest {
  /// Nothing leaves the choice to the cost model.
  std::optional<dsf::ScheduleKind> kind;
  /// Steps of a chunk, lanes of a block, segments of time; 0 leaves them open.
  int64_t chunk = 0;
  int64_t lanes = 0;
  int64_t segments = 0;
  /// Values of some of `blockVariables`.
  std::map<std::string, int64_t> block;
  /// Sequences times heads, as far as known.
  int64_t batchHeads = 1;
  /// Steps of a sequence, as far as known; 0 for many.
  int64_t steps = 0;
  /// Whether segments of time may be chosen where none are asked for.
  bool maySegment = false;
  /// Whether preparers suit the kernel; nothing until it was lowered with some.
  std::optional<bool> hasTeams;
};

/// What a user may fix of a `dsf.block`, under the names of its parameters.
inline constexpr llvm::StringLiteral blockVariables[] = {
    "threads", "preparers", "resident", "stages", "forms", "cores"};

/// Their values, and a block of some.
std::map<std::string, int64_t> toMap(dsf::BlockAttr block);
dsf::BlockAttr toBlock(mlir::MLIRContext *context,
                       const std::map<std::string, int64_t> &values);

/// Whether a tensor has 16 bits for a number: products then have no more digits
/// to lose than a tensor core keeps, and nobody sees more of the rest.
bool hasHalfTensors(dsf::RecurrenceOp recurrence);

/// A kernel that may be chosen.
struct GpuChoice {
  dsf::ScheduleAttr schedule;
  /// Predicted, for one step of all sequences.
  double nanoseconds = 0;
};

/// The kernels of a recurrence as an integer problem. Beside `chunk`, 1 of
/// which is the sequential kernel, `lanes` and `segments` its variables are
/// those of a block. Its objective is the time of one step of all sequences, in
/// 1/16384 of a cycle.
class GpuModel {
public:
  /// Measures a specialised and stabilised recurrence; adds the `dsf.form` if
  /// chunks apply. Fails where what is asked for does not.
  static llvm::Expected<GpuModel> create(dsf::RecurrenceOp recurrence,
                                         const GpuRequest &request,
                                         const GpuTarget &target);

  const solver::Problem &getProblem() const { return problem; }

  /// The best kernels, the best first; at most `count`.
  llvm::Expected<llvm::SmallVector<GpuChoice>> findBest(unsigned count) const;

private:
  GpuModel(dsf::RecurrenceOp recurrence, const GpuRequest &request,
           const GpuTarget &target);

  void addVariables(dsf::RecurrenceOp recurrence);
  void addLanes();
  void addSegments(dsf::RecurrenceOp recurrence);
  void addShapes();
  void addMemory();
  void addCost();
  solver::Expr stepTime() const;
  solver::Expr chunkTime();
  solver::Expr var(llvm::StringRef name) const;
  bool isStepwise() const;
  dsf::ScheduleAttr decode(const solver::Assignment &assignment) const;

  mlir::MLIRContext *context;
  GpuRequest request;
  const GpuTarget *target;
  Kinds kinds;
  Workload work;
  bool hasHalves = false;
  /// Whether a state is a product of matrices.
  bool hasProducts = false;
  /// Whether what a segment does to a state is a matrix.
  bool mixesStates = false;
  solver::Problem problem;
};

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_GPUMODEL_H
