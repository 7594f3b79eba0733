//===- Tidy.h - Simplify a recurrence between passes ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TRANSFORMS_TIDY_H
#define LRC_LIB_TRANSFORMS_TIDY_H

#include "dialects/Dsf/Dsf.h"

namespace lrc {

/// Canonicalises the regions of `recurrence`, removes what is computed twice
/// and what nothing uses.
void tidy(dsf::RecurrenceOp recurrence);

} // namespace lrc

#endif // LRC_LIB_TRANSFORMS_TIDY_H
