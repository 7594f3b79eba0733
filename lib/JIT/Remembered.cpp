//===- Remembered.cpp - Schedules that were measured ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/JIT/Remembered.h"

#include "lib/Gpu/CudaDriver.h"

#include "lib/Cache/Cache.h"
#include "lib/Schedule/Schedule.h"
#include "lib/Target/CpuTarget.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/OwningOpRef.h"

using namespace mlir;
using namespace lrc;

/// The processor that kernels are for; of a GPU its name.
static std::string nameTarget(const KernelRequest &request) {
  if (request.target != "cuda")
    return request.target;
  llvm::Expected<CudaDevice *> device = CudaDevice::get();
  if (device)
    return (*device)->getName();
  llvm::consumeError(device.takeError());
  return request.target;
}

static std::string makeKey(dsf::RecurrenceOp recurrence,
                           const KernelRequest &request) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << "schedule of " << describeHost() << "threads " << request.threads
     << "\ntarget " << nameTarget(request) << "\nsequences "
     << request.batchHeads << "\nsteps " << request.steps << '\n';
  recurrence->print(os);
  return key;
}

static Cache openCache() { return Cache(Cache::getDefaultDirectory()); }

dsf::ScheduleAttr lrc::recallSchedule(dsf::RecurrenceOp recurrence,
                                      const KernelRequest &request) {
  bool isFree = request.schedule == Schedule::Auto && request.chunk == 0 &&
                request.lanes == 0 && request.segments == 0 &&
                request.block.empty() && !recurrence.getScheduleAttr();
  if (!isFree)
    return nullptr;
  std::optional<std::string> text =
      openCache().lookup(makeKey(recurrence, request));
  if (!text)
    return nullptr;
  // Nobody asked for this file: what is wrong with it is not the user's fault.
  ScopedDiagnosticHandler quiet(recurrence.getContext(),
                                [](mlir::Diagnostic &) { return success(); });
  auto schedule = dyn_cast_if_present<dsf::ScheduleAttr>(
      parseAttribute(*text, recurrence.getContext()));
  if (!schedule)
    return nullptr;
  OwningOpRef<dsf::RecurrenceOp> copy = recurrence.clone();
  return whyNot(schedule.getKind(), *copy).empty() ? schedule : nullptr;
}

void lrc::rememberSchedule(dsf::RecurrenceOp recurrence,
                           const KernelRequest &request,
                           dsf::ScheduleAttr schedule) {
  std::string text;
  llvm::raw_string_ostream(text) << schedule;
  openCache().store(makeKey(recurrence, request), text);
}
