//===- Dims.cpp - Sizes of dims -------------------------------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/Dsf/AffineEval.h"
#include "lib/Transforms/Specialize.h"

using namespace mlir;
using namespace lrc;
using namespace lrc::dsf;

/// Reports a division in `expr` that is not exact; false if there is one.
static bool dividesExactly(DimOp dim, AffineExpr expr,
                           ArrayRef<int64_t> symbols) {
  bool exact = true;
  expr.walk([&](AffineExpr part) {
    auto binary = dyn_cast<AffineBinaryOpExpr>(part);
    if (!exact || !binary ||
        llvm::is_contained({AffineExprKind::Add, AffineExprKind::Mul},
                           binary.getKind()))
      return;
    auto lhs = evaluateAffine(binary.getLHS(), {}, symbols);
    auto rhs = evaluateAffine(binary.getRHS(), {}, symbols);
    if (!lhs || !rhs)
      return;
    if (*rhs < 1) {
      dim.emitError("dim ") << dim.getSymName() << " divides by " << *rhs
                            << ", expected a divisor of at least 1";
      exact = false;
    } else if (binary.getKind() != AffineExprKind::Mod && *lhs % *rhs != 0) {
      dim.emitError("dim ")
          << dim.getSymName() << " divides " << *lhs << " by " << *rhs
          << ", expected a division without remainder";
      exact = false;
    }
  });
  return exact;
}

/// Size of a derived dim; fails silently when a dim it is made of has failed.
static FailureOr<int64_t> deriveSize(DimOp dim,
                                     const llvm::StringMap<int64_t> &sizes) {
  SmallVector<int64_t> symbols;
  if (dim.getOf())
    for (auto base : dim.getOf()->getAsRange<FlatSymbolRefAttr>()) {
      auto it = sizes.find(base.getValue());
      if (it == sizes.end())
        return failure();
      symbols.push_back(it->second);
    }
  AffineExpr expr = dim.getDerived()->getResult(0);
  if (!dividesExactly(dim, expr, symbols))
    return failure();
  std::optional<int64_t> size = evaluateAffine(expr, {}, symbols);
  if (!size)
    return dim.emitError("size of dim ")
           << dim.getSymName() << " exceeds 64 bits";
  return *size;
}

static FailureOr<int64_t> findSize(DimOp dim,
                                   const llvm::StringMap<int64_t> &requested,
                                   const llvm::StringMap<int64_t> &sizes) {
  auto request = requested.find(dim.getSymName());
  if (dim.getDerived()) {
    FailureOr<int64_t> size = deriveSize(dim, sizes);
    if (succeeded(size) && request != requested.end() &&
        request->second != *size)
      return dim.emitError("expected size ")
             << *size << " for dim " << dim.getSymName()
             << ", which is derived, got " << request->second;
    return size;
  }
  if (request != requested.end())
    return request->second;
  if (dim.getDefaultSize())
    return int64_t(*dim.getDefaultSize());
  return dim.emitError("expected a size for dim ")
         << dim.getSymName() << ", got none";
}

FailureOr<llvm::StringMap<int64_t>>
lrc::evaluateDims(RecurrenceOp recurrence,
                  const llvm::StringMap<int64_t> &dims) {
  llvm::StringMap<int64_t> sizes;
  bool valid = true;
  for (DimOp dim : recurrence.getBody().getOps<DimOp>()) {
    FailureOr<int64_t> size = findSize(dim, dims, sizes);
    valid &= succeeded(size);
    if (failed(size))
      continue;
    if (*size < 1) {
      dim.emitError("expected a size of at least 1 for dim ")
          << dim.getSymName() << ", got " << *size;
      valid = false;
      continue;
    }
    sizes[dim.getSymName()] = *size;
  }
  // In the order of names: the order of a StringMap is arbitrary.
  SmallVector<StringRef> names(dims.keys());
  llvm::sort(names);
  for (StringRef name : names)
    if (!isa_and_present<DimOp>(recurrence.lookupSymbol(name))) {
      recurrence.emitError("recurrence ")
          << recurrence.getSymName() << " has no dim " << name;
      valid = false;
    }
  if (!valid)
    return failure();
  return sizes;
}
