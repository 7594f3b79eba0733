//===- Reference.h - The interpreter on whole tensors -----------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_REFERENCE_H
#define LRC_LIB_DRIVER_REFERENCE_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Binding/Bind.h"
#include "lib/Tensor/Tensor.h"

namespace lrc::driver {

/// Outputs and the last values of all states in f64 and complex128, from
/// tensors that `binding` was made of; `recurrence` is specialised for them.
TensorMap runReference(dsf::RecurrenceOp recurrence, const Signature &signature,
                       const Binding &binding, const TensorMap &tensors);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_REFERENCE_H
