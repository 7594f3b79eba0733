//===- AlignedBuffer.h - An owning, aligned byte buffer ---------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_LIB_TENSOR_ALIGNEDBUFFER_H
#define LRC_LIB_TENSOR_ALIGNEDBUFFER_H

#include <cstddef>
#include <optional>

namespace lrc {

/// Bytes on the heap that start on a 64-byte boundary, so that kernels may use
/// aligned vector loads of any width on them. Copying copies the bytes.
class AlignedBuffer {
public:
  static constexpr size_t alignment = 64;

  AlignedBuffer() = default;

  /// `size` zero bytes; ends the program when there is no memory. Use
  /// `allocate` for a size that comes from a file.
  explicit AlignedBuffer(size_t size);

  /// `size` uninitialised bytes, or std::nullopt when there is no memory.
  static std::optional<AlignedBuffer> allocate(size_t size);

  AlignedBuffer(const AlignedBuffer &other);
  AlignedBuffer(AlignedBuffer &&other) noexcept;
  AlignedBuffer &operator=(AlignedBuffer other) noexcept;
  ~AlignedBuffer();

  /// The bytes; never null, even when size() is 0.
  char *data();
  const char *data() const;
  size_t size() const { return numBytes; }
  bool empty() const { return numBytes == 0; }

private:
  char *bytes = nullptr;
  size_t numBytes = 0;
};

} // namespace lrc

#endif // LRC_LIB_TENSOR_ALIGNEDBUFFER_H
