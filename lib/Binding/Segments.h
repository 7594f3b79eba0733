//===- Segments.h - Boundaries of packed sequences --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_BINDING_SEGMENTS_H
#define LRC_LIB_BINDING_SEGMENTS_H

#include "lib/Binding/Bind.h"

namespace lrc::binding {

/// The boundaries, i32 or i64: from 0 up, none below the one before.
llvm::Expected<std::vector<int64_t>> readSegments(const TensorView &view);

} // namespace lrc::binding

#endif // LRC_LIB_BINDING_SEGMENTS_H
