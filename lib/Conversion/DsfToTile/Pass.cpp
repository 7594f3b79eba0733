//===- Pass.cpp - convert-dsf-to-tile -------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Tile/Tile.h"
#include "lib/Conversion/DsfToTile/DsfToTile.h"
#include "lib/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

namespace lrc {
#define GEN_PASS_DEF_CONVERTDSFTOTILE
#include "lib/Conversion/Passes.h.inc"
} // namespace lrc

using namespace mlir;
using namespace lrc;

namespace {
struct ConvertDsfToTilePass
    : public lrc::impl::ConvertDsfToTileBase<ConvertDsfToTilePass> {
  using ConvertDsfToTileBase::ConvertDsfToTileBase;

  void runOnOperation() override {
    BlockOptions options;
    options.threads = threads;
    options.batchHeads = batchHeads;
    options.cacheBytes = cacheBytes;
    auto recurrences =
        llvm::to_vector(getOperation().getOps<dsf::RecurrenceOp>());
    for (dsf::RecurrenceOp recurrence : recurrences) {
      std::string name = recurrence.getSymName().str();
      if (dsf::ScheduleAttr schedule = recurrence.getScheduleAttr()) {
        options.chunk = schedule.getChunk();
        options.laneWidth = schedule.getLanes();
      }
      if (failed(lowerToTile(recurrence, name, options)))
        return signalPassFailure();
      recurrence.erase();
    }
  }
};
} // namespace
