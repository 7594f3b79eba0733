//===- Split.h - Split a step into its phases -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_SPLIT_H
#define LRC_LIB_TRANSFORMS_SPLIT_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

struct SplitOptions {
  /// Whether values that are larger than all that they vary by, such as outer
  /// products, become signals too.
  bool hoistWide = false;
};

/// Replaces dsf.step by dsf.input, dsf.transition and dsf.readout, and gives
/// the number of signals between them. A recurrence that is split already is
/// left alone. Micro-loops must be unrolled.
mlir::FailureOr<unsigned> split(dsf::RecurrenceOp recurrence,
                                const SplitOptions &options = {});

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_SPLIT_H
