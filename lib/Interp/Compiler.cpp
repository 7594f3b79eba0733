//===- Compiler.cpp - From a recurrence to a list of actions --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Interp/Compiler.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;
using namespace lrc::interp;

Compiler::Compiler(RecurrenceOp recurrence, int64_t head, int64_t heads)
    : time(1, Kind::Real), head(head), heads(heads) {
  time.varies = true;
  for (Operation &op : recurrence.getBody().getOps()) {
    if (!FieldOp::classof(&op))
      continue;
    FieldOp field(&op);
    PositionalType type = field.getType();
    int64_t size = countElements(type);
    Field entry{Cell(size, type.getKind()),
                Cell(isa<StateOp>(op) ? size : 0, type.getKind())};
    entry.current.varies = !isa<ParamOp>(op);
    entry.next.varies = true;
    fields.try_emplace(field.getName(), std::move(entry));
  }
}

//===----------------------------------------------------------------------===//
// Cells
//===----------------------------------------------------------------------===//

Cell &Compiler::addCell(int64_t size, Kind kind) {
  return storage.emplace_back(size, kind);
}

static Kind kindOf(Type type) {
  if (auto value = dyn_cast<ValueType>(type))
    return value.getKind();
  return cast<PositionalType>(type).getKind();
}

Cell &Compiler::addResult(Operation *op, ArrayRef<Cell *> operands) {
  Type type = op->getResult(0).getType();
  Cell &cell = addCell(countElements(type), kindOf(type));
  for (Cell *operand : operands)
    cell.varies |= operand->varies;
  cells[op->getResult(0)] = &cell;
  return cell;
}

Cell &Compiler::addScalar(Operation *op, double value) {
  Cell &cell = addResult(op, {});
  cell.reals.front() = value;
  return cell;
}

void Compiler::append(const Cell &target, Action action) {
  if (outside)
    return outside->push_back(std::move(action));
  (target.varies ? everyStep : once).push_back(std::move(action));
}

