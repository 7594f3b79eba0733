//===- Explain.h - The derived equations of a recurrence --------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_EXPLAIN_EXPLAIN_H
#define LRC_LIB_EXPLAIN_EXPLAIN_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Explain/Document.h"

namespace lrc {

/// The step, its normal form and the equations of a chunk, or why there are
/// none. `source` is the recurrence before its sizes were fixed: its dims name
/// the sizes of what `recurrence` declares.
void explain(dsf::RecurrenceOp recurrence, dsf::RecurrenceOp source,
             Document &document);

} // namespace lrc

#endif // LRC_LIB_EXPLAIN_EXPLAIN_H
