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

#include "lib/Conversion/TileToVector/ChunkLoop.h"
#include "lib/Conversion/TileToVector/InverseNest.h"
#include "lib/Conversion/TileToVector/Nests.h"
#include "lib/Conversion/TileToVector/Prefetch.h"
#include "lib/Conversion/TileToVector/WorkItem.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;

namespace {

class KernelLowering {
public:
  KernelLowering(tile::KernelOp kernel, const VectorTarget &target,
                 LoweringCounts &counts)
      : kernel(kernel), target(target), counts(counts), plan(kernel),
        builder(kernel), loc(kernel.getLoc()), item(kernel, builder),
        buffers(plan, item, counts.buffers) {}

  LLVM::LLVMFuncOp run();

private:
  /// A state's next value that could not be written in place.
  struct Commit {
    Storage from;
    Storage to;
    int64_t bytes;
  };

  void makeStartBuffers();
  void makeStateBuffers(scf::ForOp loop);
  void keepTiles(Block *block);
  std::vector<Root> findRoots(Block *block);
  void emitSection(Section &section, Value guard);
  void lowerPrologue();
  void copyInto(Value tile, const Storage &target);
  void lowerStart(scf::IfOp branch);
  void lowerInverse(tile::InverseOp inverse);
  void lowerProduct(tile::ProductOp product);
  RowContext makeRowContext();
  void lowerStarts(scf::ForOp loop);
  void lowerSteps(scf::ForOp loop);
  void lowerChunks(scf::ForOp loop);
  void lowerFinals();

  void placeNextStates(scf::ForOp loop, std::vector<Root> &roots,
                       SmallVectorImpl<Commit> &commits);

  tile::KernelOp kernel;
  VectorTarget target;
  LoweringCounts &counts;
  Plan plan;
  OpBuilder builder;
  Location loc;
  WorkItem item;
  Buffers buffers;
  Frame frame;
};

} // namespace

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// Starts of states have buffers of their own, which loops take over.
void KernelLowering::makeStartBuffers() {
  for (auto branch : kernel.getBody().getOps<scf::IfOp>())
    for (Value result : branch.getResults())
      frame.storage[result] = buffers.make(result);
}

/// A state that is handed on to a loop stays where it is.
void KernelLowering::makeStateBuffers(scf::ForOp loop) {
  for (auto [init, argument, result] : llvm::zip_equal(
           loop.getInitArgs(), loop.getRegionIterArgs(), loop.getResults())) {
    bool handedOn =
        isa_and_present<scf::ForOp, scf::IfOp>(init.getDefiningOp()) &&
        init.hasOneUse();
    Storage storage = handedOn ? frame.storage[init] : buffers.make(argument);
    frame.storage[argument] = storage;
    frame.storage[result] = storage;
  }
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
        frame.storage[result] = buffers.make(result);
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
        !plan.isMaterialized(op.getResult(0)) ||
        isa<scf::IfOp, scf::ForOp, tile::InverseOp, tile::ProductOp>(op))
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

//===----------------------------------------------------------------------===//
// Parts of the function
//===----------------------------------------------------------------------===//

/// What is computed before a state starts, and what needs the start, come in
/// the order of the program.
void KernelLowering::lowerPrologue() {
  Block *block = &kernel.getBody().front();
  keepTiles(block);
  item.lowerIndices(block, frame);
  std::vector<Root> roots = findRoots(block);
  auto next = roots.begin();
  auto emitUntil = [&](Operation *end) {
    std::vector<Root> list;
    while (next != roots.end() && (!end || next->op->isBeforeInBlock(end)))
      list.push_back(*next++);
    Section section(plan, list);
    emitSection(section, {});
  };
  for (Operation &op : *block) {
    auto branch = dyn_cast<scf::IfOp>(op);
    auto inverse = dyn_cast<tile::InverseOp>(op);
    auto product = dyn_cast<tile::ProductOp>(op);
    if (branch || inverse || product)
      emitUntil(&op);
    if (branch)
      lowerStart(branch);
    if (inverse)
      lowerInverse(inverse);
    if (product)
      lowerProduct(product);
  }
  emitUntil(nullptr);
}

/// Computes a tile into a place.
void KernelLowering::copyInto(Value tile, const Storage &target) {
  Root copy{Root::Kind::Copy, nullptr, tile, {}, target};
  Section section(plan, {copy});
  emitSection(section, {});
}

/// The elimination works on a copy of the matrix.
void KernelLowering::lowerInverse(tile::InverseOp inverse) {
  Value matrix = inverse.getMatrix();
  Storage copy = buffers.make(matrix, shapeOf(matrix).size() - 1);
  copyInto(matrix, copy);
  emitInverse(builder, loc, copy, frame.storage[inverse.getResult()],
              shapeOf(matrix));
  ++counts.nests;
}

RowContext KernelLowering::makeRowContext() {
  return {plan, frame,  builder,
          loc,  target, [&](int64_t bytes) { return buffers.allocate(bytes); },
          {}};
}

