//===- SignatureOf.h - The signature of a recurrence ------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_BINDING_SIGNATUREOF_H
#define LRC_LIB_BINDING_SIGNATUREOF_H

#include "dialects/Dsf/Dsf.h"
#include "lrc/Signature.h"

namespace lrc {

/// What a recurrence takes and gives, specialised or not; keeps nothing of the
/// IR.
Signature signatureOf(dsf::RecurrenceOp recurrence);

/// The MLIR type of an element type, and back. Asserts that it is one that
/// dsf stores.
mlir::Type toType(mlir::MLIRContext *context, ElementType type);
ElementType toElementType(mlir::Type type);

} // namespace lrc

#endif // LRC_LIB_BINDING_SIGNATUREOF_H
