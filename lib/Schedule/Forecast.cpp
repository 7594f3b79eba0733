//===- Forecast.cpp - Predicted times of schedules ------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Schedule/Forecast.h"

#include "lib/Transforms/Stabilize.h"

using namespace lrc;
using namespace lrc::dsf;

static constexpr ScheduleKind allKinds[] = {
    ScheduleKind::Sequential, ScheduleKind::Chunked, ScheduleKind::Scan,
    ScheduleKind::Split};

/// Steps of a call where their number is not known.
static constexpr int64_t usualSteps = 4096;

Forecast::Forecast(RecurrenceOp source, const ScheduleRequest &request,
                   CallShape shape, const CpuTarget &target)
    : recurrence(llvm::cast<RecurrenceOp>(source->clone())), request(request),
      shape(shape), target(target) {
  stabilize(*recurrence);
  for (ScheduleKind kind : allKinds)
    reasons[unsigned(kind)] = lrc::whyNot(kind, *recurrence);
  ScheduleRequest call = request;
  call.chunk = call.lanes = call.segments = 0;
  call.batchHeads = shape.batchHeads;
  call.steps = shape.steps;
  calls =
      std::make_unique<ScheduleModel>(*recurrence, call, kindsOf({}), target);
}

llvm::StringRef Forecast::whyNot(ScheduleKind kind) const {
  return reasons[unsigned(kind)];
}

Kinds Forecast::kindsOf(std::optional<ScheduleKind> kind) const {
  auto has = [&](ScheduleKind each) {
    return (!kind || *kind == each) && whyNot(each).empty();
  };
  return {has(ScheduleKind::Sequential), has(ScheduleKind::Chunked),
          has(ScheduleKind::Scan), has(ScheduleKind::Split),
          whyNot(ScheduleKind::Chunked).empty()};
}

llvm::Expected<llvm::SmallVector<ScheduleAttr>>
Forecast::findBest(std::optional<ScheduleKind> kind, unsigned count) const {
  return makeModel(kindsOf(kind)).findBest(count);
}

ScheduleModel Forecast::makeModel(Kinds kinds) const {
  return ScheduleModel(*recurrence, request, kinds, target);
}

solver::Problem Forecast::getProblem() const {
  Kinds kinds = kindsOf(request.kind);
  if (!request.kind)
    kinds = findChoices(*recurrence, request);
  return makeModel(kinds).getProblem();
}

llvm::Expected<ScheduleAttr> Forecast::choose() const {
  mlir::OwningOpRef<RecurrenceOp> copy =
      llvm::cast<RecurrenceOp>((*recurrence)->clone());
  if (llvm::Error error = chooseSchedule(*copy, request))
    return std::move(error);
  return copy->getScheduleAttr();
}

double Forecast::perToken(ScheduleAttr schedule) const {
  int64_t steps = shape.steps > 0 ? shape.steps : usualSteps;
  double tokens = double(std::max<int64_t>(shape.batchHeads, 1)) * steps;
  // A multiply-add of f32 counts 2 for each lane.
  double instruction = 2.0 * target.vectorBits / 32 / target.fmaGflops;
  double compute = calls->countInstructions(schedule) * steps * instruction;
  double bytes = calls->getWorkload().tensorBytes * tokens;
  double share = std::min(1.0, double(request.threads) / target.threads);
  double memory =
      bytes > target.l3Bytes ? bytes / (target.copyGBps * share) : 0;
  return std::max(compute, memory) / tokens;
}
