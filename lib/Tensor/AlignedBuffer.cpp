//===- AlignedBuffer.cpp - An owning, aligned byte buffer -----------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/AlignedBuffer.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lrc {

/// What data() points to in an empty buffer; nobody may read or write it.
alignas(AlignedBuffer::alignment) static char emptyBytes[1];

std::optional<AlignedBuffer> AlignedBuffer::allocate(size_t size) {
  AlignedBuffer buffer;
  if (size == 0)
    return buffer;
  // aligned_alloc wants a multiple of the alignment.
  size_t rounded = llvm::alignTo(size, alignment);
  if (rounded < size)
    return std::nullopt;
  buffer.bytes = static_cast<char *>(std::aligned_alloc(alignment, rounded));
  if (!buffer.bytes)
    return std::nullopt;
  buffer.numBytes = size;
  return buffer;
}

AlignedBuffer::AlignedBuffer(size_t size) {
  std::optional<AlignedBuffer> buffer = allocate(size);
  if (!buffer)
    llvm::report_bad_alloc_error("no memory for a tensor");
  *this = std::move(*buffer);
  if (size)
    std::memset(bytes, 0, size);
}

AlignedBuffer::AlignedBuffer(const AlignedBuffer &other)
    : AlignedBuffer(other.numBytes) {
  if (numBytes)
    std::memcpy(bytes, other.bytes, numBytes);
}

AlignedBuffer::AlignedBuffer(AlignedBuffer &&other) noexcept
    : bytes(std::exchange(other.bytes, nullptr)),
      numBytes(std::exchange(other.numBytes, 0)) {}

AlignedBuffer &AlignedBuffer::operator=(AlignedBuffer other) noexcept {
  std::swap(bytes, other.bytes);
  std::swap(numBytes, other.numBytes);
  return *this;
}

AlignedBuffer::~AlignedBuffer() { std::free(bytes); }

char *AlignedBuffer::data() { return bytes ? bytes : emptyBytes; }

const char *AlignedBuffer::data() const { return bytes ? bytes : emptyBytes; }

} // namespace lrc
