//===- Costs.h - What one step costs ----------------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts over the operations of a specialised recurrence, for one step of one
// sequence and head:
//
//   - an elementary operation is 1 FLOP for each element; on complex numbers an
//     addition is 2, a product 6, a division 11;
//   - a reduction over n elements is n;
//   - exp, log, tanh and their like are counted on their own, one for each
//     element;
//   - what depends on parameters and sizes alone is computed once, not in each
//     step, and is left out.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_COSTS_H
#define LRC_LIB_DRIVER_COSTS_H

#include "dialects/Dsf/Dsf.h"

namespace lrc::driver {

struct Costs {
  int64_t flops = 0;
  int64_t transcendentals = 0;
};

Costs countStep(dsf::RecurrenceOp recurrence);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_COSTS_H
