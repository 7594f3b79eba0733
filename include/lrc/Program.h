//===- Program.h - Compile and run recurrences ------------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ API:
//
//     auto program = lrc::Program::fromFile("gla.dsf");
//     auto done = program->run({{"q", &q}, {"k", &k}, {"v", &v}, {"g", &g}},
//                              {{"o", &o}});
//     if (!done)
//       std::cerr << done.message();
//
// Tensors are DLPack's, in memory of the CPU, and never copied. Layouts: inputs
// and outputs [B, T, H, ...] or [B, T, ...], parameters [...] or [H, ...],
// states [B, H, ...] or [B, ...]. The axes of one step are contiguous in C
// order; the others may have any stride. An input tensor `cu_seqlens` (i32 or
// i64, [N + 1]) says that N sequences lie one after the other in a batch of 1:
// sequence n has the steps cu_seqlens[n] .. cu_seqlens[n + 1] - 1, and states
// are [N, H, ...]. Every function may be called from several threads at once.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_PROGRAM_H
#define LRC_PROGRAM_H

#include "lrc-c/dlpack.h"
#include "lrc/Options.h"
#include "lrc/Result.h"
#include "lrc/Signature.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace lrc {

/// Tensors by name. The descriptions and the memory stay the caller's.
using TensorArgs = std::map<std::string, const DLTensor *>;

/// What a caller allocates for an output or a final state.
struct TensorSpec {
  std::string name;
  ElementType type = ElementType::F32;
  std::vector<int64_t> shape;
};

/// Outputs and final states of a call, each in order of declaration.
struct ResultSpecs {
  std::vector<TensorSpec> outputs;
  std::vector<TensorSpec> finals;
};

/// Milliseconds that a compilation took.
struct CompileTimes {
  double parse = 0;      ///< text to dsf; once for all kernels of a program
  double specialize = 0; ///< sizes put in
  double lower = 0;      ///< to LLVM IR
  double codegen = 0;    ///< to machine code, in memory
};

/// How a kernel runs through time.
struct ScheduleInfo {
  Schedule kind = Schedule::Sequential;
  /// Steps that are taken at once.
  int64_t chunk = 1;
  /// Lanes of a work item; 0 for as many as the first cache holds.
  int64_t lanes = 0;
  /// Parts of time that run in parallel.
  int64_t segments = 1;
  /// Of a GPU, as the option `block` takes it.
  Sizes block;
  /// Whether `lrc tune` found it.
  bool tuned = false;
};

/// Machine code for fixed sizes and element types.
class LRC_API Kernel {
public:
  const Signature &signature() const;

  /// Sizes of all dims that the kernel was compiled for.
  const Sizes &dims() const;

  /// Element type of a tensor that the kernel takes or gives.
  ElementType elementType(const std::string &name) const;

  const CompileTimes &times() const;

  const ScheduleInfo &schedule() const;

  /// Shapes and element types of what a run on these inputs gives.
  Result<ResultSpecs> results(const TensorArgs &inputs) const;

  /// Runs. `inputs` has the inputs, those parameters that the kernel was
  /// compiled to take, and initial states of the caller's choice; `outputs` has
  /// outputs and final states; those that are missing are not written. (Where
  /// there are no inputs, the number of steps is that of an output.) Input and
  /// output memory must not overlap, but for a final state, which may be its
  /// own initial state.
  ///
  /// A kernel for a GPU takes tensors of the host, which it copies there and
  /// back, or tensors on the GPU, for which it is launched on `stream` (a
  /// CUstream; null is the default one) without waiting. Then all outputs must
  /// be given, and `cu_seqlens` stays on the host.
  Result<void> run(const TensorArgs &inputs, const TensorArgs &outputs,
                   void *stream = nullptr) const;

  struct Impl;
  explicit Kernel(std::shared_ptr<const Impl> impl);

private:
  std::shared_ptr<const Impl> impl;
};

/// Levels at which a compilation can be looked at.
enum class Level {
  Dsf,
  Tile,
  Vector,
  Llvm,
  Asm,
  Object,
  Header,
  Nvvm,
  Ptx,
  Cubin
};

/// The recurrences of a source file. Copies share everything.
class LRC_API Program {
public:
  /// Reads a .dsf file, or an .mlir file with dsf operations.
  static Result<Program> fromFile(const std::string &path);

  /// `name` stands for the file in diagnostics; the text is MLIR if it ends in
  /// ".mlir", else the .dsf language.
  static Result<Program> fromString(const std::string &text,
                                    const std::string &name = "<string>");

  /// Names, in the order of the file.
  std::vector<std::string> recurrences() const;

  /// The only recurrence when `recurrence` is empty.
  Result<Signature> signature(const std::string &recurrence = "") const;

  /// Sizes of all dims must be in `options.sizes` or have a default.
  Result<Kernel> compile(const CompileOptions &options) const;

  /// The kernel for tensors like these: sizes, element types and given
  /// parameters are theirs. Compiled once and remembered. Where `outputs` has
  /// no tensor of a name, `options.dtypes` or a rule decides its type: outputs
  /// have that of the first input with axes of its own (of the first input if
  /// none has), final states f32, or f64 when any tensor is f64 or complex128.
  Result<Kernel> kernelFor(const TensorArgs &inputs,
                           const TensorArgs &outputs = {},
                           const CompileOptions &options = {}) const;

  /// kernelFor and Kernel::run.
  Result<void> run(const TensorArgs &inputs, const TensorArgs &outputs,
                   const CompileOptions &options = {}) const;

  /// Text (bytes for Object) of a recurrence at a level. `symbol` names the
  /// function in objects and headers; empty is the name of the recurrence.
  /// Dsf needs no sizes: without any, the recurrence is as it was written.
  Result<std::string> emit(Level level, const CompileOptions &options,
                           const std::string &symbol = "") const;

  struct Impl;
  explicit Program(std::shared_ptr<Impl> impl);
  const std::shared_ptr<Impl> &getImpl() const { return impl; }

private:
  std::shared_ptr<Impl> impl;
};

/// "0.1.0"
LRC_API const char *version();

} // namespace lrc

#endif // LRC_PROGRAM_H
