//===- IndexCheck.cpp - Names and extents of index variables --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An index variable gets its extent where it stands alone as a subscript, as
// in k[i], or from `i in K`. All such places must agree.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Functions.h"
#include "lib/Frontend/Sema.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::SMRange;
using llvm::StringRef;
using llvm::Twine;

//===----------------------------------------------------------------------===//
// Index variables
//===----------------------------------------------------------------------===//

IndexCheck::Binding *IndexCheck::lookup(StringRef name) {
  for (Binding &binding : bindings)
    if (!name.empty() && binding.index->name.text == name)
      return &binding;
  return nullptr;
}

void IndexCheck::bind(std::vector<IndexVar> &indices) {
  for (IndexVar &index : indices) {
    Binding binding{&index, index.name.range};
    if (index.in) {
      if (checkExtent(*index.in))
        index.extent = *index.in;
      else
        binding.silent = true;
      binding.place = index.in->range;
    }
    StringRef name = index.name.text;
    if (name.empty()) {
      bindings.push_back(binding);
      continue;
    }
    if (const Symbol *symbol = scope.lookup(name)) {
      diagnostics
          .error(index.name.range, "index variable '" + name +
                                       "' has the name of " +
                                       describe(symbol->role))
          .note(symbol->name.range, "defined here");
      binding.silent = true;
    } else if (StringRef reserved = getReservation(name); !reserved.empty()) {
      diagnostics.error(index.name.range,
                        "expected an index variable, got '" + name +
                            "', which is reserved: " + "it is " + reserved);
      binding.silent = true;
    } else if (Binding *outer = lookup(name)) {
      diagnostics
          .error(index.name.range, "index variable '" + name +
                                       "' is already bound in this statement")
          .note(outer->index->name.range, "bound here");
      binding.silent = true;
    }
    bindings.push_back(binding);
  }
}

void IndexCheck::unbind(std::vector<IndexVar> &indices) {
  size_t first = bindings.size() - indices.size();
  for (size_t i = first; i < bindings.size(); ++i) {
    Binding &binding = bindings[i];
    const Name &name = binding.index->name;
    if (binding.silent || binding.index->extent.isKnown())
      continue;
    diagnostics.error(name.range, "the extent of index variable '" + name.text +
                                      "' is not known; write '" + name.text +
                                      " in K' with the dim it ranges over");
  }
  bindings.resize(first);
}

void IndexCheck::unify(IndexVar &index, const Extent &axis, SMRange place) {
  for (Binding &binding : bindings)
    if (binding.index == &index)
      unify(binding, axis, place);
}

void IndexCheck::unify(Binding &binding, const Extent &axis, SMRange place) {
  IndexVar &index = *binding.index;
  if (binding.silent || !axis.isKnown())
    return;
  if (!index.extent.isKnown()) {
    index.extent = axis;
    binding.place = place;
    return;
  }
  if (index.extent == axis)
    return;
  diagnostics
      .error(place, "index variable '" + index.name.text + "' ranges over " +
                        axis.str() + " here, but over " + index.extent.str() +
                        " elsewhere")
      .note(binding.place, "it ranges over " + index.extent.str() + " here");
  binding.silent = true;
}

bool IndexCheck::checkExtent(const Extent &extent) {
  if (!extent.isDim())
    return true;
  Name name{extent.dim, extent.range};
  const Symbol *symbol = scope.lookup(extent.dim);
  if (!symbol) {
    scope.reportUnknown(name);
    return false;
  }
  if (symbol->role == SymbolRole::Dim)
    return true;
  diagnostics
      .error(name.range, "expected a dim, got '" + name.text + "', which is " +
                             describe(symbol->role))
      .note(symbol->name.range, "defined here");
  return false;
}

void IndexCheck::silence(const IndexVar &index) {
  for (Binding &binding : bindings)
    if (binding.index == &index)
      binding.silent = true;
}

