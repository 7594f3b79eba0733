//===- ProgramImpl.h - What the API's handles hold --------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Internal: for the parts of lrc that need the IR behind a lrc::Program.
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_JIT_PROGRAMIMPL_H
#define LRC_LIB_JIT_PROGRAMIMPL_H

#include "dialects/Dsf/Dsf.h"
#include "lib/Gpu/GpuKernel.h"
#include "lib/JIT/Choose.h"
#include "lib/JIT/CpuKernel.h"
#include "lrc/Program.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Compiler.h"
#include "llvm/Support/SourceMgr.h"

#include <mutex>

namespace lrc {

/// A recurrence on its own, with sizes fixed.
struct Specialized {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  dsf::RecurrenceOp recurrence;
  double milliseconds = 0;
};

struct LLVM_LIBRARY_VISIBILITY Program::Impl {
  Impl();

  mlir::MLIRContext context;
  llvm::SourceMgr sources;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  double parseTime = 0;

  /// Guards all below, and the context: compiling changes it.
  std::mutex mutex;
  std::map<std::string, Kernel> kernels;

  /// The recurrence of a name, or the only one for "".
  Result<dsf::RecurrenceOp> find(const std::string &name);

  /// A specialised copy; the caller holds the mutex as long as it lives.
  Result<Specialized> specialize(const KernelRequest &request);

  /// Compiles, or finds what was compiled before. Takes the mutex.
  Result<Kernel> compile(const KernelRequest &request);

private:
  Result<Kernel> compileForGpu(const KernelRequest &request,
                               Specialized &specialized,
                               std::shared_ptr<Kernel::Impl> kernel);
};

struct LLVM_LIBRARY_VISIBILITY Kernel::Impl {
  Signature signature;
  KernelRequest request;
  CompileTimes times;
  ScheduleInfo schedule;
  /// One of them, by the request's target.
  std::unique_ptr<CpuKernel> code;
  std::unique_ptr<GpuKernel> gpu;

  llvm::Expected<Binding> bindInputs(const TensorViews &inputs,
                                     const TensorViews &outputs) const;
  llvm::Error checkInputs(const TensorViews &inputs,
                          const Binding &binding) const;
  llvm::Expected<std::map<std::string, BoundTensor>>
  bindOutputs(const TensorViews &outputs, const Binding &binding) const;
};

/// What a GPU compilation takes of a request.
GpuOptions toGpuOptions(const KernelRequest &request);

/// The target to compile for; that of the GPU of this machine for "cuda", or
/// the usual one where there is no GPU.
llvm::Expected<const GpuTarget *> gpuTargetFor(const KernelRequest &request);

/// The kernels for that target among which there is a choice.
llvm::Expected<GpuModel> modelFor(dsf::RecurrenceOp recurrence,
                                  const KernelRequest &request);

/// B, T and, if there is one, H of a recurrence without inputs, which its
/// outputs alone know; nothing for others.
Sizes sizesFromOutputs(const Signature &signature, const TensorViews &outputs);

/// The part of a request that code for a CPU depends on.
CpuOptions toCpuOptions(const KernelRequest &request);

/// Text of a recurrence at a level other than Dsf. Holds no mutex itself.
Result<std::string> emitLevel(Specialized &specialized,
                              const KernelRequest &request, Level level,
                              const std::string &symbol);

/// Fails for names that C, lrc or the header itself use for something else.
Result<void> checkHeaderNames(const KernelRequest &request,
                              llvm::StringRef symbol);

/// The C header of an ahead-of-time kernel; see Header.cpp.
std::string makeHeader(const Signature &signature, const KernelRequest &request,
                       llvm::StringRef symbol, int64_t blocks);

} // namespace lrc

#endif // LRC_LIB_JIT_PROGRAMIMPL_H
