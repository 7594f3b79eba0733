//===- CudaDriver.h - The CUDA driver, opened at run time -------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_CUDADRIVER_H
#define LRC_LIB_GPU_CUDADRIVER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace lrc {

/// Handles of the driver's API.
using CudaModule = void *;
using CudaFunction = void *;
using CudaStream = void *;
using CudaEvent = void *;
using DevicePointer = uint64_t;

/// One GPU: the first that the driver shows, in its primary context, which
/// other libraries of the process share. Calls return errors in the driver's
/// words.
class CudaDevice {
public:
  /// Opens the driver the first time; the error says what is missing.
  static llvm::Expected<CudaDevice *> get();

  const std::string &getName() const { return name; }
  /// 10 * major + minor.
  unsigned getCapability() const { return capability; }
  int64_t getSecondCacheBytes() const { return secondCacheBytes; }

  /// Of a cubin, or of PTX, which the driver assembles.
  llvm::Expected<CudaModule> load(llvm::StringRef image) const;
  void unload(CudaModule module) const;
  llvm::Expected<CudaFunction> find(CudaModule module,
                                    llvm::StringRef name) const;
  llvm::Error setSharedBytes(CudaFunction function, int64_t bytes) const;
  llvm::Error launch(CudaFunction function, int64_t blocks, int64_t threads,
                     int64_t sharedBytes, CudaStream stream,
                     void **parameters) const;

  llvm::Expected<DevicePointer> allocate(int64_t bytes,
                                         CudaStream stream) const;
  llvm::Error release(DevicePointer pointer, CudaStream stream) const;
  llvm::Error copyIn(DevicePointer to, const void *from, int64_t bytes,
                     CudaStream stream) const;
  llvm::Error copyOut(void *to, DevicePointer from, int64_t bytes,
                      CudaStream stream) const;
  llvm::Error copyOnDevice(DevicePointer to, DevicePointer from, int64_t bytes,
                           CudaStream stream) const;
  llvm::Error synchronize(CudaStream stream) const;

  /// A mark among the work of a stream; it keeps the time when that is reached.
  llvm::Expected<CudaEvent> createEvent() const;
  void destroyEvent(CudaEvent event) const;
  llvm::Error recordEvent(CudaEvent event, CudaStream stream) const;
  /// Waits for `to`.
  llvm::Expected<double> awaitSeconds(CudaEvent from, CudaEvent to) const;

private:
  CudaDevice() = default;
  llvm::Error open();
  llvm::Error enter() const;
  llvm::Error check(int result, llvm::StringRef call) const;

  struct Api;
  std::shared_ptr<Api> api;
  void *context = nullptr;
  std::string name;
  unsigned capability = 0;
  int64_t secondCacheBytes = 0;
};

} // namespace lrc

#endif // LRC_LIB_GPU_CUDADRIVER_H
