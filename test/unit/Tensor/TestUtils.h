//===- TestUtils.h - Helpers of the tensor tests ----------------*- C++ -*-===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LRC_TEST_UNIT_TENSOR_TESTUTILS_H
#define LRC_TEST_UNIT_TENSOR_TESTUTILS_H

#include "lib/Tensor/Tensor.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

namespace lrc::test {

/// The values that make_corpus.py writes: 0, 1, 2, ... in C order, i - i*1j
/// for complex numbers and i % 2 for bool.
inline Tensor rampTensor(DType dtype, llvm::ArrayRef<int64_t> shape) {
  Tensor tensor(dtype, shape);
  for (int64_t i = 0; i < tensor.numElements(); ++i) {
    double value = double(dtype == DType::Bool ? i % 2 : i);
    tensor.setComplex(i, {value, isComplex(dtype) ? 0.0 - value : 0.0});
  }
  return tensor;
}

/// An empty directory that goes away with the object.
class TempDir {
public:
  TempDir() {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("lrc-tensor", root));
  }
  ~TempDir() { EXPECT_FALSE(llvm::sys::fs::remove_directories(root)); }
  TempDir(const TempDir &) = delete;
  TempDir &operator=(const TempDir &) = delete;

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> result = root;
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  /// The names of everything in the directory.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator it(root, code), end;
         it != end && !code; it.increment(code))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    return names;
  }

private:
  llvm::SmallString<128> root;
};

/// The message of an error; empty for success.
inline std::string messageOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

} // namespace lrc::test

#endif // LRC_TEST_UNIT_TENSOR_TESTUTILS_H
