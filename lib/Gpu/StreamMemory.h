//===- StreamMemory.h - Memory of a stream of a GPU -------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_GPU_STREAMMEMORY_H
#define LRC_LIB_GPU_STREAMMEMORY_H

#include "lib/Gpu/CudaDriver.h"

#include <map>
#include <vector>

namespace lrc {

/// Memory of a stream, released when the work before is done.
class StreamMemory {
public:
  StreamMemory(CudaDevice &device, CudaStream stream)
      : device(device), stream(stream) {}
  StreamMemory(const StreamMemory &) = delete;
  ~StreamMemory() {
    for (DevicePointer pointer : pointers)
      llvm::consumeError(device.release(pointer, stream));
  }

  llvm::Expected<DevicePointer> allocate(int64_t bytes) {
    llvm::Expected<DevicePointer> pointer = device.allocate(bytes, stream);
    if (pointer)
      pointers.push_back(*pointer);
    return pointer;
  }

  /// A copy of numbers of the host, which must stay as they are; null for null.
  llvm::Expected<const int64_t *> upload(const int64_t *numbers,
                                         int64_t count) {
    if (!numbers)
      return nullptr;
    auto known = uploaded.find({numbers, count});
    if (known != uploaded.end())
      return known->second;
    int64_t bytes = count * int64_t(sizeof(int64_t));
    llvm::Expected<DevicePointer> pointer = allocate(bytes);
    if (!pointer)
      return pointer.takeError();
    if (llvm::Error error = device.copyIn(*pointer, numbers, bytes, stream))
      return std::move(error);
    return uploaded[{numbers, count}] =
               reinterpret_cast<const int64_t *>(*pointer);
  }

private:
  CudaDevice &device;
  CudaStream stream;
  std::vector<DevicePointer> pointers;
  std::map<std::pair<const int64_t *, int64_t>, const int64_t *> uploaded;
};

} // namespace lrc

#endif // LRC_LIB_GPU_STREAMMEMORY_H
