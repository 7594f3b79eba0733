//===- TileToVector.cpp - From tiles to loops over vectors ----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The function around the nests: the loop over work items, the buffers, the
// states' start and end, the loop over time.
//
//===----------------------------------------------------------------------===//

#include "lib/Conversion/TileToVector/TileToVector.h"

#include "lib/Conversion/TileToVector/Nests.h"
#include "lib/Conversion/TileToVector/WorkItem.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

namespace {

class KernelLowering {
public:
  KernelLowering(tile::KernelOp kernel, LoweringCounts &counts)
      : kernel(kernel), counts(counts), plan(kernel), builder(kernel),
        loc(kernel.getLoc()), item(kernel, builder) {}

  LLVM::LLVMFuncOp run();

private:
  /// A state's next value that could not be written in place.
  struct Commit {
    Storage from;
    Storage to;
    int64_t bytes;
  };

  Storage makeBuffer(Value tile);
  void makeStateBuffers();
  void keepTiles(Block *block);
  std::vector<Root> findRoots(Block *block);
  void emitSection(Section &section, Value guard);
  void lowerIndices(Block *block);

  void lowerPrologue();
  void lowerStarts();
  void lowerLoop();
  void lowerFinals();

  void placeNextStates(std::vector<Root> &roots,
                       SmallVectorImpl<Commit> &commits);

  tile::KernelOp kernel;
  LoweringCounts &counts;
  Plan plan;
  OpBuilder builder;
  Location loc;
  WorkItem item;
  Frame frame;
};

} // namespace

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

static int64_t countElements(Value tile) {
  int64_t count = 1;
  for (int64_t size : shapeOf(tile))
    count *= size;
  return count;
}

static int64_t countBytes(Value tile) {
  return countElements(tile) * (elementOf(tile).getIntOrFloatBitWidth() / 8);
}

/// Lanes lie next to each other, the other axes in C order around them.
Storage KernelLowering::makeBuffer(Value tile) {
  ++counts.buffers;
  Storage storage;
  storage.element = elementOf(tile);
  storage.pointer = item.allocate(countBytes(tile));
  int64_t laneAxis = plan.getLaneAxis(tile);
  ArrayRef<int64_t> shape = shapeOf(tile);
  storage.strides.assign(shape.size(), 1);
  int64_t stride = laneAxis >= 0 ? shape[laneAxis] : 1;
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    if (axis == laneAxis)
      continue;
    storage.strides[axis] = stride;
    stride *= shape[axis];
  }
  return storage;
}

void KernelLowering::makeStateBuffers() {
  scf::ForOp loop = plan.getLoop();
  for (auto [init, argument, result] : llvm::zip_equal(
           loop.getInitArgs(), loop.getRegionIterArgs(), loop.getResults())) {
    Storage storage = makeBuffer(argument);
    frame.storage[argument] = storage;
    frame.storage[result] = storage;
  }
  // A state that no step changes is no argument of the loop.
  for (auto branch : kernel.getBody().getOps<scf::IfOp>())
    for (Value start : branch.getResults())
      if (isTile(start) && !llvm::is_contained(loop.getInitArgs(), start))
        frame.storage[start] = makeBuffer(start);
}

/// Whether a kept tile of the loop stays in registers: its only axis is the
/// lanes, which one loop runs over.
static bool staysInRegisters(const Plan &plan, Value tile) {
  return plan.isInLoop(tile) && plan.getLaneAxis(tile) >= 0 &&
         shapeOf(tile).size() == 1;
}

/// Gives buffers to the kept tiles that have none yet.
void KernelLowering::keepTiles(Block *block) {
  for (Operation &op : *block)
    for (Value result : op.getResults())
      if (isTile(result) && plan.isMaterialized(result) &&
          !isa<scf::ForOp, scf::IfOp>(op) && !frame.storage.count(result) &&
          !staysInRegisters(plan, result))
        frame.storage[result] = makeBuffer(result);
}

//===----------------------------------------------------------------------===//
// Roots
//===----------------------------------------------------------------------===//

