//===- VerifyCases.h - Shapes on which kernels are tried --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_VERIFYCASES_H
#define LRC_LIB_DRIVER_VERIFYCASES_H

#include "lib/Driver/RandomInputs.h"
#include "lrc/Options.h"

namespace lrc::driver {

struct VerifyCase {
  int64_t batch = 2;
  int64_t steps = 7;
  /// 0: tensors without a head axis.
  int64_t heads = 2;
  /// Sizes of base dims.
  Sizes dims;
  /// Whether every second input and parameter has half of the heads.
  bool grouped = false;
  /// Whether initial states are given.
  bool initial = false;
  /// Whether the batch is packed into one sequence: lengths 0, 1, 2, ..
  bool packed = false;

  /// "B=2 T=7 H=2 K=4 V=5 initial"
  std::string label() const;
};

/// Shapes in which mistakes show: all sizes different, all 1, odd ones, one
/// step, none, an empty batch, packed sequences, shared heads. Sizes that
/// `fixed` has stay as they are there.
std::vector<VerifyCase> defaultCases(const Signature &signature,
                                     const Sizes &fixed);

/// The one shape that the sizes describe; those they lack are small.
VerifyCase caseOf(const Signature &signature, const Sizes &sizes);

/// Inputs and parameters for a case. Parameters that have a default or a value
/// in `scalars` are left to it.
TensorMap drawTensors(const Signature &signature, const VerifyCase &shape,
                      const Scalars &scalars, ElementType type,
                      RandomInputs &random);

/// Whether the interpreter can be waited for.
bool isModest(const Signature &signature, const VerifyCase &shape);

/// `type`, or the complex type of its precision.
DType dtypeFor(const Field &field, ElementType type);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_VERIFYCASES_H
