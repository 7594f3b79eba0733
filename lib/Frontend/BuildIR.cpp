//===- BuildIR.cpp - Recurrences as dsf ops -------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Declarations become dsf.dim, in, param and state; statements fill dsf.step.
// A let or an update becomes a dsf.pack, which later reads of the name see; at
// the end of the step each state is set to what it then holds. What happens to
// be unused is left out.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildIR.h"

#include "lib/Frontend/BuildImpl.h"

#include "mlir/IR/Verifier.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using mlir::ArrayAttr;
using mlir::Attribute;
using mlir::Block;
using mlir::Location;
using mlir::StringAttr;
using mlir::Value;

//===----------------------------------------------------------------------===//
// What regions have in common
//===----------------------------------------------------------------------===//

Location BuildContext::getLoc(llvm::SMLoc loc) const {
  auto [line, column] = file.sources->getLineAndColumn(loc, file.buffer);
  StringRef name =
      file.sources->getMemoryBuffer(file.buffer)->getBufferIdentifier();
  return mlir::FileLineColLoc::get(mlir, name, line, column);
}

Attribute BuildContext::getExtent(const Extent &extent) const {
  if (extent.isDim())
    return mlir::FlatSymbolRefAttr::get(mlir, extent.dim);
  return mlir::IntegerAttr::get(mlir::IntegerType::get(mlir, 64), extent.size);
}

