//===- InverseCheck.cpp - Matrices that can be inverted -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// inverse(M) is computed once, before the first step: M is square in its last
// two axes and made of nothing that changes from step to step.
//
//===----------------------------------------------------------------------===//

#include "lib/Frontend/Sema.h"

using namespace lrc::frontend;
using namespace lrc::ast;
using llvm::StringRef;
using llvm::Twine;

static std::string findVarying(StringRef name, const Scope &scope) {
  if (name == "t")
    return "'t'";
  const Symbol *symbol = scope.lookup(name);
  if (!symbol)
    return "";
  if (symbol->role == SymbolRole::In)
    return ("input '" + name + "'").str();
  if (symbol->role == SymbolRole::State)
    return ("state '" + name + "'").str();
  return symbol->varies;
}

std::string lrc::frontend::findVarying(const Expr &expr, const Scope &scope) {
  if (const auto *name = llvm::dyn_cast<NameExpr>(&expr))
    return ::findVarying(name->name, scope);
  // Subscripts are the same in all steps.
  if (const auto *read = llvm::dyn_cast<ReadExpr>(&expr))
    return ::findVarying(read->name.text, scope);
  if (const auto *inverse = llvm::dyn_cast<InverseExpr>(&expr))
    return ::findVarying(inverse->name.text, scope);
  if (llvm::isa<DelayExpr>(expr))
    return "a delay";
  std::string found;
  forEachChild(expr, [&](const Expr &child) {
    if (found.empty())
      found = findVarying(child, scope);
  });
  return found;
}

/// Whether a tensor is a square matrix, the same for all steps.
bool IndexCheck::isInvertible(const Symbol &symbol, const Name &name) {
  auto reject = [&](const Twine &message) {
    diagnostics.error(name.range, message)
        .note(symbol.name.range, "defined here");
    return false;
  };
  bool fixed = symbol.role == SymbolRole::Param ||
               (symbol.role == SymbolRole::Let && symbol.varies.empty());
  std::string cause = symbol.varies.empty()
                          ? ("is " + describe(symbol.role)).str()
                          : "depends on " + symbol.varies;
  if (!fixed)
    return reject("expected a matrix that is the same for all steps, got '" +
                  name.text + "', which " + cause);
  size_t rank = symbol.extents.size();
  if (rank < 2)
    return reject("expected a matrix to invert, got '" + name.text +
                  "', which has " + (rank ? "one axis" : "no axes"));
  const Extent &rows = symbol.extents[rank - 2];
  const Extent &columns = symbol.extents[rank - 1];
  if (rows != columns)
    return reject("expected a square matrix to invert, got '" + name.text +
                  "' with " + rows.str() + " rows and " + columns.str() +
                  " columns");
  return true;
}

void IndexCheck::visitInverse(InverseExpr &inverse) {
  const Symbol *symbol = lookupTensor(inverse.name);
  if (symbol && !isInvertible(*symbol, inverse.name))
    symbol = nullptr;
  if (!inverse.subscripts.empty() || !symbol)
    return visitAxes(inverse.name, symbol, inverse.subscripts);
  diagnostics
      .error(inverse.range, "expected " + describeRank(symbol->extents.size()) +
                                " after the inverse: 'inverse(" +
                                inverse.name.text + ")[..]'")
      .note(symbol->name.range, "defined here");
}
