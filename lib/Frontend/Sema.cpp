//===- Sema.cpp - Checks of declarations and statements -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Sema.h"

#include "lib/Frontend/Frontend.h"
#include "lib/Frontend/Functions.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

using namespace lrc;
using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// Checks one recurrence, item by item.
class Checker {
public:
  Checker(Recurrence &recurrence, Diagnostics &diagnostics)
      : recurrence(recurrence), diagnostics(diagnostics),
        scope(recurrence, diagnostics) {}

  void run();

private:
  void announce(const std::vector<ItemPtr> &items, bool local);
  void visit(Item &item);
  void visitDim(Declarator &declarator);
  void visitField(DeclRole role, Declarator &declarator);
  ValueKind checkInit(DeclRole role, Declarator &declarator);
  void checkRange(DeclRole role, const Declarator &declarator);
  void checkBounds(const Range &range);
  void visitLet(DefItem &item);
  void visitUpdate(DefItem &item);
  const Symbol *lookupState(const DefItem &item);
  void visitFor(ForItem &item);
  void checkNarrowing(ValueKind kind, const Symbol &target, const Expr &value);
  void checkFinals();
  /// Reports an item that has no place inside a micro-loop.
  void checkPlace(const Item &item);

  Recurrence &recurrence;
  Diagnostics &diagnostics;
  Scope scope;
  std::vector<const Name *> finals;
  const ReverseItem *reverse = nullptr;
  bool defines = false; // has a state or an output
};

} // namespace

void Checker::announce(const std::vector<ItemPtr> &items, bool local) {
  for (const ItemPtr &item : items) {
    if (const auto *decl = llvm::dyn_cast<DeclItem>(item.get()))
      for (const Declarator &declarator : decl->declarators)
        scope.announce(declarator.name, local);
    const auto *def = llvm::dyn_cast<DefItem>(item.get());
    if (def && def->role != DefRole::Update)
      scope.announce(def->name, local);
    if (const auto *loop = llvm::dyn_cast<ForItem>(item.get()))
      announce(loop->body, true);
  }
}

void Checker::run() {
  announce(recurrence.items, false);
  for (ItemPtr &item : recurrence.items)
    visit(*item);
  checkFinals();
  if (!defines && recurrence.damaged.empty())
    diagnostics.error(recurrence.name.range,
                      "recurrence '" + recurrence.name.text +
                          "' computes nothing; expected a state or an 'out'");
}

void Checker::visit(Item &item) {
  checkPlace(item);
  if (auto *decl = llvm::dyn_cast<DeclItem>(&item)) {
    for (Declarator &declarator : decl->declarators)
      if (decl->role == DeclRole::Dim)
        visitDim(declarator);
      else
        visitField(decl->role, declarator);
  } else if (auto *final = llvm::dyn_cast<FinalItem>(&item)) {
    for (const Name &name : final->names)
      finals.push_back(&name);
  } else if (auto *again = llvm::dyn_cast<ReverseItem>(&item)) {
    if (reverse)
      diagnostics.error(again->range, "'reverse' is given twice")
          .note(reverse->range, "given here");
    reverse = again;
  } else if (auto *loop = llvm::dyn_cast<ForItem>(&item)) {
    visitFor(*loop);
  } else if (auto *def = llvm::dyn_cast<DefItem>(&item)) {
    if (def->role == DefRole::Update)
      visitUpdate(*def);
    else
      visitLet(*def);
  }
}

void Checker::checkPlace(const Item &item) {
  if (!scope.inLoop())
    return;
  const auto *def = llvm::dyn_cast<DefItem>(&item);
  if ((def && def->role != DefRole::Out) || llvm::isa<ForItem>(item))
    return;
  diagnostics.error(item.range, "expected 'let' or the update of a state in a "
                                "loop; move this out of it");
}

//===----------------------------------------------------------------------===//
// Declarations
//===----------------------------------------------------------------------===//

