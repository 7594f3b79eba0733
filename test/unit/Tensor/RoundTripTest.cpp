//===- RoundTripTest.cpp - What is written is read back -------------------===//
//
// Part of lrc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestUtils.h"
#include "lib/Tensor/TensorFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace lrc;
using namespace lrc::test;

/// Writes, reads, and compares names, order and every byte.
static void expectRoundTrip(StringRef extension, const TensorMap &tensors) {
  TempDir dir;
  std::string path = dir.path(("x" + extension).str());
  Error error = writeTensors(path, tensors);
  ASSERT_EQ(messageOf(std::move(error)), "");
  Expected<TensorMap> result = readTensors(path);
  if (!result)
    FAIL() << messageOf(result.takeError());
  ASSERT_EQ(result->size(), tensors.size());
  auto got = result->begin();
  for (const auto &[name, tensor] : tensors) {
    EXPECT_EQ(got->first, name);
    EXPECT_TRUE(bitwiseEqual(got->second, tensor)) << name;
    ++got;
  }
}

static const std::vector<std::vector<int64_t>> &shapes() {
  static const std::vector<std::vector<int64_t>> all = {
      {}, {1}, {7}, {2, 3}, {0}, {3, 0, 2}, {2, 3, 4, 5}, {1, 1, 1}};
  return all;
}

TEST(RoundTripTest, NpyOfEveryDTypeAndShape) {
  for (DType dtype : allDTypes())
    for (const std::vector<int64_t> &shape : shapes()) {
      TensorMap tensors;
      tensors["x"] = rampTensor(dtype, shape);
      expectRoundTrip(".npy", tensors);
    }
}

static TensorMap everyDTypeAndShape(bool withC128) {
  TensorMap tensors;
  for (const std::vector<int64_t> &shape : shapes())
    for (DType dtype : allDTypes())
      if (withC128 || dtype != DType::C128)
        tensors[(dtypeName(dtype) + shapeToString(shape)).str()] =
            rampTensor(dtype, shape);
  return tensors;
}

TEST(RoundTripTest, NpzOfEveryDTypeAndShape) {
  expectRoundTrip(".npz", everyDTypeAndShape(/*withC128=*/true));
}

TEST(RoundTripTest, SafetensorsOfEveryDTypeAndShape) {
  expectRoundTrip(".safetensors", everyDTypeAndShape(/*withC128=*/false));
}

TEST(RoundTripTest, NoTensors) {
  expectRoundTrip(".npz", {});
  expectRoundTrip(".safetensors", {});
}

TEST(RoundTripTest, OddNames) {
  TensorMap tensors;
  for (const char *name : {"", "a b", "layer.0/weight", "\xc3\xa9\xe2\x82\xac",
                           "\"quoted\"", "back\\slash", "x.npy", "tab\t"})
    tensors[name] = rampTensor(DType::F32, {2});
  expectRoundTrip(".npz", tensors);
  expectRoundTrip(".safetensors", tensors);
}

TEST(RoundTripTest, HighestRank) {
  TensorMap tensors;
  tensors["x"] =
      Tensor(DType::U8, SmallVector<int64_t>(Tensor::maxRank, int64_t(1)));
  for (const char *extension : {".npy", ".npz", ".safetensors"})
    expectRoundTrip(extension, tensors);
}

TEST(RoundTripTest, LargeTensor) {
  // Large enough that the file is mapped and libzip reads it in pieces.
  TensorMap tensors;
  tensors["x"] = rampTensor(DType::F32, {300, 1000});
  for (const char *extension : {".npy", ".npz", ".safetensors"})
    expectRoundTrip(extension, tensors);
}

TEST(RoundTripTest, EqualTensorsGiveEqualBytes) {
  TempDir dir;
  TensorMap tensors;
  tensors["b"] = rampTensor(DType::BF16, {3});
  tensors["a"] = rampTensor(DType::F64, {2});
  for (StringRef extension : {".npz", ".safetensors"}) {
    std::string first = dir.path(("1" + extension).str());
    std::string second = dir.path(("2" + extension).str());
    ASSERT_EQ(messageOf(writeTensors(first, tensors)), "");
    ASSERT_EQ(messageOf(writeTensors(second, tensors)), "");
    auto a = MemoryBuffer::getFile(first), b = MemoryBuffer::getFile(second);
    ASSERT_TRUE(a && b);
    EXPECT_EQ((*a)->getBuffer(), (*b)->getBuffer());
  }
}