std::vector<Root> KernelLowering::findRoots(Block *block) {
  std::vector<Root> roots;
  for (Operation &op : *block) {
    if (auto store = dyn_cast<tile::StoreOp>(op)) {
      if (store.getTime())
        roots.push_back({Root::Kind::Write, &op, store.getTile(), {}, {}});
      continue;
    }
    if (op.getNumResults() != 1 || !isTile(op.getResult(0)) ||
        !plan.isMaterialized(op.getResult(0)) || isa<scf::IfOp>(op) ||
        isa<scf::ForOp>(op))
      continue;
    Value tile = op.getResult(0);
    Root root{Root::Kind::Keep, &op, tile, tile, frame.storage.lookup(tile)};
    if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
      root.kind = Root::Kind::Reduce;
      root.source = reduce.getSource();
    }
    roots.push_back(root);
  }
  return roots;
}

void KernelLowering::emitSection(Section &section, Value guard) {
  section.emit(frame, builder, loc, guard);
  counts.nests += section.getNumNests();
}

/// Arithmetic on indices, in i64.
void KernelLowering::lowerIndices(Block *block) {
  auto at = [&](Value index) { return frame.indices.find(index)->second; };
  for (Operation &op : *block)
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](tile::StepsOp) {
          frame.indices[op.getResult(0)] = item.getSteps();
        })
        .Case([&](tile::HeadOp) {
          frame.indices[op.getResult(0)] = item.getHead();
        })
        .Case([&](tile::HeadsOp) {
          frame.indices[op.getResult(0)] = item.getHeads();
        })
        .Case([&](arith::ConstantIndexOp constant) {
          frame.indices[constant.getResult()] = arith::ConstantOp::create(
              builder, loc, builder.getI64IntegerAttr(constant.value()));
        })
        .Case([&](arith::SubIOp sub) {
          if (sub.getType().isIndex())
            frame.indices[sub.getResult()] = arith::SubIOp::create(
                builder, loc, at(sub.getLhs()), at(sub.getRhs()));
        });
}

//===----------------------------------------------------------------------===//
// Parts of the function
//===----------------------------------------------------------------------===//

void KernelLowering::lowerPrologue() {
  Block *block = &kernel.getBody().front();
  keepTiles(block);
  lowerIndices(block);
  Section section(plan, findRoots(block));
  emitSection(section, {});
}

/// Every state starts from the caller's tensor or from its init value.
void KernelLowering::lowerStarts() {
  scf::ForOp loop = plan.getLoop();
  auto copyInto = [&](Value tile, const Storage &home) {
    Root copy{Root::Kind::Copy, nullptr, tile, {}, home};
    Section section(plan, {copy});
    emitSection(section, {});
  };
  llvm::DenseMap<Value, Storage> homes;
  for (auto [init, state] :
       llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs()))
    if (init.getDefiningOp<scf::IfOp>())
      homes[init] = frame.storage[state];
    else
      copyInto(init, frame.storage[state]);
  for (auto branch : kernel.getBody().getOps<scf::IfOp>()) {
    auto given = branch.getCondition().getDefiningOp<tile::GivenOp>();
    Value isGiven = item.isGiven(frame.references[given.getRef()].data);
    auto made = scf::IfOp::create(builder, loc, isGiven, /*withElse=*/true);
    for (auto [from, to] :
         {std::pair(&branch.getThenRegion(), &made.getThenRegion()),
          std::pair(&branch.getElseRegion(), &made.getElseRegion())}) {
      to->front().clear();
      builder.setInsertionPointToEnd(&to->front());
      Operation *yield = from->front().getTerminator();
      // Several results are the parts of one complex state.
      for (auto [start, value] :
           llvm::zip_equal(branch.getResults(), yield->getOperands())) {
        auto home = homes.find(start);
        copyInto(value, home != homes.end() ? home->second
                                            : frame.storage.lookup(start));
      }
      scf::YieldOp::create(builder, loc);
    }
    builder.setInsertionPointAfter(made);
  }
}