void IndexCheck::silence(const Expr &expr) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr))
    if (Binding *binding = lookup(name->name))
      binding->silent = true;
  forEachChild(expr, [&](const Expr &child) { silence(child); });
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

void IndexCheck::visit(Expr &expr) {
  switch (expr.getKind()) {
  case Expr::Kind::Number:
    return;
  case Expr::Kind::Name:
    return visitName(llvm::cast<NameExpr>(expr));
  case Expr::Kind::Read:
    return visitRead(llvm::cast<ReadExpr>(expr));
  case Expr::Kind::Delay:
    return visitDelay(llvm::cast<DelayExpr>(expr));
  case Expr::Kind::Inverse:
    return visitInverse(llvm::cast<InverseExpr>(expr));
  case Expr::Kind::Call:
    return visitCall(llvm::cast<CallExpr>(expr));
  case Expr::Kind::Unary:
    return visit(*llvm::cast<UnaryExpr>(expr).operand);
  case Expr::Kind::Binary:
    visit(*llvm::cast<BinaryExpr>(expr).lhs);
    return visit(*llvm::cast<BinaryExpr>(expr).rhs);
  case Expr::Kind::Reduce: {
    auto &reduce = llvm::cast<ReduceExpr>(expr);
    bind(reduce.indices);
    visit(*reduce.body);
    return unbind(reduce.indices);
  }
  }
}

void IndexCheck::visitName(NameExpr &expr) {
  Name name{expr.name, expr.range};
  if (lookup(expr.name))
    return;
  if (expr.name == "t" && context != Context::Step) {
    diagnostics.error(expr.range, "'t' changes from step to step, " +
                                      describeContext() + " does not");
    return;
  }
  if (isBuiltin(expr.name))
    return;
  const Symbol *symbol = scope.lookup(expr.name);
  if (!symbol) {
    StringRef reserved = getReservation(expr.name);
    if (reserved.empty())
      return scope.reportUnknown(name);
    diagnostics.error(expr.range, "expected a value, got '" + expr.name +
                                      "', which is " + reserved);
    return;
  }
  if (!symbol->isTensor() || symbol->damaged || !isAllowed(*symbol, name))
    return;
  if (size_t rank = symbol->extents.size())
    diagnostics
        .error(expr.range, "expected " + describeRank(rank) + " after '" +
                               expr.name + "', got none")
        .note(symbol->name.range, "defined here");
}

void IndexCheck::visitRead(ReadExpr &read) {
  const Symbol *symbol = lookupTensor(read.name);
  visitAxes(read.name, symbol, read.subscripts);
}

/// The tensor of a read or a delay; null when there is none to check against.
const Symbol *IndexCheck::lookupTensor(Name name) {
  const Symbol *symbol = scope.lookup(name.text);
  StringRef kind;
  if (symbol && symbol->isTensor())
    return symbol->damaged || !isAllowed(*symbol, name) ? nullptr : symbol;
  if (symbol)
    kind = describe(symbol->role);
  else if (lookup(name.text))
    kind = "an index variable";
  else
    kind = getReservation(name.text);
  if (kind.empty())
    scope.reportUnknown(name);
  else
    diagnostics.error(name.range, "expected a tensor, got '" + name.text +
                                      "', which is " + kind);
  return nullptr;
}

/// Whether a tensor may be read in this context.
bool IndexCheck::isAllowed(const Symbol &symbol, Name name) {
  if (symbol.role == SymbolRole::Out) {
    diagnostics
        .error(name.range, "output '" + name.text +
                               "' can't be read; give its value a name with "
                               "'let' and use that")
        .note(symbol.name.range, "defined here");
    return false;
  }
  if (context == Context::Step || symbol.role == SymbolRole::Param)
    return true;
  diagnostics.error(
      name.range, "'" + name.text + "' is " + describe(symbol.role) + "; " +
                      describeContext() + " may use dims and parameters only");
  return false;
}

