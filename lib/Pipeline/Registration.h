//===- Registration.h - What lrc's tools know -------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_PIPELINE_REGISTRATION_H
#define LRC_LIB_PIPELINE_REGISTRATION_H

namespace mlir {
class DialectRegistry;
}

namespace lrc {

/// Registers lrc's dialects, the upstream dialects that lrc's levels use, and
/// their translations to LLVM IR.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers lrc's passes and the upstream passes of its pipelines.
void registerPasses();

} // namespace lrc

#endif // LRC_LIB_PIPELINE_REGISTRATION_H
