//===- Segments.cpp - Boundaries of packed sequences ----------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Segments.h"

#include "lib/Binding/Layout.h"

using namespace lrc;

llvm::Expected<std::vector<int64_t>>
binding::readSegments(const TensorView &view) {
  if (view.dtype != DType::I32 && view.dtype != DType::I64)
    return errorIn(segmentsName,
                   "expected i32 or i64, got " + dtypeName(view.dtype));
  if (view.shape.size() != 1 || view.shape[0] < 1)
    return errorIn(segmentsName,
                   "expected shape [N + 1] for N sequences, got " +
                       spellShape(view.shape));
  std::vector<int64_t> segments;
  for (int64_t i = 0; i < view.shape[0]; ++i) {
    int64_t offset = i * view.strides[0];
    segments.push_back(view.dtype == DType::I32
                           ? static_cast<const int32_t *>(view.data)[offset]
                           : static_cast<const int64_t *>(view.data)[offset]);
  }
  if (segments.front() != 0)
    return errorIn(segmentsName, "expected the first boundary to be 0, got " +
                                     llvm::Twine(segments.front()));
  for (size_t i = 1; i < segments.size(); ++i)
    if (segments[i] < segments[i - 1])
      return errorIn(segmentsName, "expected boundaries in ascending order, "
                                   "got " +
                                       llvm::Twine(segments[i - 1]) + " and " +
                                       llvm::Twine(segments[i]));
  return segments;
}
