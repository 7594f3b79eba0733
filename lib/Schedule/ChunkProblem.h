//===- ChunkProblem.h - Chunk and lanes as integers -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_SCHEDULE_CHUNKPROBLEM_H
#define LRC_LIB_SCHEDULE_CHUNKPROBLEM_H

#include "lib/Schedule/Workload.h"
#include "lib/Solver/Problem.h"
#include "lib/Target/CpuTarget.h"

namespace lrc {

/// What is to be chosen: the steps of a chunk, where 1 is the sequential
/// schedule, and the lanes of a work item.
struct ChunkRequest {
  bool mayChunk = false;
  bool mayStep = true;
  /// Steps of a chunk that the user asks for; 0 for none.
  int64_t chunk = 0;
  int64_t threads = 1;
  /// Sequences times heads.
  int64_t batchHeads = 1;
};

/// The problem, with variables `chunk` and `lanes`. The objective is the time
/// of one step of all sequences, in 1/64 of the time of a vector instruction.
solver::Problem makeChunkProblem(const Workload &workload,
                                 const CpuTarget &target,
                                 const ChunkRequest &request);

} // namespace lrc

#endif // LRC_LIB_SCHEDULE_CHUNKPROBLEM_H
