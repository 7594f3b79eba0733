//===- Trial.h - One call, by a kernel and by the interpreter ---*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_TRIAL_H
#define LRC_LIB_DRIVER_TRIAL_H

#include "lib/Binding/Bind.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/Tensor/Tensor.h"

namespace lrc::driver {

/// Tensors that fit a recurrence, and the recurrence made for them. The
/// tensors stay the caller's.
class Trial {
public:
  static Result<Trial> bind(Program &program, const Signature &signature,
                            const CompileOptions &options, TensorMap &tensors);

  /// Outputs and the last values of all states, from the interpreter.
  TensorMap reference(const TensorMap &tensors) const;

  /// A kernel for the call.
  Result<Kernel> compile(const CompileOptions &options,
                         TensorMap &tensors) const;

  /// Outputs and final states from a kernel, which found NaN where it writes.
  static Result<TensorMap> run(const Kernel &kernel, TensorMap &tensors);

  /// The narrowest element type among inputs, parameters and outputs.
  ElementType narrowest() const;

  const Binding &getBinding() const { return binding; }

private:
  Program *program = nullptr;
  const Signature *signature = nullptr;
  Binding binding;
  KernelRequest request;
  Specialized specialized;
};

/// The bound on relativeError for inputs of a type, from design.md.
double boundFor(ElementType type);

/// Whether the options ask for a schedule that the recurrence does not have.
bool isScheduleRefused(const Diagnostics &diagnostics);

/// What a few steps leave in the states, for use as initial states: a
/// normaliser, say, is positive then. `tensors` are inputs of those steps.
Result<TensorMap> makeStates(Program &program, const Signature &signature,
                             const CompileOptions &options, ElementType type,
                             TensorMap &tensors);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_TRIAL_H
