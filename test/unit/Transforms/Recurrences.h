//===- Recurrences.h - The recurrences of files, made small -----*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_TRANSFORMS_RECURRENCES_H
#define LRC_TEST_UNIT_TRANSFORMS_RECURRENCES_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Interp/Interpreter.h"

#include "mlir/IR/OwningOpRef.h"

#include <random>

namespace lrc::test {

/// A file of recurrences, each specialised: dims that have no default get
/// small, even, different sizes.
class Recurrences {
public:
  explicit Recurrences(llvm::StringRef text);

  /// Empty after an error, which is a failure of the test.
  std::vector<dsf::RecurrenceOp> get();

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The texts of examples/ and test/Execute/, by "folder/name.dsf".
std::vector<std::pair<std::string, std::string>> listRecurrenceTexts();

/// Tensors within the declared ranges; initial states only if asked for. Those
/// are positive, as normalisers are.
interp::Sequence drawSequence(dsf::RecurrenceOp recurrence, int64_t steps,
                              bool withStates, unsigned seed);

/// The largest ||actual - expected|| / ||expected|| of all results.
double compare(const interp::Results &expected, const interp::Results &actual);

} // namespace lrc::test

#endif // LRC_TEST_UNIT_TRANSFORMS_RECURRENCES_H
