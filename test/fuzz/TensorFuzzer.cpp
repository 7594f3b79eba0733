//===- TensorFuzzer.cpp - Fuzzes the readers of tensor files --------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The first byte of an input chooses the reader: 'n' for .npy, 'z' for .npz,
// anything else for .safetensors. The rest is the file.
//
//===----------------------------------------------------------------------===//

#include "lib/Tensor/TensorFile.h"
#include <cstdlib>

using namespace llvm;
using namespace lrc;

/// Whatever was read must satisfy what Tensor promises.
static void check(const Tensor &tensor) {
  Expected<uint64_t> size = Tensor::byteSize(tensor.dtype, tensor.shape);
  if (!size || *size != tensor.data.size())
    std::abort();
  if (tensor.numElements() > 0)
    (void)tensor.getComplex(tensor.numElements() - 1);
}

static void check(Expected<Tensor> tensor) {
  if (tensor)
    check(*tensor);
  else
    consumeError(tensor.takeError());
}

static void check(Expected<TensorMap> tensors) {
  if (!tensors)
    return consumeError(tensors.takeError());
  for (const auto &named : *tensors)
    check(named.second);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  StringRef file(reinterpret_cast<const char *>(data) + 1, size - 1);
  if (data[0] == 'n')
    check(readNpy(file));
  else if (data[0] == 'z')
    check(readNpz(MemoryBufferRef(file, "fuzz")));
  else
    check(readSafetensors(file));
  return 0;
}
