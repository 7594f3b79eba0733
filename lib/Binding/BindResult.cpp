//===- BindResult.cpp - Memory for outputs and final states ---------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Binding/Layout.h"

using namespace lrc;
using namespace lrc::binding;

llvm::SmallVector<int64_t> lrc::resultShape(const Field &field,
                                            const Binding &binding) {
  llvm::SmallVector<int64_t> shape;
  if (field.role == Field::Role::Output)
    shape = {binding.packed ? 1 : binding.batch, binding.steps};
  else
    shape = {binding.batch};
  if (binding.hasHeads)
    shape.push_back(binding.heads);
  for (const Extent &extent : field.extents)
    shape.push_back(extent.dim.empty() ? extent.size
                                       : binding.dims.at(extent.dim));
  return shape;
}

llvm::Expected<BoundTensor> lrc::bindResult(const Field &field,
                                            const TensorView &view,
                                            const Binding &binding) {
  llvm::Expected<ElementType> type = checkElements(field, view);
  if (!type)
    return type.takeError();
  llvm::SmallVector<int64_t> shape = resultShape(field, binding);
  if (shape != view.shape)
    return errorIn(
        field.name,
        "expected shape " + spellShape(shape) + " for the " +
            (field.role == Field::Role::Output ? "output" : "final state") +
            ", which is " + layoutOf(field, binding.hasHeads, binding.packed) +
            ", got " + spellShape(view.shape));
  if (llvm::Error error = checkMemory(field, view))
    return error;
  return BoundTensor{describe(field, view), *type};
}
