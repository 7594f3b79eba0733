//===- Interpreter.h - The oracle -------------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Executes a specialised dsf.recurrence step by step in f64 and complex128,
// straight from the IR. Written to be read: every schedule, dtype and target is
// tested against it.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_INTERP_INTERPRETER_H
#define LRC_LIB_INTERP_INTERPRETER_H

#include "dialects/Dsf/Dsf.h"

#include "llvm/ADT/StringMap.h"

#include <complex>
#include <vector>

namespace lrc::interp {

/// An array of one step, or of all steps with time as the first axis; C order.
/// Real numbers have imaginary part 0, bools are 0 or 1.
struct Array {
  llvm::SmallVector<int64_t> shape;
  std::vector<std::complex<double>> data;
};

/// One sequence of one head.
struct Sequence {
  int64_t steps = 0;
  int64_t head = 0;
  int64_t heads = 1;
  /// By name: inputs [steps, ...], parameters [...], and those initial states
  /// [...] that the caller gives.
  llvm::StringMap<Array> tensors;
};

/// By name: outputs [steps, ...] and the last value of every state [...].
using Results = llvm::StringMap<Array>;

/// Runs the recurrence over a sequence. Asserts that the recurrence is
/// specialised and that every tensor is there with the right shape.
Results run(dsf::RecurrenceOp recurrence, const Sequence &sequence);

} // namespace lrc::interp

#endif // LRC_LIB_INTERP_INTERPRETER_H
