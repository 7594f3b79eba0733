//===- ChunkProblem.cpp - Chunk and lanes as integers ---------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/ChunkProblem.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace lrc;
using namespace lrc::solver;

namespace {
/// Vector instructions for each operation, README.md says where they are from.
constexpr double stepInstructions = 1.6;
constexpr double rowInstructions = 2;
constexpr double productInstructions = 1.35;
constexpr double scoreInstructions = 1.8;
/// Vector instructions in whose time a loop nest starts and ends.
constexpr double nestInstructions = 80;
constexpr double scale = 64;
} // namespace

/// Lanes that are tried: multiples of a register that divide them into nearly
/// equal blocks, and all lanes.
static std::vector<int64_t> laneChoices(int64_t lanes, int64_t unit) {
  std::vector<int64_t> choices;
  for (int64_t blocks = 1; blocks <= 64; ++blocks) {
    int64_t width = llvm::alignTo(llvm::divideCeil(lanes, blocks), unit);
    choices.push_back(std::min(width, lanes));
    if (width <= unit)
      break;
  }
  llvm::sort(choices);
  choices.erase(std::unique(choices.begin(), choices.end()), choices.end());
  return choices;
}

Problem lrc::makeChunkProblem(const Workload &workload,
                              const CpuTarget &target,
                              const ChunkRequest &request) {
  Problem problem("schedule");
  int64_t perVector =
      std::max<int64_t>(target.vectorBits / 8 / workload.elementBytes, 1);
  std::vector<int64_t> chunks;
  if (request.mayStep)
    chunks.push_back(1);
  if (request.mayChunk && request.chunk > 1)
    chunks.push_back(request.chunk);
  else if (request.mayChunk)
    for (int64_t chunk : {8, 16, 32, 64, 128})
      chunks.push_back(chunk);
  Expr chunk = problem.addVariable("chunk", Domain::set(chunks));
  Expr lanes = problem.addVariable(
      "lanes", Domain::set(laneChoices(workload.lanes, perVector)));

  auto number = [&](double count) {
    return Expr(int64_t(std::llround(scale * count / perVector)));
  };
  Expr blocks = problem.let("blocks", ceilDiv(workload.lanes, lanes));
  int64_t parallel = std::min(request.batchHeads, request.threads);
  Expr rounds = problem.let(
      "rounds", ceilDiv(parallel * blocks, std::max<int64_t>(request.threads, 1)));
  Expr step = number(stepInstructions * workload.stepPerLane) * lanes +
              number(stepInstructions * workload.stepShared);
  Expr perLane =
      number(rowInstructions * workload.rowPerLane +
             productInstructions * workload.productPerLane) +
      number(productInstructions * workload.productPerLaneStep) * chunk;
  Expr shared = number(rowInstructions * workload.rowShared +
                       productInstructions * workload.productShared) +
                number(scoreInstructions * workload.scorePerStep) * chunk;
  Expr start = Expr(int64_t(scale * nestInstructions * workload.nests));
  Expr row = perLane * lanes + shared + ceilDiv(start, chunk);
  Expr item = problem.let("item", select(chunk == 1, step, row));

  // The state and what a chunk keeps beside it stay in the second cache.
  auto whole = [](double count) { return Expr(int64_t(std::ceil(count))); };
  Expr numbers = whole(workload.kept) +
                 whole(workload.statePerLane) * lanes +
                 chunk * (whole(workload.keptPerRow) +
                          whole(workload.keptPerRowLane) * lanes + chunk);
  Expr bytes = problem.let(
      "bytes", select(chunk == 1, 0, workload.elementBytes * numbers));
  if (request.mayStep)
    problem.constrain("cache",
                      "second cache: {bytes} bytes needed for state and "
                      "chunk, {" +
                          std::to_string(target.l2Bytes) + "} available",
                      bytes <= target.l2Bytes);
  problem.minimize(rounds * item);
  return problem;
}
