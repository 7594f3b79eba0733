//===- Choose.h - What a kernel is compiled for -----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_CHOOSE_H
#define LRC_LIB_JIT_CHOOSE_H

#include "lib/Binding/Bind.h"
#include "lrc/Options.h"

namespace lrc {

/// Everything that decides which code a recurrence becomes.
struct KernelRequest {
  std::string recurrence;
  Sizes dims; // derived ones included
  Scalars scalars;
  /// Parameters that come as tensors.
  Names given;
  /// Element types of all fields but hidden states.
  ElementTypes types;
  int64_t threads = 1;
  /// Sequences times heads, up to `threads`: more makes no difference.
  int64_t batchHeads = 1;
  /// "cpu", or a GPU; see include/lrc/Options.def.
  std::string target = "cpu";
  /// See include/lrc/Options.def.
  Schedule schedule = Schedule::Auto;
  int64_t chunk = 0;
  int64_t lanes = 0;
  int64_t segments = 0;
  Sizes block;
  /// Steps that stand for all numbers of about as many; 0 for many, or not
  /// known.
  int64_t steps = 0;
  /// B, T and H, where the caller fixes them beside the tensors.
  Sizes axes;

  /// Equal for equal requests only.
  std::string key() const;
};

/// Adds a type for every field that `known` lacks: what `dtypes` says, else
/// for inputs and parameters the declared type, for outputs that of the first
/// input with axes (of the first if none has), for states f32, or f64 when an
/// input or parameter is that wide.
ElementTypes chooseTypes(const Signature &signature, ElementTypes known,
                         const ElementTypes &dtypes);

/// The request of a compilation without tensors.
llvm::Expected<KernelRequest> requestFor(const Signature &signature,
                                         const CompileOptions &options);

/// The request for tensors that have been bound. `results` has the types of the
/// memory for outputs and final states, as far as it is known.
llvm::Expected<KernelRequest> requestFor(const Signature &signature,
                                         const CompileOptions &options,
                                         const Binding &binding,
                                         const ElementTypes &results);

/// Fails when options name what the signature does not have.
llvm::Error checkOptions(const Signature &signature,
                         const CompileOptions &options);

/// The part of the options that Binding needs.
BindRequest toBindRequest(const CompileOptions &options);

} // namespace lrc

#endif // LRC_LIB_JIT_CHOOSE_H