ArrayAttr BuildContext::getLabels(const std::vector<IndexVar> &indices) const {
  llvm::SmallVector<Attribute> labels;
  for (const IndexVar &index : indices) {
    std::string name = index.name.text.str();
    // An axis of a declaration without a name of its own: param b[N] = 1.
    if (name.empty())
      name = "_" + std::to_string(labels.size());
    labels.push_back(StringAttr::get(mlir, name));
  }
  return ArrayAttr::get(mlir, labels);
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// Leaves what the text calls a value, "r[j]", at its place.
static void nameValue(Value value, const DefItem &def) {
  mlir::Operation *op = value.getDefiningOp();
  if (!op || llvm::isa<mlir::NameLoc>(op->getLoc()))
    return;
  std::string name = def.name.text.str();
  for (size_t i = 0; i < def.indices.size(); ++i)
    name += (i ? "," : "[") + def.indices[i].name.text.str();
  name += def.indices.empty() ? "" : "]";
  op->setLoc(mlir::NameLoc::get(StringAttr::get(op->getContext(), name),
                                op->getLoc()));
}

void RecurrenceBuilder::buildItem(const Item &item, RegionBuilder &region) {
  if (const auto *loop = llvm::dyn_cast<ForItem>(&item))
    return buildFor(*loop, region);
  const auto *def = llvm::dyn_cast<DefItem>(&item);
  if (!def)
    return;
  if (def->role == DefRole::Out)
    return buildOut(*def, region);
  StringRef name = def->name.text;
  Location loc = context.getLoc(item.range.Start);
  Value value = region.buildWith(def->indices, *def->value);
  nameValue(value, *def);
  bool isLet = def->role == DefRole::Let;
  dsf::Kind kind = isLet ? mlir::cast<dsf::ValueType>(value.getType()).getKind()
                         : context.fields.lookup(name).getKind();
  region.arrays[name] = region.pack(value, def->indices, kind, loc);
  if (isLet)
    buildShifts(name, region);
}

void RecurrenceBuilder::buildOut(const DefItem &item, RegionBuilder &region) {
  StringRef name = item.name.text;
  Location loc = context.getLoc(item.range.Start);
  Value value = region.buildWith(item.indices, *item.value);
  llvm::SmallVector<Attribute> extents;
  for (const IndexVar &index : item.indices)
    extents.push_back(context.getExtent(index.extent));
  auto type = dsf::ArrayType::get(
      builder.getContext(), extents,
      mlir::cast<dsf::ValueType>(value.getType()).getKind());
  dsf::OutOp::create(builder, context.getLoc(item.name.range.Start), name, type,
                     mlir::TypeAttr(), Attribute());
  dsf::SetOp::create(region.builder, loc, name, value,
                     context.getLabels(item.indices));
}

/// Moves the histories of `source` one step on.
void RecurrenceBuilder::buildShifts(StringRef source, RegionBuilder &region) {
  for (auto &history : context.histories.list) {
    if (history->source != source)
      continue;
    Value value = region.getArray(source, history->loc);
    auto type = mlir::cast<dsf::PositionalType>(value.getType());
    buildHistory(*history, type);
    Value past = region.getArray(history->state, history->loc);
    auto pastType = mlir::cast<dsf::PositionalType>(past.getType());
    region.shifted[history.get()] = dsf::ShiftOp::create(
        region.builder, context.getLoc(history->loc),
        dsf::ArrayType::get(builder.getContext(), pastType.getExtents(),
                            pastType.getKind()),
        past, value);
    region.arrays[history->state] = region.shifted[history.get()];
  }
}

//===----------------------------------------------------------------------===//
// Micro-loops
//===----------------------------------------------------------------------===//

static void findUpdated(const ForItem &loop,
                        llvm::SetVector<StringRef> &updated) {
  for (const ItemPtr &item : loop.body) {
    if (const auto *inner = llvm::dyn_cast<ForItem>(item.get()))
      findUpdated(*inner, updated);
    const auto *def = llvm::dyn_cast<DefItem>(item.get());
    if (def && def->role == DefRole::Update)
      updated.insert(def->name.text);
  }
}

void RecurrenceBuilder::buildFor(const ForItem &item, RegionBuilder &region) {
  llvm::SetVector<StringRef> updated;
  findUpdated(item, updated);
  if (updated.empty())
    return; // its lets are local
  Location loc = context.getLoc(item.range.Start);
  llvm::SmallVector<Value> inits;
  llvm::SmallVector<mlir::Type> types;
  for (StringRef name : updated) {
    inits.push_back(region.getArray(name, item.range.Start));
    dsf::PositionalType type = context.fields.lookup(name);
    types.push_back(dsf::ArrayType::get(builder.getContext(), type.getExtents(),
                                        type.getKind()));
  }
  auto loop = dsf::ForOp::create(region.builder, loc, types,
                                 context.getExtent(item.var.extent), inits);
  Block &body = loop.getBody().emplaceBlock();
  Value var = body.addArgument(builder.getIndexType(),
                               context.getLoc(item.var.name.range.Start));
  // Lets of the body end with it; updates replace the carried arrays.
  llvm::StringMap<Value> outer = region.arrays;
  region.loopVars[item.var.name.text] = var;
  for (auto [name, type] : llvm::zip_equal(updated, types))
    region.arrays[name] = body.addArgument(type, loc);
  {
    mlir::OpBuilder::InsertionGuard guard(region.builder);
    region.builder.setInsertionPointToEnd(&body);
    for (const ItemPtr &inner : item.body)
      buildItem(*inner, region);
    llvm::SmallVector<Value> results;
    for (StringRef name : updated)
      results.push_back(region.arrays.lookup(name));
    dsf::YieldOp::create(region.builder, loc, results, ArrayAttr());
  }
  region.loopVars.erase(item.var.name.text);
  region.arrays = std::move(outer);
  for (auto [name, result] : llvm::zip_equal(updated, loop.getResults()))
    region.arrays[name] = result;
}

//===----------------------------------------------------------------------===//
// Recurrences and modules
//===----------------------------------------------------------------------===//

/// Defines the next value of a state: what its name stands for at the end.
void RecurrenceBuilder::setState(StringRef name, llvm::SMLoc place,
                                 RegionBuilder &region) {
  Location loc = context.getLoc(place);
  Value array = region.getArray(name, place);
  if (auto pack = array.getDefiningOp<dsf::PackOp>()) {
    dsf::SetOp::create(region.builder, pack.getLoc(), name, pack.getValue(),
                       pack.getLabels());
    return;
  }
  size_t rank = context.fields.lookup(name).getExtents().size();
  llvm::SmallVector<Attribute> labels;
  for (size_t i = 0; i < rank; ++i)
    labels.push_back(builder.getStringAttr("i" + std::to_string(i)));
  ArrayAttr all = builder.getArrayAttr(labels);
  dsf::SetOp::create(region.builder, loc, name, region.readAll(array, all, loc),
                     all);
}

/// Removes arrays that no read needs.
static void eraseUnusedArrays(dsf::StepOp step) {
  llvm::SmallVector<mlir::Operation *> arrays;
  step.walk([&](mlir::Operation *op) {
    if (mlir::isa<dsf::PackOp, dsf::GetOp>(op))
      arrays.push_back(op);
  });
  for (mlir::Operation *op : llvm::reverse(arrays))
    if (op->use_empty())
      op->erase();
}

RecurrenceBuilder::RecurrenceBuilder(const File &file,
                                     const Recurrence &recurrence,
                                     mlir::OpBuilder &builder)
    : recurrence(recurrence), builder(builder),
      context{file,
              builder.getContext(),
              {},
              {},
              findDelays(recurrence, builder.getContext())} {}

void RecurrenceBuilder::build() {
  mlir::OpBuilder::InsertionGuard guard(builder);
  Location loc = context.getLoc(recurrence.name.range.Start);
  bool reverse = llvm::any_of(recurrence.items, [](const ItemPtr &item) {
    return llvm::isa<ReverseItem>(item.get());
  });
  auto op =
      dsf::RecurrenceOp::create(builder, loc, recurrence.name.text, reverse,
                                getFinals(), dsf::ScheduleAttr());
  builder.setInsertionPointToEnd(&op.getRegion().emplaceBlock());
  for (const ItemPtr &item : recurrence.items)
    if (const auto *decl = llvm::dyn_cast<DeclItem>(item.get()))
      buildDecl(*decl);
  auto step = dsf::StepOp::create(builder, loc);
  RegionBuilder region(context, &step.getBody().emplaceBlock());
  // Outputs and histories are declared when their types are known.
  builder.setInsertionPoint(step);
  for (const Declarator *input : inputs)
    buildShifts(input->name.text, region);
  for (const ItemPtr &item : recurrence.items)
    buildItem(*item, region);
  for (const Declarator *state : states)
    setState(state->name.text, state->name.range.Start, region);
  for (auto &history : context.histories.list)
    setState(history->state, history->loc, region);
  eraseUnusedArrays(step);
}

mlir::OwningOpRef<mlir::ModuleOp>
frontend::buildModule(const File &file, mlir::MLIRContext *context) {
  context->loadDialect<dsf::DsfDialect>();
  StringRef name =
      file.sources->getMemoryBuffer(file.buffer)->getBufferIdentifier();
  mlir::OwningOpRef<mlir::ModuleOp> module =
      mlir::ModuleOp::create(mlir::FileLineColLoc::get(context, name, 0, 0));
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(module->getBody());
  for (auto &recurrence : file.recurrences)
    RecurrenceBuilder(file, *recurrence, builder).build();
  if (failed(mlir::verify(*module)))
    return nullptr;
  return module;
}
