//===- Prefetch.h - Ask for the rows of later steps -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H
#define LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H

#include "lib/Conversion/TileToVector/Emitter.h"
#include "lib/Conversion/TileToVector/WorkItem.h"

namespace lrc {

/// At the builder, in an iteration of a loop over time that has been opened for
/// `loop`: prefetches what it will load some steps later, or in the next chunk.
/// With heads between the rows of one sequence they do not follow each other in
/// memory, and a processor does not guess where the next is.
void prefetchRows(mlir::scf::ForOp loop, const Frame &frame, WorkItem &item,
                  mlir::OpBuilder &builder);

} // namespace lrc

#endif // LRC_LIB_CONVERSION_TILETOVECTOR_PREFETCH_H
