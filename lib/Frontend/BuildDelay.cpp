//===- BuildDelay.cpp - How much of the past delay(x, n) needs ------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// delay(x, n) reads row n of a history of x. Uses whose largest n is a number
// share one history; beside it there is one for each largest n that depends on
// dims. In sum[m in W] w[m] * delay(x, m), the largest m is W - 1 and the
// history has W rows.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/BuildImpl.h"

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using mlir::AffineExpr;

namespace {

struct Bounds {
  AffineExpr lower, upper;
};

class DelayFinder {
public:
  explicit DelayFinder(mlir::MLIRContext *context) : context(context) {}

  void visit(const Item &item);
  Histories finish();

private:
  void visit(const Expr &expr);
  void visitDelay(const DelayExpr &delay);
  void bind(const std::vector<IndexVar> &indices) {
    for (const IndexVar &index : indices)
      extents[index.name.text] = index.extent;
  }

  Bounds getBounds(const Expr &expr);
  Bounds getBounds(const BinaryExpr &binary);
  AffineExpr getSize(const Extent &extent);
  AffineExpr getDim(StringRef name);

  mlir::MLIRContext *context;
  /// Extents of the index and loop variables that are bound.
  llvm::StringMap<Extent> extents;
  /// Dims in the bounds of this recurrence, as affine symbols.
  llvm::SmallVector<StringRef> dims;
  Histories histories;
};

} // namespace

//===----------------------------------------------------------------------===//
// Bounds of index expressions
//===----------------------------------------------------------------------===//

AffineExpr DelayFinder::getDim(StringRef name) {
  auto *it = llvm::find(dims, name);
  if (it == dims.end())
    it = dims.insert(dims.end(), name);
  return mlir::getAffineSymbolExpr(it - dims.begin(), context);
}

AffineExpr DelayFinder::getSize(const Extent &extent) {
  return extent.isDim() ? getDim(extent.dim)
                        : mlir::getAffineConstantExpr(extent.size, context);
}

Bounds DelayFinder::getBounds(const Expr &expr) {
  if (const auto *number = llvm::dyn_cast<NumberExpr>(&expr)) {
    AffineExpr value = mlir::getAffineConstantExpr(*number->integer, context);
    return {value, value};
  }
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr)) {
    auto it = extents.find(name->name);
    if (it != extents.end())
      return {mlir::getAffineConstantExpr(0, context), getSize(it->second) - 1};
    AffineExpr dim = getDim(name->name);
    return {dim, dim};
  }
  if (const auto *unary = llvm::dyn_cast<UnaryExpr>(&expr)) {
    Bounds operand = getBounds(*unary->operand);
    return {-operand.upper, -operand.lower};
  }
  return getBounds(llvm::cast<BinaryExpr>(expr));
}

/// Whether a static factor is negative; one made of dims counts as positive.
/// If it is not, a position outside of the history is reported once the sizes
/// are known.
static bool isNegative(AffineExpr factor) {
  auto constant = llvm::dyn_cast<mlir::AffineConstantExpr>(factor);
  return constant && constant.getValue() < 0;
}

Bounds DelayFinder::getBounds(const BinaryExpr &binary) {
  Bounds lhs = getBounds(*binary.lhs);
  Bounds rhs = getBounds(*binary.rhs);
  switch (binary.op) {
  case BinaryOp::Add:
    return {lhs.lower + rhs.lower, lhs.upper + rhs.upper};
  case BinaryOp::Sub:
    return {lhs.lower - rhs.upper, lhs.upper - rhs.lower};
  case BinaryOp::Mul: {
    if (rhs.lower != rhs.upper)
      std::swap(lhs, rhs);
    AffineExpr factor = rhs.lower;
    if (isNegative(factor))
      std::swap(lhs.lower, lhs.upper);
    return {lhs.lower * factor, lhs.upper * factor};
  }
  case BinaryOp::Div: {
    // The bound becomes the size of a dim, in which a division must be exact:
    // with sizes still open, what is divided is the bound. The history is then
    // longer than it need be.
    AffineExpr upper = lhs.upper.floorDiv(rhs.lower);
    bool isKnown = llvm::isa<mlir::AffineConstantExpr>(upper);
    return {lhs.lower.floorDiv(rhs.lower), isKnown ? upper : lhs.upper};
  }
  default: // Rem
    return {mlir::getAffineConstantExpr(0, context), rhs.lower - 1};
  }
}

//===----------------------------------------------------------------------===//
// Uses of delay
//===----------------------------------------------------------------------===//

void DelayFinder::visitDelay(const DelayExpr &delay) {
  AffineExpr longest = getBounds(*delay.steps).upper;
  auto constant = llvm::dyn_cast<mlir::AffineConstantExpr>(longest);
  for (auto &history : histories.list) {
    if (history->source != delay.name.text)
      continue;
    auto other = llvm::dyn_cast<mlir::AffineConstantExpr>(history->longest);
    if (constant && other && other.getValue() < constant.getValue())
      history->longest = longest;
    else if (!(constant && other) && history->longest != longest)
      continue;
    histories.of[&delay] = history.get();
    return;
  }
  auto history = std::make_unique<History>();
  history->source = delay.name.text;
  history->longest = longest;
  history->loc = delay.loc;
  histories.of[&delay] = history.get();
  histories.list.push_back(std::move(history));
}

void DelayFinder::visit(const Expr &expr) {
  const auto *reduce = llvm::dyn_cast<ReduceExpr>(&expr);
  if (const auto *delay = llvm::dyn_cast<DelayExpr>(&expr))
    return visitDelay(*delay);
  if (reduce)
    bind(reduce->indices);
  forEachChild(expr, [&](const Expr &child) { visit(child); });
  if (reduce)
    for (const IndexVar &index : reduce->indices)
      extents.erase(index.name.text);
}

void DelayFinder::visit(const Item &item) {
  if (const auto *def = llvm::dyn_cast<DefItem>(&item)) {
    bind(def->indices);
    visit(*def->value);
    for (const IndexVar &index : def->indices)
      extents.erase(index.name.text);
  } else if (const auto *loop = llvm::dyn_cast<ForItem>(&item)) {
    extents[loop->var.name.text] = loop->var.extent;
    for (const ItemPtr &inner : loop->body)
      visit(*inner);
    extents.erase(loop->var.name.text);
  }
}

Histories DelayFinder::finish() {
  llvm::StringMap<unsigned> counts;
  for (auto &history : histories.list) {
    // No name of the language has a dot in it.
    unsigned count = counts[history->source]++;
    history->state = (history->source + ".past").str();
    if (count)
      history->state += std::to_string(count);
    AffineExpr rows = history->longest + 1;
    history->dims = dims;
    if (auto constant = llvm::dyn_cast<mlir::AffineConstantExpr>(rows))
      // Too long an index is an error elsewhere; here it only must be legal.
      history->rows =
          mlir::IntegerAttr::get(mlir::IntegerType::get(context, 64),
                                 std::max<int64_t>(constant.getValue(), 1));
    else if (auto symbol = llvm::dyn_cast<mlir::AffineSymbolExpr>(rows))
      history->rows =
          mlir::FlatSymbolRefAttr::get(context, dims[symbol.getPosition()]);
    else
      history->rows =
          mlir::FlatSymbolRefAttr::get(context, history->state + ".rows");
  }
  return std::move(histories);
}

Histories frontend::findDelays(const Recurrence &recurrence,
                               mlir::MLIRContext *context) {
  DelayFinder finder(context);
  for (const ItemPtr &item : recurrence.items)
    finder.visit(*item);
  return finder.finish();
}