/// `dim K`, `dim R = 2` or `dim P = K / 2`
void Checker::visitDim(Declarator &declarator) {
  StringRef excess = declarator.values         ? "a range"
                     : declarator.type         ? "an element type"
                     : declarator.axes.empty() ? ""
                                               : "axes";
  if (!excess.empty())
    diagnostics.error(declarator.range,
                      "expected a plain dim, got one with " + excess);
  if (declarator.init) {
    std::optional<double> value = evaluateConstant(*declarator.init);
    if (value && *value > INT32_MAX)
      diagnostics.error(declarator.init->range,
                        "expected a size of at most " + Twine(INT32_MAX));
    else if (value && (!evaluateInteger(*declarator.init) || *value < 1))
      diagnostics.error(declarator.init->range,
                        "expected a positive integer as size of a dim");
    else if (!value)
      IndexCheck(scope, diagnostics, Context::ParamInit)
          .visitDim(*declarator.init);
  }
  scope.declare({SymbolRole::Dim, declarator.name, {}});
}

static SymbolRole getSymbolRole(DeclRole role) {
  switch (role) {
  case DeclRole::In:
    return SymbolRole::In;
  case DeclRole::Param:
    return SymbolRole::Param;
  case DeclRole::State:
    return SymbolRole::State;
  case DeclRole::Dim:
    break;
  }
  return SymbolRole::Dim;
}

void Checker::visitField(DeclRole role, Declarator &declarator) {
  defines |= role == DeclRole::State;
  Symbol symbol{getSymbolRole(role), declarator.name};
  if (declarator.type && declarator.type->isComplex())
    symbol.kind = ValueKind::Complex;
  ValueKind kind = checkInit(role, declarator);
  if (declarator.values)
    checkRange(role, declarator);
  for (const IndexVar &axis : declarator.axes) {
    symbol.extents.push_back(axis.extent);
    symbol.damaged |= !axis.extent.isKnown();
  }
  if (declarator.init)
    checkNarrowing(kind, symbol, *declarator.init);
  scope.declare(symbol);
}

/// Checks the axes and what follows '='; gives the kind of the latter.
ValueKind Checker::checkInit(DeclRole role, Declarator &declarator) {
  IndexCheck check(scope, diagnostics,
                   role == DeclRole::Param ? Context::ParamInit
                                           : Context::StateInit);
  bool hasValue = declarator.init && role != DeclRole::In;
  check.bind(declarator.axes);
  if (hasValue)
    check.visit(*declarator.init);
  check.unbind(declarator.axes);
  if (hasValue)
    return TypeCheck(scope, diagnostics).visitStored(*declarator.init);
  if (declarator.init)
    diagnostics.error(declarator.init->range,
                      "expected no value for an input; 'let' names a value, "
                      "'param' has a default");
  for (const IndexVar &axis : declarator.axes)
    if (!declarator.init && !axis.name.text.empty())
      diagnostics
          .error(axis.getRange(), "expected only a size, for there is no value "
                                  "that uses '" +
                                      axis.name.text + "'")
          .fix(axis.getRange(), axis.in->str());
  return ValueKind::Unknown;
}

void Checker::checkNarrowing(ValueKind kind, const Symbol &target,
                             const Expr &value) {
  if (kind != ValueKind::Complex || target.kind != ValueKind::Real)
    return;
  StringRef name = target.name.text;
  diagnostics
      .error(value.range, "expected a real value for '" + name +
                              "', got a complex one; declare '" + name +
                              "' as ': complex' or take real(..)")
      .note(target.name.range, "declared here");
}

void Checker::checkRange(DeclRole role, const Declarator &declarator) {
  const Range &range = *declarator.values;
  if (role == DeclRole::State)
    diagnostics.error(range.range, "expected no range for a state; inputs and "
                                   "parameters have ranges");
  else if (declarator.type && declarator.type->isComplex())
    diagnostics.error(range.range, "expected no range for complex numbers");
  else if (range.kind == Range::Kind::Unit && declarator.axes.empty())
    diagnostics.error(range.range, "expected an axis for 'unit', got a scalar");
  else
    checkBounds(range);
}

void Checker::checkBounds(const Range &range) {
  std::vector<double> values;
  for (const ExprPtr &expr : range.values) {
    std::optional<double> value = evaluateConstant(*expr);
    if (!value || std::isnan(*value)) {
      diagnostics.error(expr->range, "expected a number in a range");
      return;
    }
    values.push_back(*value);
  }
  if (range.kind != Range::Kind::Interval)
    return;
  bool open = range.lowerOpen || range.upperOpen;
  if (values[0] > values[1] || (values[0] == values[1] && open))
    diagnostics.error(range.range, "range is empty: expected a lower bound "
                                   "below the upper bound");
}

