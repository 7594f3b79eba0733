//===- DsfVerify.h - Shared by the verifiers of dsf -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_DIALECTS_DSF_DSFVERIFY_H
#define LRC_DIALECTS_DSF_DSFVERIFY_H

#include "dialects/Dsf/Dsf.h"

namespace lrc::dsf {

/// `value` covers the axes of `type`, each under one of `labels`.
mlir::LogicalResult verifyLabels(mlir::Operation *op, ValueType value,
                                 mlir::ArrayAttr labels, PositionalType type);

} // namespace lrc::dsf

#endif // LRC_DIALECTS_DSF_DSFVERIFY_H
