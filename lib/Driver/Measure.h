//===- Measure.h - Time kernels against each other --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_DRIVER_MEASURE_H
#define LRC_LIB_DRIVER_MEASURE_H

#include "lib/Driver/VerifyCases.h"
#include "lib/JIT/ProgramImpl.h"
#include "lib/Schedule/Forecast.h"
#include "lib/Tensor/Tensor.h"
#include "lrc/Program.h"

#include <cmath>

namespace lrc::driver {

/// A recurrence with tensors of one shape, on which kernels are timed.
class Workbench {
public:
  /// The shape is that of the options; the dims, T and B that they lack are
  /// added to them and named in `assumed`.
  static Result<Workbench> create(Program &program, CompileOptions options);

  /// The options with all sizes.
  const CompileOptions &getOptions() const { return options; }
  const Signature &getSignature() const { return signature; }
  /// Inputs and parameters of a call.
  TensorMap &getTensors() { return tensors; }
  llvm::ArrayRef<std::string> getAssumed() const { return assumed; }
  std::string label() const { return shape.label(); }
  /// Steps of all sequences and heads of a call.
  double countTokens() const;

  /// Options that fix a schedule; 0 where nothing is fixed.
  CompileOptions withSchedule(const ScheduleInfo &schedule) const;
  Result<Kernel> compile(const CompileOptions &scheduled);
  /// What a call of a kernel gives.
  Result<ResultSpecs> describeResults(const Kernel &kernel);

  /// Runs a kernel once.
  Result<void> run(const Kernel &kernel);

  /// What all kernels have in common.
  Result<KernelRequest> makeRequest(const CompileOptions &scheduled);

private:
  Result<void> makeTensors();

  Program *program = nullptr;
  Signature signature;
  CompileOptions options;
  std::vector<std::string> assumed;
  VerifyCase shape;
  TensorMap tensors;
  TensorMap results;
};

/// Seconds of a call.
struct Timing {
  double median = 0;
  double best = 0;
  /// The least time of the calling thread, without waiting for a processor: of
  /// a kernel on one thread, all of it.
  double ownBest = INFINITY;
};

/// How often, and how long, kernels are timed. Short calls are timed together.
struct Sampling {
  int64_t rounds = 11;
  /// Seconds that are worth a reading of the clock, and calls of one at most.
  double enough = 5e-4;
  int64_t mostCalls = 1000;
};

/// Seconds of a call of a kernel, by its number, over so many calls.
using TimeCalls = llvm::function_ref<Result<double>(size_t, int64_t)>;

/// Times kernels in turns, so that all of them see the same disturbances, after
/// a call of each to warm up. One that is far slower than the fastest is timed
/// once. `onRound` is told the share of the work that is done.
Result<std::vector<Timing>>
measureInTurns(size_t kernels, const Sampling &sampling, TimeCalls timeCalls,
               llvm::function_ref<void(double)> onRound = nullptr);

/// The same for kernels of the processor.
Result<std::vector<Timing>>
measure(Workbench &bench, llvm::ArrayRef<Kernel> kernels, int64_t rounds,
        llvm::function_ref<void(double)> onRound = nullptr);

/// The best kernels for the GPU of this machine under the model.
Result<std::vector<GpuChoice>> findBestOnGpu(Program &program, Workbench &bench,
                                             unsigned count);

/// What of a block of a GPU is not the plainest.
std::string spellBlock(const Sizes &block);

/// "chunked, chunk = 32, lanes = 64"
std::string spell(const ScheduleInfo &schedule);

dsf::ScheduleAttr toAttribute(mlir::MLIRContext *context,
                              const ScheduleInfo &schedule);

} // namespace lrc::driver

#endif // LRC_LIB_DRIVER_MEASURE_H
