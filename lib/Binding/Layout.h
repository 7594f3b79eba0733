//===- Layout.h - One tensor against its declaration ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal to the library: what can be said about a tensor without the others.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_BINDING_LAYOUT_H
#define LRC_LIB_BINDING_LAYOUT_H

#include "lib/Binding/Bind.h"

namespace lrc::binding {

/// An error that starts with the name of the tensor.
llvm::Error errorIn(llvm::StringRef name, const llvm::Twine &message);

/// "[2, 64, 16]"
std::string spellShape(llvm::ArrayRef<int64_t> shape);

/// Axes in front of those of one step: 2 for [B, T, ...], with heads one more.
unsigned leadingAxes(Field::Role role);

/// Whether the tensor has a head axis, which its number of axes says; an error
/// when it fits neither layout.
llvm::Expected<bool> findHeadAxis(const Field &field, const TensorView &view,
                                  bool packed);

/// The element type, if it suits the field.
llvm::Expected<ElementType> checkElements(const Field &field,
                                          const TensorView &view);

/// Fails unless the axes of one step are contiguous and `data` is aligned.
llvm::Error checkMemory(const Field &field, const TensorView &view);

/// Strides as kernels take them. The tensor has passed the checks above.
lrc_tensor describe(const Field &field, const TensorView &view);

/// The candidate that is spelled most like `name`; empty when none is close.
std::string findSimilar(llvm::StringRef name,
                        llvm::ArrayRef<std::string> candidates);

} // namespace lrc::binding

#endif // LRC_LIB_BINDING_LAYOUT_H
