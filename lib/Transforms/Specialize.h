//===- Specialize.h - Fix the sizes of a recurrence -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SPECIALIZE_H
#define LRC_LIB_TRANSFORMS_SPECIALIZE_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace lrc {

/// What a kernel is compiled for.
struct Specialization {
  /// Sizes of base dims; dims with a default may be missing.
  llvm::StringMap<int64_t> dims;
  /// Values of scalar parameters that are compiled in.
  llvm::StringMap<double> scalars;
  /// Parameters that the caller passes as tensors. Others take `scalars` or
  /// their default, which is inlined; one that has neither is an error.
  llvm::StringSet<> given;
  /// Element types in memory, by field name; others keep their declared one.
  llvm::StringMap<mlir::Type> storage;
};

/// Replaces dims by integers, inlines parameters that are not given, unrolls
/// micro-loops and checks that every subscript is in range. Afterwards the
/// recurrence has no dsf.dim, dsf.extent, dsf.for, and no default regions.
/// Emits a diagnostic at the culprit on failure.
mlir::LogicalResult specialize(dsf::RecurrenceOp recurrence,
                               const Specialization &specialization);

/// Size of every dim, derived ones included, from the sizes of base dims and
/// defaults. Fails with a diagnostic at the dim that has no size, a size below
/// 1 or an inexact division.
mlir::FailureOr<llvm::StringMap<int64_t>>
evaluateDims(dsf::RecurrenceOp recurrence,
             const llvm::StringMap<int64_t> &dims);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SPECIALIZE_H