/// Gives each state's next value its place: the state's buffer when nothing
/// reads the old value later, else a buffer of its own.
void KernelLowering::placeNextStates(std::vector<Root> &roots,
                                     SmallVectorImpl<Commit> &commits) {
  scf::ForOp loop = plan.getLoop();
  llvm::DenseSet<Value> isRoot;
  for (const Root &root : roots)
    isRoot.insert(root.result);
  llvm::DenseMap<Value, Value> computed;
  for (auto [state, next] :
       llvm::zip_equal(loop.getRegionIterArgs(),
                       loop.getBody()->getTerminator()->getOperands())) {
    if (next == state)
      continue;
    if (isRoot.contains(next) && computed.insert({next, state}).second)
      continue;
    // Not computed in this step, or the next value of two states. What these
    // copies read counts below.
    Storage copy = makeBuffer(state);
    roots.push_back({Root::Kind::Copy, nullptr, next, {}, copy});
    commits.push_back({copy, frame.storage[state], countBytes(state)});
  }
  Section trial(plan, roots);
  for (auto [index, root] : llvm::enumerate(roots)) {
    auto found = computed.find(root.result);
    if (!root.result || found == computed.end())
      continue;
    Value state = found->second;
    Storage home = frame.storage[state];
    bool inPlace = trial.canOverwrite(state, trial.getRoots()[index]);
    root.target = inPlace ? home : makeBuffer(root.result);
    frame.storage[root.result] = root.target;
    if (!inPlace)
      commits.push_back({root.target, home, countBytes(root.result)});
  }
}

void KernelLowering::lowerLoop() {
  scf::ForOp loop = plan.getLoop();
  Block *body = loop.getBody();

  std::vector<Root> roots = findRoots(body);
  SmallVector<Commit> commits;
  placeNextStates(roots, commits);
  keepTiles(body);
  for (Root &root : roots)
    if (root.result && !root.target.pointer)
      root.target = frame.storage.lookup(root.result);
  Section section(plan, roots);

  Value zero = item.constant(0);
  auto made =
      scf::ForOp::create(builder, loc, zero, item.getSteps(), item.constant(1));
  made.getBody()->clear();
  builder.setInsertionPointToEnd(made.getBody());
  frame.indices[loop.getInductionVar()] = made.getInductionVar();
  lowerIndices(body);
  body->walk([&](Operation *op) {
    Value ref;
    Value time;
    if (auto load = dyn_cast<tile::LoadOp>(op))
      std::tie(ref, time) = std::pair(load.getRef(), load.getTime());
    if (auto store = dyn_cast<tile::StoreOp>(op))
      std::tie(ref, time) = std::pair(store.getRef(), store.getTime());
    if (!time)
      return;
    Value &address = frame.stepAddresses[{ref.getAsOpaquePointer(),
                                          time.getAsOpaquePointer()}];
    if (!address)
      address = item.addressAt(frame.references[ref], ref,
                               frame.indices.find(time)->second);
  });
  emitSection(section, item.isFirstBlock());
  builder.setInsertionPointToEnd(made.getBody());
  for (const Commit &commit : commits)
    item.copy(commit.to.pointer, commit.from.pointer, commit.bytes);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(made);
}

/// Final states go where the caller wants them.
void KernelLowering::lowerFinals() {
  for (auto store : kernel.getBody().getOps<tile::StoreOp>()) {
    Value wanted = item.isGiven(frame.references[store.getRef()].data);
    if (plan.getLaneAxis(store.getTile()) < 0)
      if (Value first = item.isFirstBlock())
        wanted = arith::AndIOp::create(builder, loc, wanted, first);
    auto branch = scf::IfOp::create(builder, loc, wanted);
    branch.getThenRegion().front().clear();
    builder.setInsertionPointToEnd(&branch.getThenRegion().front());
    Root write{Root::Kind::Write, store, store.getTile(), {}, {}};
    Section section(plan, {write});
    emitSection(section, {});
    builder.setInsertionPointToEnd(&branch.getThenRegion().front());
    scf::YieldOp::create(builder, loc);
    builder.setInsertionPointAfter(branch);
  }
}

LLVM::LLVMFuncOp KernelLowering::run() {
  LLVM::LLVMFuncOp function = item.open(plan, frame);
  makeStateBuffers();
  lowerPrologue();
  lowerStarts();
  lowerLoop();
  lowerFinals();
  item.close();
  return function;
}

/// A kernel whose steps change and write nothing has lost its loop.
static void ensureLoop(tile::KernelOp kernel) {
  if (!kernel.getBody().getOps<scf::ForOp>().empty())
    return;
  OpBuilder builder = OpBuilder::atBlockEnd(&kernel.getBody().front());
  Location loc = kernel.getLoc();
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value steps = tile::StepsOp::create(builder, loc, builder.getIndexType());
  scf::ForOp::create(builder, loc, zero, steps, one);
}

LLVM::LLVMFuncOp lrc::lowerToVector(tile::KernelOp kernel,
                                    LoweringCounts &counts) {
  ensureLoop(kernel);
  return KernelLowering(kernel, counts).run();
}