Cell &Compiler::widen(Cell &cell, bool toComplex) {
  if (!toComplex || cell.isComplex())
    return cell;
  Cell &wide = addCell(cell.size(), Kind::Complex);
  wide.varies = cell.varies;
  append(wide, makeCopy(wide, cell, IndexMap()));
  return wide;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void Compiler::compileGet(GetOp get) {
  Field &field = getField(get.getField());
  cells[get] = get.getNext() ? &field.next : &field.current;
}

void Compiler::compileSet(SetOp set) {
  Field &field = getField(set.getField());
  Operation *op = SymbolTable::lookupNearestSymbolFrom(set, set.getFieldAttr());
  Cell &target = isa<StateOp>(op) ? field.next : field.current;
  Axes axes = Axes::of(set.getLabels(), FieldOp(op).getType());
  IndexMap map = projectOnto(axes, Axes::of(set.getValue().getType()));
  append(target, makeCopy(target, cellOf(set.getValue()), std::move(map)));
}

void Compiler::compileRead(ReadOp read) {
  Cell &source = cellOf(read.getSource());
  IndexMap map = gatherOf(read);
  if (map.isIdentity() && countElements(read.getType()) == source.size()) {
    cells[read] = &source;
    return;
  }
  Cell &out = addResult(read, {&source});
  append(out, makeCopy(out, source, std::move(map)));
}

void Compiler::compilePack(PackOp pack) {
  Cell &value = cellOf(pack.getValue());
  Axes axes =
      Axes::of(pack.getLabels(), cast<PositionalType>(Type(pack.getType())));
  IndexMap map = projectOnto(axes, Axes::of(pack.getValue().getType()));
  Cell &out = addResult(pack, {&value});
  append(out, makeCopy(out, value, std::move(map)));
}

void Compiler::compileIndex(IndexOp index) {
  Cell &cell = addResult(index, {});
  for (auto [i, element] : llvm::enumerate(cell.reals))
    element = i;
}

void Compiler::compileBinary(BinaryOp op) {
  bool wide = kindOf(op.getType()) == Kind::Complex &&
              op.getFn() != BinaryKind::Complex;
  Cell &lhs = widen(cellOf(op.getLhs()), wide);
  Cell &rhs = widen(cellOf(op.getRhs()), wide);
  Cell &out = addResult(op, {&lhs, &rhs});
  append(out, makeBinary(op, out, lhs, rhs));
}

void Compiler::compileSelect(SelectOp op) {
  bool wide = kindOf(op.getType()) == Kind::Complex;
  Cell &condition = cellOf(op.getCondition());
  Cell &onTrue = widen(cellOf(op.getOnTrue()), wide);
  Cell &onFalse = widen(cellOf(op.getOnFalse()), wide);
  Cell &out = addResult(op, {&condition, &onTrue, &onFalse});
  append(out, makeSelect(op, out, condition, onTrue, onFalse));
}

void Compiler::compileOp(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](GetOp get) { compileGet(get); })
      .Case([&](SetOp set) { compileSet(set); })
      .Case([&](ReadOp read) { compileRead(read); })
      .Case([&](PackOp pack) { compilePack(pack); })
      .Case([&](IndexOp index) { compileIndex(index); })
      .Case([&](BinaryOp binary) { compileBinary(binary); })
      .Case([&](SelectOp select) { compileSelect(select); })
      .Case([&](ConstantOp constant) {
        addScalar(op, constant.getValue().convertToDouble());
      })
      .Case([&](HeadOp) { addScalar(op, head); })
      .Case([&](HeadsOp) { addScalar(op, heads); })
      .Case([&](TimeOp) { cells[op->getResult(0)] = &time; })
      .Case([&](UnaryOp unary) {
        Cell &operand = cellOf(unary.getOperand());
        Cell &out = addResult(op, {&operand});
        append(out, makeUnary(unary, out, operand));
      })
      .Case([&](ReduceOp reduce) {
        Cell &operand = cellOf(reduce.getOperand());
        Cell &out = addResult(op, {&operand});
        append(out, makeReduce(reduce, out, operand));
      })
      .Case([&](ShiftOp shift) {
        Cell &past = cellOf(shift.getPast());
        Cell &value = cellOf(shift.getValue());
        Cell &out = addResult(op, {&past, &value});
        append(out, makeShift(out, past, value));
      })
      .Case([&](InverseOp inverse) {
        Cell &matrix = cellOf(inverse.getMatrix());
        Cell &out = addResult(op, {&matrix});
        auto type = cast<PositionalType>(Type(inverse.getType()));
        append(out, makeInverse(out, matrix, type.getShape().back()));
      })
      .Default([](Operation *other) {
        llvm::report_fatal_error("the interpreter needs a specialised "
                                 "recurrence, got " +
                                 other->getName().getStringRef());
      });
}

void Compiler::compileOps(Block &block) {
  for (Operation &op : block)
    if (!isa<YieldOp>(op))
      compileOp(&op);
}

void Compiler::compilePhase(Block &block) { compileOps(block); }

/// Appends the actions that set `target`, of the type of `state`, to what a
/// region yields.
void Compiler::compileRegion(Region &region, StateOp state, Cell &target,
                             std::vector<Action> &actions) {
  outside = &actions;
  Block &block = region.front();
  compileOps(block);
  auto yield = cast<YieldOp>(block.back());
  Value value = yield.getValues().front();
  Axes axes = Axes::of(yield.getLabelsAttr(), FieldOp(state).getType());
  IndexMap map = projectOnto(axes, Axes::of(cast<ValueType>(value.getType())));
  append(target, makeCopy(target, cellOf(value), std::move(map)));
  outside = nullptr;
}

void Compiler::compileInit(StateOp state) {
  if (!state.getInit().empty())
    compileRegion(state.getInit(), state, getField(state.getSymName()).current,
                  once);
}

Cell &Compiler::compileFinal(StateOp state) {
  PositionalType type = FieldOp(state).getType();
  Cell &result = addCell(countElements(type), type.getKind());
  compileRegion(state.getFinal(), state, result, last);
  return result;
}