void IndexCheck::visitAxes(const Name &tensor, const Symbol *symbol,
                           ExprList &subscripts) {
  size_t rank = symbol ? symbol->extents.size() : 0;
  bool matches = symbol && rank == subscripts.size();
  for (size_t i = 0; i < subscripts.size(); ++i) {
    Expr &subscript = *subscripts[i];
    visitSubscript(subscript);
    if (!matches) {
      silence(subscript);
      continue;
    }
    if (Binding *binding = lookup(getPlainName(subscript)))
      unify(*binding, symbol->extents[i], subscript.range);
  }
  if (!symbol || matches)
    return;
  Diagnostic &error =
      rank == 0 ? diagnostics.error(tensor.range, "'" + tensor.text +
                                                      "' is a scalar; write it "
                                                      "without brackets")
                : diagnostics.error(tensor.range,
                                    "expected " + describeRank(rank) +
                                        " after '" + tensor.text + "', got " +
                                        Twine(subscripts.size()));
  error.note(symbol->name.range, "defined here");
}

void IndexCheck::visitDelay(DelayExpr &delay) {
  if (context != Context::Step) {
    diagnostics.error(delay.range, "there is no delay in " + describeContext());
    return silence(delay);
  }
  visitSubscript(*delay.steps);
  checkDelay(*delay.steps);
  const Symbol *symbol = lookupTensor(delay.name);
  if (symbol && symbol->role != SymbolRole::In &&
      (symbol->role != SymbolRole::Let || symbol->local)) {
    StringRef what =
        symbol->local ? "a let inside a loop" : describe(symbol->role);
    diagnostics
        .error(delay.name.range, "expected an input or a let to delay, got '" +
                                     delay.name.text + "', which is " + what)
        .note(symbol->name.range, "defined here");
    symbol = nullptr;
  }
  if (!delay.subscripts.empty() || !symbol || symbol->extents.empty())
    return visitAxes(delay.name, symbol, delay.subscripts);
  diagnostics
      .error(delay.range, "expected " + describeRank(symbol->extents.size()) +
                              " after the delay: 'delay(" + delay.name.text +
                              ", n)[..]'")
      .note(symbol->name.range, "defined here");
}

void IndexCheck::visitCall(CallExpr &call) {
  for (ExprPtr &argument : call.arguments)
    visit(*argument);
  StringRef name = call.callee.text;
  const Function *function = lookupFunction(name);
  if (function && function->arity == call.arguments.size())
    return;
  if (function) {
    bool reduces =
        (name == "max" || name == "min") && call.arguments.size() == 1;
    diagnostics.error(
        call.callee.range,
        "'" + name + "' takes " + Twine(function->arity) +
            (function->arity == 1 ? " argument" : " arguments") + ", got " +
            Twine(call.arguments.size()) +
            (reduces ? "; '" + name + "[i] x[i]' reduces" : Twine()));
    return;
  }
  if (const Symbol *symbol = scope.lookup(name)) {
    diagnostics
        .error(call.callee.range, "expected a function, got '" + name +
                                      "', which is " + describe(symbol->role) +
                                      "; subscripts are in brackets")
        .note(symbol->name.range, "defined here");
    return;
  }
  if (scope.isDamaged(name))
    return;
  std::vector<StringRef> names;
  for (const Function &candidate : getFunctions())
    names.push_back(candidate.name);
  StringRef similar = findSimilar(name, names);
  Diagnostic &error = diagnostics.error(
      call.callee.range,
      "there is no function '" + name + "'" +
          (similar.empty() ? Twine() : "; did you mean '" + similar + "'?"));
  if (!similar.empty())
    error.fix(call.callee.range, similar);
}

//===----------------------------------------------------------------------===//
// Wording
//===----------------------------------------------------------------------===//

std::string IndexCheck::describeRank(size_t rank) {
  return (Twine(rank) + (rank == 1 ? " subscript" : " subscripts")).str();
}

StringRef IndexCheck::describeContext() const {
  return context == Context::ParamInit ? "the default of a parameter"
                                       : "the start of a state";
}