//===----------------------------------------------------------------------===//
// Statements
//===----------------------------------------------------------------------===//

/// `let x[i] = e` and `out x[i] = e`
void Checker::visitLet(DefItem &item) {
  defines |= item.role == DefRole::Out;
  IndexCheck check(scope, diagnostics, Context::Step);
  check.bind(item.indices);
  check.visit(*item.value);
  check.unbind(item.indices);
  Symbol symbol{item.role == DefRole::Let ? SymbolRole::Let : SymbolRole::Out,
                item.name};
  symbol.kind = TypeCheck(scope, diagnostics).visitStored(*item.value);
  symbol.varies = findVarying(*item.value, scope);
  for (const IndexVar &index : item.indices) {
    symbol.extents.push_back(index.extent);
    symbol.damaged |= !index.extent.isKnown();
  }
  scope.declare(symbol);
}

const Symbol *Checker::lookupState(const DefItem &item) {
  const Symbol *symbol = scope.lookup(item.name.text);
  if (symbol && symbol->role == SymbolRole::State)
    return symbol;
  if (symbol) {
    diagnostics
        .error(item.name.range, "expected a state to update, got '" +
                                    item.name.text + "', which is " +
                                    describe(symbol->role))
        .note(symbol->name.range, "defined here");
    return nullptr;
  }
  StringRef reserved = getReservation(item.name.text);
  if (reserved.empty())
    scope.reportUnknown(item.name);
  else
    diagnostics.error(item.name.range, "expected a state to update, got '" +
                                           item.name.text + "', which is " +
                                           reserved);
  return nullptr;
}

/// `S[i] <- e`
void Checker::visitUpdate(DefItem &item) {
  const Symbol *state = lookupState(item);
  bool matches =
      state && !state->damaged && state->extents.size() == item.indices.size();
  if (state && !state->damaged && !matches)
    diagnostics
        .error(item.name.range,
               "expected " + Twine(state->extents.size()) +
                   " index variables for the whole of state '" +
                   item.name.text + "', got " + Twine(item.indices.size()))
        .note(state->name.range, "declared here");
  IndexCheck check(scope, diagnostics, Context::Step);
  check.bind(item.indices);
  for (size_t i = 0; i < item.indices.size(); ++i) {
    if (matches)
      check.unify(item.indices[i], state->extents[i],
                  item.indices[i].name.range);
    else
      check.silence(item.indices[i]);
  }
  check.visit(*item.value);
  check.unbind(item.indices);
  ValueKind kind = TypeCheck(scope, diagnostics).visitStored(*item.value);
  if (state && !state->damaged)
    checkNarrowing(kind, *state, *item.value);
}

void Checker::visitFor(ForItem &item) {
  IndexCheck check(scope, diagnostics, Context::Step);
  Symbol var{SymbolRole::LoopVar, item.var.name};
  if (check.checkExtent(*item.var.in))
    item.var.extent = *item.var.in;
  var.extents.push_back(item.var.extent);
  scope.enterLoop();
  scope.declare(var);
  for (ItemPtr &inner : item.body)
    visit(*inner);
  scope.leaveLoop();
}

void Checker::checkFinals() {
  llvm::StringMap<const Name *> seen;
  for (const Name *name : finals) {
    const Symbol *symbol = scope.lookup(name->text);
    if (!symbol)
      scope.reportUnknown(*name);
    else if (symbol->role != SymbolRole::State)
      diagnostics
          .error(name->range, "expected a state after 'final', got '" +
                                  name->text + "', which is " +
                                  describe(symbol->role))
          .note(symbol->name.range, "defined here");
    auto [it, inserted] = seen.try_emplace(name->text, name);
    if (!inserted)
      diagnostics.error(name->range, "'" + name->text + "' is final already")
          .note(it->second->range, "given here");
  }
}

void frontend::check(File &file, Diagnostics &diagnostics) {
  llvm::StringMap<const Name *> seen;
  for (auto &recurrence : file.recurrences) {
    const Name &name = recurrence->name;
    auto [it, inserted] = seen.try_emplace(name.text, &name);
    if (!inserted)
      diagnostics
          .error(name.range, "recurrence '" + name.text + "' is defined twice")
          .note(it->second->range, "defined here");
    Checker(*recurrence, diagnostics).run();
  }
}