/// A product of values of parameters, as in chunks.
void KernelLowering::lowerProduct(tile::ProductOp product) {
  RowContext context = makeRowContext();
  Block *block = builder.getInsertionBlock();
  for (const FormRequest &request : requestForms(product, plan)) {
    Storage &form = context.forms[{request.tile, request.axis}];
    if (form.pointer)
      continue;
    form = buffers.make(request.tile, request.axis);
    emitForm(context, request.tile, request.axis, form);
    builder.setInsertionPointToEnd(block);
  }
  Value tile = product.getResult();
  emitProduct(context, product, {tile, frame.storage[tile], {}});
  builder.setInsertionPointToEnd(block);
  ++counts.nests;
}

/// A state starts from the caller's tensor or from its init value.
void KernelLowering::lowerStart(scf::IfOp branch) {
  auto given = branch.getCondition().getDefiningOp<tile::GivenOp>();
  Value isGiven = item.isGiven(frame.references[given.getRef()].data);
  auto made = scf::IfOp::create(builder, loc, isGiven, /*withElse=*/true);
  for (auto [from, to] :
       {std::pair(&branch.getThenRegion(), &made.getThenRegion()),
        std::pair(&branch.getElseRegion(), &made.getElseRegion())}) {
    to->front().clear();
    builder.setInsertionPointToEnd(&to->front());
    Operation *yield = from->front().getTerminator();
    for (auto [index, value] : llvm::enumerate(yield->getOperands()))
      copyInto(value, frame.storage[branch.getResult(index)]);
    scf::YieldOp::create(builder, loc);
  }
  builder.setInsertionPointAfter(made);
}

/// States that a loop does not share with where they come from.
void KernelLowering::lowerStarts(scf::ForOp loop) {
  for (auto [init, state] :
       llvm::zip_equal(loop.getInitArgs(), loop.getRegionIterArgs())) {
    auto known = frame.storage.find(init);
    if (known == frame.storage.end() ||
        known->second.pointer != frame.storage[state].pointer)
      copyInto(init, frame.storage[state]);
  }
}

/// Gives each state's next value its place: the state's buffer when nothing
/// reads the old value later, else a buffer of its own.
void KernelLowering::placeNextStates(scf::ForOp loop, std::vector<Root> &roots,
                                     SmallVectorImpl<Commit> &commits) {
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
    Storage copy = buffers.make(state);
    roots.push_back({Root::Kind::Copy, nullptr, next, {}, copy});
    commits.push_back({copy, frame.storage[state], buffers.countBytes(state)});
  }
  Section trial(plan, roots);
  for (auto [index, root] : llvm::enumerate(roots)) {
    auto found = computed.find(root.result);
    if (!root.result || found == computed.end())
      continue;
    Value state = found->second;
    Storage home = frame.storage[state];
    bool inPlace = trial.canOverwrite(state, trial.getRoots()[index]);
    root.target = inPlace ? home : buffers.make(root.result);
    frame.storage[root.result] = root.target;
    if (!inPlace)
      commits.push_back({root.target, home, buffers.countBytes(root.result)});
  }
}

/// One step for an iteration, all its lanes in one loop.
void KernelLowering::lowerSteps(scf::ForOp loop) {
  Block *body = loop.getBody();
  std::vector<Root> roots = findRoots(body);
  SmallVector<Commit, 2> commits;
  placeNextStates(loop, roots, commits);
  keepTiles(body);
  for (Root &root : roots)
    if (root.result && !root.target.pointer)
      root.target = frame.storage.lookup(root.result);
  Section section(plan, roots);
  scf::ForOp made = item.openLoop(loop, frame);
  RowsAhead(loop).emit(0, 1, frame, item, builder);
  emitSection(section, item.isFirstBlock());
  builder.setInsertionPointToEnd(made.getBody());
  for (const Commit &commit : commits)
    item.copy(commit.to.pointer, commit.from.pointer, commit.bytes);
  scf::YieldOp::create(builder, loc);
  builder.setInsertionPointAfter(made);
}

/// A chunk of steps for an iteration, a nest for each kept tile.
void KernelLowering::lowerChunks(scf::ForOp loop) {
  RowContext context = makeRowContext();
  ChunkLoop chunks(context, buffers, item, loop);
  Block *block = builder.getInsertionBlock();
  chunks.emitBefore();
  builder.setInsertionPointToEnd(block);
  scf::ForOp made = item.openLoop(loop, frame);
  chunks.emitBody();
  counts.nests += chunks.getNumNests();
  builder.setInsertionPointToEnd(made.getBody());
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
  makeStartBuffers();
  for (scf::ForOp loop : plan.getLoops())
    makeStateBuffers(loop);
  lowerPrologue();
  for (scf::ForOp loop : plan.getLoops()) {
    lowerStarts(loop);
    if (plan.isChunked(loop))
      lowerChunks(loop);
    else
      lowerSteps(loop);
  }
  lowerFinals();
  item.close();
  return function;
}

LLVM::LLVMFuncOp lrc::lowerToVector(tile::KernelOp kernel,
                                    const VectorTarget &target,
                                    LoweringCounts &counts) {
  return KernelLowering(kernel, target, counts).run();
}
