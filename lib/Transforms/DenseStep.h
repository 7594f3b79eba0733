//===- DenseStep.h - One matrix for all steps -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_DENSESTEP_H
#define LRC_LIB_TRANSFORMS_DENSESTEP_H

#include "lib/Analysis/StateGroups.h"

#include <string>

namespace lrc {

/// Writes the definition of a group of one state as `matchDense` recognises it
/// (lib/Analysis/DenseUpdate.h): all that the step does to the old state is one
/// matrix. False when it can't; `reason` changes when that is because the
/// matrix is another one in each step.
bool makeDense(dsf::RecurrenceOp recurrence, mlir::Block &form,
               const StateGroups::Group &group, std::string &reason);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_DENSESTEP_H
