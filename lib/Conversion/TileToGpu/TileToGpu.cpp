//===- TileToGpu.cpp - From tiles to a block of threads -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The function around the nests: values of parameters, the states' start and
// end, the loops over time.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToGpu/TileToGpu.h"

#include "lib/Conversion/TileToGpu/BlockLoop.h"
#include "lib/Conversion/TileToGpu/ThreadLoop.h"
#include "lib/Conversion/TileToVector/InverseNest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

namespace {
class GpuLowering {
public:
  GpuLowering(tile::KernelOp kernel, const GpuShape &shape)
      : kernel(kernel), plan(kernel, /*stageLoads=*/true), builder(kernel),
        loc(kernel.getLoc()), item(kernel, builder, shape),
        context{plan, frame, builder, loc, item} {}

  GpuLayout run();

private:
  void makeStates();
  void keep(Operation *op);
  void lowerStart(scf::IfOp branch);
  void lowerInverse(tile::InverseOp inverse);
  void lowerLoop(scf::ForOp loop);
  void lowerFinal(tile::StoreOp store);
  /// Runs `body` in a branch that all threads take or none.
  void emitIf(Value condition, llvm::function_ref<void()> body);

  tile::KernelOp kernel;
  Plan plan;
  OpBuilder builder;
  Location loc;
  BlockItem item;
  Frame frame;
  BlockContext context;
  /// See BlockMemory.h; 0 is before the first loop.
  int64_t time = 1;
};
} // namespace

void GpuLowering::emitIf(Value condition, llvm::function_ref<void()> body) {
  auto branch = scf::IfOp::create(builder, loc, condition);
  Block *inside = &branch.getThenRegion().front();
  inside->clear();
  builder.setInsertionPointToEnd(inside);
  body();
  builder.setInsertionPointToEnd(inside);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(branch);
}

/// A state has one place from its start to its end.
void GpuLowering::makeStates() {
  for (auto branch : kernel.getBody().getOps<scf::IfOp>())
    for (Value result : branch.getResults())
      frame.storage[result] = makeBlockStorage(item, result, elementOf(result));
  for (scf::ForOp loop : plan.getLoops())
    for (auto [init, argument, result] : llvm::zip_equal(
             loop.getInitArgs(), loop.getRegionIterArgs(), loop.getResults())) {
      bool handedOn =
          isa_and_present<scf::ForOp, scf::IfOp>(init.getDefiningOp()) &&
          init.hasOneUse();
      Storage storage =
          handedOn ? frame.storage[init]
                   : makeBlockStorage(item, argument, elementOf(argument));
      frame.storage[argument] = storage;
      frame.storage[result] = storage;
    }
}

/// A tile that is computed before or between the loops.
void GpuLowering::keep(Operation *op) {
  for (Value result : op->getResults()) {
    Storage storage = makeBlockStorage(item, result, elementOf(result));
    frame.storage[result] = storage;
    context.targets[result].push_back(storage);
  }
  if (auto inverse = dyn_cast<tile::InverseOp>(op))
    lowerInverse(inverse);
  else
    emitBlockNest(context, op);
  item.barrier();
}

/// The elimination works on a copy of the matrix, and is the first thread's.
void GpuLowering::lowerInverse(tile::InverseOp inverse) {
  Value matrix = inverse.getMatrix();
  Storage copy = makeBlockStorage(item, matrix, elementOf(matrix));
  emitCopy(context, matrix, copy);
  item.barrier();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        item.getThread(), zero);
  emitIf(isFirst, [&] {
    emitInverse(builder, loc, copy, frame.storage[inverse.getResult()],
                shapeOf(matrix));
  });
}

/// A state starts from the caller's tensor or from its init value.
void GpuLowering::lowerStart(scf::IfOp branch) {
  auto given = branch.getCondition().getDefiningOp<tile::GivenOp>();
  Value isGiven = item.isGiven(frame.references[given.getRef()].data);
  auto made = scf::IfOp::create(builder, loc, isGiven, /*withElse=*/true);
  for (auto [from, to] :
       {std::pair(&branch.getThenRegion(), &made.getThenRegion()),
        std::pair(&branch.getElseRegion(), &made.getElseRegion())}) {
    Block *inside = &to->front();
    inside->clear();
    builder.setInsertionPointToEnd(inside);
    Operation *yield = from->front().getTerminator();
    for (auto [index, value] : llvm::enumerate(yield->getOperands()))
      emitCopy(context, value, frame.storage[branch.getResult(index)]);
    builder.setInsertionPointToEnd(inside);
    scf::YieldOp::create(builder, loc);
  }
  builder.setInsertionPointAfter(made);
  item.barrier();
}

void GpuLowering::lowerLoop(scf::ForOp loop) {
  for (auto [init, state] :
       llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs())) {
    auto known = frame.storage.find(init);
    if (known == frame.storage.end() ||
        known->second.pointer != frame.storage[state].pointer)
      emitCopy(context, init, frame.storage[state]);
  }
  item.barrier();
  BlockLoop nests(context, loop, time);
  nests.emit();
  time = nests.getEnd() + 1;
}

/// Final states go where the caller wants them.
void GpuLowering::lowerFinal(tile::StoreOp store) {
  Value wanted = item.isGiven(frame.references[store.getRef()].data);
  if (plan.getLaneAxis(store.getTile()) < 0)
    if (Value first = item.isFirstBlock())
      wanted = arith::AndIOp::create(builder, loc, wanted, first);
  emitIf(wanted, [&] { emitStore(context, store); });
}

GpuLayout GpuLowering::run() {
  item.open(plan, frame);
  makeStates();
  item.lowerIndices(&kernel.getBody().front(), frame);
  for (Operation &op : kernel.getBody().front())
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](scf::IfOp op) { lowerStart(op); })
        .Case([&](scf::ForOp op) { lowerLoop(op); })
        .Case([&](tile::StoreOp op) { lowerFinal(op); })
        .Default([&](Operation *op) {
          bool isKept = llvm::any_of(op->getResults(), [&](Value result) {
            return isTile(result) && plan.isMaterialized(result);
          });
          if (isKept)
            keep(op);
        });
  return item.close();
}

/// A kernel without anything that its threads share.
static GpuLayout lowerThreads(tile::KernelOp kernel, const Plan &plan,
                              const ThreadGrid &grid, GpuShape shape) {
  // Warps of a multiprocessor that leave each thread half of what it can have.
  constexpr int64_t manyThreads = 512;
  shape.threads = grid.threads;
  shape.preparers = 0;
  if (shape.resident > 1)
    shape.resident = std::max<int64_t>(manyThreads / grid.threads, 1);
  OpBuilder builder(kernel);
  BlockItem item(kernel, builder, shape);
  Frame frame;
  BlockContext context{plan, frame, builder, kernel.getLoc(), item};
  item.open(plan, frame);
  item.lowerIndices(&kernel.getBody().front(), frame);
  emitThreadKernel(context, kernel, grid);
  return item.close();
}

GpuLayout lrc::lowerToGpu(tile::KernelOp kernel, const GpuShape &shape) {
  Plan plan(kernel, /*stageLoads=*/true);
  if (std::optional<ThreadGrid> grid =
          chooseThreadGrid(plan, kernel, shape.manySteps))
    return lowerThreads(kernel, plan, *grid, shape);
  return GpuLowering(kernel, shape).run();
}
